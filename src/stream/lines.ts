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
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const whole = bytes.lastIndexOf(newline) + 1
    // Decoded at once: a call for each line of a flood would keep the orchestrator from everything else.
    const lines = whole === 0 ? [] : decoder.decode(bytes.subarray(0, whole - 1)).split('\n')
    if (bytes.length - whole > maxLineBytes || lines.some(mayBeLong)) return this.#cut(bytes)
    this.#keep(bytes.subarray(whole))
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  }

  /** Line by line, where one may be too long. */
  #cut(all: Buffer): string[] {
    const lines: string[] = []
    let bytes = all
    for (let line = firstLine(bytes); line; line = firstLine(bytes)) {
      lines.push(decoder.decode(bytes.subarray(0, line.end)))
      bytes = bytes.subarray(line.next)
    }
    this.#keep(bytes)
    return lines
  }

  /** A copy, so that a few bytes do not keep a whole chunk alive. */
  #keep(rest: Buffer): void {
    this.#rest = Buffer.from(rest)
  }

  /** What is left at the end of the stream: a last line without an end, or nothing. */
  end(): string[] {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    const cut = rest.length > maxLineBytes ? characterBoundary(rest) : rest.length
    return [rest.subarray(0, cut), rest.subarray(cut)]
      .filter((part) => part.length > 0)
      .map((part) => decoder.decode(part))
  }
}

/** No character takes more in UTF-8, by the unit of a JavaScript string; nor do bytes that are none. */
const maxBytesPerUnit = 3

function mayBeLong({ length }: string): boolean {
  return length * maxBytesPerUnit > maxLineBytes
}

/** Where the first line ends and what follows it begins: at a newline, or at the limit; undefined when it goes on. */
function firstLine(bytes: Buffer): { readonly end: number; readonly next: number } | undefined {
  const at = bytes.indexOf(newline)
  const end = at > 0 && bytes[at - 1] === carriageReturn ? at - 1 : at
  if (end >= 0 && end <= maxLineBytes) return { end, next: at + 1 }
  // One byte more may be the first half of its end.
  if (bytes.length <= maxLineBytes + 1) return undefined
  const cut = characterBoundary(bytes)
  return { end: cut, next: cut }
}

/** The limit, or a little before it where it would cut a UTF-8 character. */
function characterBoundary(bytes: Buffer): number {
  let boundary = maxLineBytes
  while (boundary > maxLineBytes - 4 && ((bytes[boundary] as number) & 0xc0) === 0x80) boundary--
  return boundary
}
