/** What two runs of the same work have in common: all of it but names, ids, times and what it cost. */

const unlike =
  /^(?:apiUsage|calls|seconds|bytes|backup|\w*Ms|\w*At|\w*Seconds|from|to|until|since|quickDeployUntil|expires|sha256)$/
const id = /\b[0-9A-Za-z]{3}[0-9A-Za-z]{2}0{3,}[0-9A-Za-z]{3,}\b/g
const time = /\b20\d\d-?\d\d-?\d\dT\d\d:?\d\d(?::?\d\d)?(?:[.:-]?\d+)?(?:Z|\+0000)?\b/g
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g

/** JSON with what differs between runs replaced: `alias` is the name of the org in this one. */
export function alike(value: unknown, alias: string): string {
  const text = JSON.stringify(value, (key, member) => (unlike.test(key) ? undefined : member)) ?? 'nothing'
  return alikeText(text, alias)
}

export function alikeText(text: string, alias: string): string {
  return (
    text
      .replaceAll(alias, 'ORG')
      .replace(uuid, 'UUID')
      // Where one was lost, it is the second.
      .replace(/-scratch-\w+/g, '-scratch')
      .replace(id, (one) => `${one.slice(0, 3)}…`)
      .replace(time, 'TIME')
      .replace(/127\.0\.0\.1:\d+/g, 'HOST')
      .replace(/\b\d+(?:\.\d+)? m?s\b/g, 'SECONDS')
  )
}

/** A text of rows, which may come in any order. */
export function alikeLines(text: string, alias: string): string {
  return alikeText(text, alias).split('\n').toSorted().join('\n')
}
