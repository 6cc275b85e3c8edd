/** `2026-01-31T08:00:00.000+0000`, as Salesforce writes times. */
export function salesforceTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000')
}
