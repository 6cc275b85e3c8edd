/** Metadata in parts that an org gives in one retrieve. */

export interface Member {
  readonly type: string
  readonly name: string
}

/** An org refuses more than 10,000 files; some members are several. */
export const mostMembers = 4_000

export function chunksOf(members: readonly Member[], size = mostMembers): Member[][] {
  const sorted = members.toSorted((one, other) => order(one.type, other.type) || order(one.name, other.name))
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, at) => sorted.slice(at * size, (at + 1) * size))
}

/** What to ask for instead of a part that was too large; one member alone cannot be made smaller. */
export function halvesOf(chunk: readonly Member[]): [Member[], Member[]] | undefined {
  const middle = Math.ceil(chunk.length / 2)
  return chunk.length < 2 ? undefined : [chunk.slice(0, middle), chunk.slice(middle)]
}

/** As package.xml names them: the types with their members. */
export function typesOf(chunk: readonly Member[]): { name: string; members: string[] }[] {
  const types = new Map<string, string[]>()
  for (const { type, name } of chunk) types.set(type, [...(types.get(type) ?? []), name])
  return [...types].map(([name, members]) => ({ name, members }))
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
