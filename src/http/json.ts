import { isUtf8 } from 'node:buffer'
import { Refusal } from '../task/errors.ts'

const deepestLevels = 64

/** Text as JSON; refuses what is not. What it contains is still to be searched for faults. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal('BAD_REQUEST', 'this is not JSON: it is not UTF-8')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The parser's own message would quote what was sent.
    throw new Refusal('BAD_REQUEST', 'this is not JSON: check its syntax')
  }
}

/** Refuses JSON that would poison a prototype, overflow a stack or change on its way through the store. */
export function refuseFaults(root: unknown): void {
  const fault = findFault(root)
  if (fault) throw new Refusal('BAD_REQUEST', fault)
}

/** Level by level rather than recursively: depth costs no stack. */
function findFault(root: unknown): string | undefined {
  const fault = faultOfScalar(root)
  if (fault) return fault
  let level: readonly object[] = isContainer(root) ? [root] : []
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= deepestLevels) return `this is nested too deeply: at most ${deepestLevels} levels are read`
    const below: object[] = []
    for (const container of level) {
      const fault = Array.isArray(container) ? faultInList(below, container) : faultInMembers(below, container)
      if (fault) return fault
    }
    level = below
  }
  return undefined
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** What lies a level below is added to `below`, to be looked into next. */
function faultInList(below: object[], list: readonly unknown[]): string | undefined {
  for (const item of list) {
    const fault = faultOfScalar(item)
    if (fault) return fault
    if (isContainer(item)) below.push(item)
  }
  return undefined
}

function faultInMembers(below: object[], members: object): string | undefined {
  for (const name of Object.keys(members)) {
    const member: unknown = members[name as keyof typeof members]
    if (isPoison(name, member)) return `the name ${name} is not allowed: rename it`
    if (!name.isWellFormed()) return 'a name is not well-formed Unicode: it has half a surrogate pair'
    const fault = faultOfScalar(member)
    if (fault) return fault
    if (isContainer(member)) below.push(member)
  }
  return undefined
}

function isPoison(name: string, member: unknown): boolean {
  if (name === '__proto__') return true
  return name === 'constructor' && isContainer(member) && Object.hasOwn(member, 'prototype')
}

function faultOfScalar(value: unknown): string | undefined {
  if (typeof value === 'string' && !value.isWellFormed()) {
    return 'a text is not well-formed Unicode: it has half a surrogate pair'
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number is too large: send it as text'
  return undefined
}
