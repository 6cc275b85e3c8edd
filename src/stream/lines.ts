/** A line longer than this is cut into pieces: nobody reads it, and it would have to be held in memory. */
export const maxLineBytes = 16 * 1024

const newline = 0x0a
const carriageReturn = 0x0d
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Cuts bytes into lines, however they were chopped; a character split between two chunks stays whole. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** The lines that this chunk completes, without their ends. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (let end = lineEnd(bytes); end >= 0; end = lineEnd(bytes)) {
      lines.push(toText(bytes.subarray(0, end)))
      bytes = bytes.subarray(bytes[end] === newline ? end + 1 : end)
    }
    // A copy, so that a few bytes do not keep a whole chunk alive.
    this.#rest = Buffer.from(bytes)
    return lines
  }

  /** What is left at the end of the stream: a last line without an end, or nothing. */
  end(): string[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? [] : [toText(rest)]
  }
}

/** Where the first line ends: at a newline, or at the limit if there is none before it; -1 when it goes on. */
function lineEnd(bytes: Buffer): number {
  const end = bytes.indexOf(newline)
  if (end >= 0 && end <= maxLineBytes) return end
  return bytes.length > maxLineBytes ? characterBoundary(bytes, maxLineBytes) : -1
}

/** Moves back over the continuation bytes of a UTF-8 character, so that it is not cut. */
function characterBoundary(bytes: Buffer, at: number): number {
  let boundary = at
  while (boundary > at - 4 && ((bytes[boundary] as number) & 0xc0) === 0x80) boundary--
  return boundary
}

function toText(line: Buffer): string {
  return decoder.decode(line.at(-1) === carriageReturn ? line.subarray(0, -1) : line)
}
