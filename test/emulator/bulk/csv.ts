/** Names of delimiters as jobs give them. */
export const delimiters: Readonly<Record<string, string>> = {
  COMMA: ',',
  TAB: '\t',
  PIPE: '|',
  SEMICOLON: ';',
  BACKQUOTE: '`',
  CARET: '^',
}

/** Salesforce puts quotes around every cell that it sends. */
export function csvLine(cells: readonly string[], delimiter: string, end: string): string {
  return cells.map(quoted).join(delimiter) + end
}

/** Rows of cells, line by line. Quoted cells may hold delimiters, line ends and doubled quotes. */
export function* csvRows(text: string, delimiter: string): Generator<string[]> {
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const row: string[] = []
    for (let ended = false; !ended; ) {
      const cell = cellAt(text, at, delimiter)
      row.push(cell.value)
      at = cell.next
      ended = cell.isLast
    }
    if (row.length > 1 || row[0] !== '') yield row
  }
}

interface Cell {
  readonly value: string
  readonly next: number
  readonly isLast: boolean
}

function cellAt(text: string, at: number, delimiter: string): Cell {
  if (text[at] !== '"') return plainCell(text, at, delimiter)
  let value = ''
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return { value: value + text.slice(from), next: text.length, isLast: true }
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') {
      const rest = plainCell(text, quote + 1, delimiter)
      return { ...rest, value: value + rest.value }
    }
    value += '"'
    from = quote + 2
  }
}

function plainCell(text: string, at: number, delimiter: string): Cell {
  for (let end = at; end < text.length; end += 1) {
    const character = text[end]
    if (character === delimiter) return { value: text.slice(at, end), next: end + 1, isLast: false }
    if (character === '\n') {
      const value = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end)
      return { value, next: end + 1, isLast: true }
    }
  }
  return { value: text.slice(at), next: text.length, isLast: true }
}

function quoted(cell: string): string {
  return cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : `"${cell}"`
}
