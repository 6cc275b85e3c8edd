/** What an org says of its objects. Everything else is made of these lists: they are looked at before anybody uses them. */
import type { Org } from './org.ts'

interface Named {
  readonly name: string
}

/** All objects that its user may see. */
export async function describeGlobal<O extends Named>(org: Org): Promise<readonly O[]> {
  const { sobjects } = (await org.request<{ sobjects?: unknown } | undefined>('/sobjects')) ?? {}
  if (isOfNamed<O>(sobjects)) return sobjects
  throw org.transport.strange('no list of objects', { step: org.step })
}

/** One object, with its fields. */
export async function describe<D extends { readonly fields: readonly Named[] }>(
  org: Org,
  object: string,
  step = `reading what ${object} is made of`,
): Promise<D> {
  const described = await org.request<D | undefined>(`/sobjects/${object}/describe`, { step })
  if (described && isOfNamed(described.fields)) return described
  throw org.transport.strange('no description of an object', { step })
}

function isOfNamed<T extends Named>(list: unknown): list is readonly T[] {
  return Array.isArray(list) && list.every((one: Partial<Named> | null) => typeof one?.name === 'string')
}
