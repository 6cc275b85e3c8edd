import { basename } from 'node:path/posix'
import { childrenNamed, type Element, textOf } from '../xml.ts'

export interface Named {
  readonly type: string
  readonly name: string
  readonly line: number
  readonly column: number
}

export interface Manifest {
  readonly file: string
  /** What it is for: what is deployed, or what is deleted. */
  readonly isDestructive: boolean
  readonly members: readonly Named[]
  /** Names of types, also of those without members. */
  readonly types: readonly Named[]
  readonly version: string | undefined
}

export function manifestIn(file: string, root: Element): Manifest {
  const groups = childrenNamed(root, 'types')
  const members = groups.flatMap((group) =>
    childrenNamed(group, 'members').map(({ text, line, column }) => ({
      type: textOf(group, 'name') ?? '',
      name: text,
      line,
      column,
    })),
  )
  const types = groups.map((group) => {
    const { text = '', line, column } = group.children.find(({ name }) => name === 'name') ?? { ...group, text: '' }
    return { type: text, name: text, line, column }
  })
  const isDestructive = basename(file).startsWith('destructive')
  return { file, isDestructive, members, types, version: textOf(root, 'version') }
}
