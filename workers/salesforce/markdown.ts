/** A table for people; what stands in a cell cannot leave it. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const lines = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(cellOf).join(' | ')} |`)
  return `${lines.join('\n')}\n`
}

const maxCell = 500

function cellOf(value: string | number | null): string {
  const text = String(value ?? '').replace(/\s+/g, ' ')
  const shown = text.length > maxCell ? `${text.slice(0, maxCell)}…` : text
  return shown.replace(/[\\|<]/g, (character) => `\\${character}`)
}
