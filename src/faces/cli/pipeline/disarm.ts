import { safe } from '../safe.ts'

/** Invisible, and no white space to any pipeline. */
const between = '\u200b'

/**
 * Text that no pipeline takes for a command to itself: `::error::` at the beginning of a line and `##[…]` anywhere are
 * GitHub's, `section_start:` is GitLab's. It must be harmless to terminals already, since a control sequence that is
 * taken out later could bring the halves of a command together.
 */
export function disarm(harmless: string): string {
  return harmless
    .replaceAll(/^([^\w\n]*?):(?=:)/gm, `$1:${between}`)
    .replaceAll('##[', `##${between}[`)
    .replaceAll(/section_(?=start:|end:)/g, `section${between}_`)
}

/** Text from a task or a stranger, harmless to whoever reads it. */
export function harmless(text: string): string {
  return disarm(safe(text))
}

/** JSON that says the same, and holds no command either: a line of it begins with no colon. */
export function harmlessJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replaceAll('##[', '##\\u005b')
    .replaceAll(/section_(?=start:|end:)/g, 'section\\u005f')
}
