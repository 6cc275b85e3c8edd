const newline = 0x0a

/** Leaves the first line out: every page of results begins with the same header. */
export async function* withoutHeader(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isInHeader = true
  for await (const part of source) {
    if (!isInHeader) {
      yield part
      continue
    }
    const end = part.indexOf(newline)
    if (end < 0) continue
    isInHeader = false
    if (end + 1 < part.length) yield part.subarray(end + 1)
  }
}
