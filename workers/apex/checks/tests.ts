import type { ApexParserRuleContext } from '@apexdevtools/apex-parser'
import { type Call, callOf, isOn } from '../calls.ts'
import type { Check, Report } from '../check.ts'
import { isTest, type Method, type Modifiers, type Scope } from '../scope.ts'

/** Tests that see the org's data, and tests that cannot fail. */
export function tests(report: Report): Check {
  const methods = new Map<ApexParserRuleContext, { readonly method: Method; asserts: boolean; calls: Set<string> }>()
  return {
    visit(node, { type, method }: Scope) {
      if (type?.node === node) tellAllData(type.modifiers)
      if (!method) return
      if (method.node === node) {
        tellAllData(method.modifiers)
        methods.set(node, { method, asserts: false, calls: new Set() })
      }
      const call = callOf(node)
      const within = methods.get(method.node)
      if (!call || !within) return
      within.calls.add(call.name)
      within.asserts ||= isAssertion(call)
    },
    end() {
      const helpers = assertingNames([...methods.values()])
      for (const { method, asserts, calls } of methods.values()) {
        if (!isTest(method.modifiers) || asserts || [...calls].some((name) => helpers.has(name))) continue
        report('apex/test-without-assert', method.node, `${method.name} asserts nothing`)
      }
    },
  }

  function tellAllData({ annotations }: Modifiers): void {
    const seeing = annotations.find(({ text }) => /^istest\(.*seealldata=true/.test(text))
    if (seeing) report('apex/see-all-data', seeing.node, 'a test sees the data of the org')
  }
}

/** Methods of the file that assert, themselves or through others of it. */
function assertingNames(
  methods: readonly { readonly method: Method; readonly asserts: boolean; readonly calls: ReadonlySet<string> }[],
): ReadonlySet<string> {
  const names = new Set(methods.filter(({ asserts }) => asserts).map(({ method }) => method.name.toLowerCase()))
  for (let before = -1; before < names.size; ) {
    before = names.size
    for (const { method, calls } of methods) {
      if ([...calls].some((name) => names.has(name))) names.add(method.name.toLowerCase())
    }
  }
  return names
}

/** The platform's assertions, and what test libraries and helpers call theirs. */
function isAssertion(call: Call): boolean {
  if (isOn(call, 'assert')) return true
  return (
    /^(assert|verify|expect|should|fail)/.test(call.name) || (isOn(call, 'system') && call.name.startsWith('assert'))
  )
}
