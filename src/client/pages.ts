import { MayflyError } from './errors.ts'
import type { Call, Rest } from './rest.ts'

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string | null
}

/** Every item of a list, page by page as they are wanted. */
export async function* itemsOf<T>(rest: Rest, path: string, call: Call = {}): AsyncGenerator<T, void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<T> | null = await rest.get(path, { ...call, query: { ...call.query, cursor } })
    if (!Array.isArray(page?.items)) throw new MayflyError('UNEXPECTED', noList(rest))
    yield* page.items
    cursor = page.nextCursor ?? null
  }
}

function noList(rest: Rest): string {
  return `${rest.urlOf('').origin} did not answer with a list: see that it is a Mayfly`
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** A part of a path that came from outside. */
export function part(text: string): string {
  // A dot would be taken for a step in the path.
  return text === '.' || text === '..' ? text.replaceAll('.', '%252E') : encodeURIComponent(text)
}
