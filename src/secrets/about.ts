/** What a value at rest is bound to: one that was moved to another place does not open. */

export function aboutSecret(tenant: string, name: string, version: number): string {
  return `${tenant}|${name}|${version}`
}

/** Of one that came with a task. */
export function aboutOneTime(task: string, name: string): string {
  return `once|${task}|${name}`
}
