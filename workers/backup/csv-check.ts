/**
 * Passes CSV on as it is and looks at its form on the way, byte by byte and without making rows of it: what an org sends
 * is trusted only when every record has the columns of the first, and the last one ends.
 */
const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a

export interface Checked {
  /** Without the line of the columns. */
  records: number
}

/** Throws for a record of another width, and for one that never ends. */
export async function* checkedCsv(source: AsyncIterable<Uint8Array>, checked: Checked): AsyncGenerator<Uint8Array> {
  let [isQuoted, isInRecord, commas, width, lines] = [false, false, 0, -1, 0]
  const endRecord = () => {
    if (width < 0) width = commas
    if (commas !== width)
      throw new MalformedCsv(`record ${lines} has ${commas + 1} columns, the first has ${width + 1}`)
    lines += 1
    commas = 0
    isInRecord = false
  }
  for await (const part of source) {
    for (const byte of part) {
      if (byte === lineFeed && !isQuoted) {
        if (isInRecord) endRecord()
        continue
      }
      isInRecord = true
      // A doubled quote inside of a value ends it and begins it again.
      if (byte === quote) isQuoted = !isQuoted
      else if (byte === comma && !isQuoted) commas += 1
    }
    yield part
  }
  if (isQuoted) throw new MalformedCsv(`record ${lines} has a quote that never ends`)
  if (isInRecord) endRecord()
  checked.records = Math.max(0, lines - 1)
}

export class MalformedCsv extends Error {}
