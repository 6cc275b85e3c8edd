import { MayflyError } from '../../../client/errors.ts'
import { all } from '../../../client/pages.ts'
import { closed, KindName } from '../../../contract/fragments.ts'
import { ContractKind } from '../../../contract/kinds.ts'
import { Type } from '../../../contract/schema.ts'
import { defineTool } from '../tool.ts'

const mostBytes = 64 * 1024

export const taskKinds = defineTool({
  name: 'task_kinds',
  title: 'Kinds of task',
  description:
    'What tasks there are: for each kind the JSON schema of its input, its pool, secrets and limits. Ask before task_submit.',
  input: closed({ kind: Type.Optional(KindName) }),
  output: closed({
    kinds: Type.Array(ContractKind),
    left: Type.Array(KindName, { description: 'kinds that are not shown, for length: ask for one by its name' }),
  }),
  async run({ kind }, { client }) {
    const found = await all(client.kinds())
    if (kind === undefined) return { value: fitting(found) }
    const wanted = found.filter((one) => one.kind === kind)
    if (wanted.length > 0) return { value: { kinds: wanted, left: [] } }
    const names = found.map((one) => one.kind).join(', ')
    throw new MayflyError('UNKNOWN_KIND', `there is no kind ${kind}: there are ${names}`)
  },
})

function fitting(found: readonly ContractKind[]): { kinds: ContractKind[]; left: string[] } {
  const kinds: ContractKind[] = []
  let bytes = 0
  for (const one of found) {
    bytes += Buffer.byteLength(JSON.stringify(one))
    if (bytes <= mostBytes) kinds.push(one)
  }
  return { kinds, left: found.filter((one) => !kinds.includes(one)).map(({ kind }) => kind) }
}
