let lastMs = Number.NaN
let lastText = ''

/** `2026-01-31T08:00:00.000+0000`, as Salesforce writes times. Rows of the same moment share their text. */
export function salesforceTime(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms
    lastText = new Date(ms).toISOString().replace('Z', '+0000')
  }
  return lastText
}
