import { MayflyError } from './errors.ts'
import type { Rest } from './rest.ts'

/** A long text answer, piece by piece as it comes; a piece never ends inside a character. */
export async function* textOf(rest: Rest, path: string, signal?: AbortSignal): AsyncGenerator<string, void> {
  const { body } = await rest.bytes('GET', path, { signal })
  if (!body) return
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const text = decoder.decode(part.value, { stream: true })
      if (text !== '') yield text
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw new MayflyError('UNREACHABLE', 'the answer broke off before its end: ask again', { cause: error })
  } finally {
    await reader.cancel().catch(() => {})
  }
}
