import { shown, Unpackable } from './refuse.ts'

const longestPartBytes = 255
const longestPathBytes = 2_048

/** The parts of an entry's name below the destination; none for the destination itself. Throws Unpackable. */
export function partsOf(name: string): readonly string[] {
  if (name.startsWith('/')) throw refused(name, 'is absolute')
  // What is not UTF-8 has become this character, and two names could have become one.
  if (name.includes('\u0000') || name.includes('\uFFFD')) throw refused(name, 'is not text')
  if (Buffer.byteLength(name) > longestPathBytes) throw refused(name, `is longer than ${longestPathBytes} bytes`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refused(name, 'leads outside')
  if (parts.some((part) => Buffer.byteLength(part) > longestPartBytes)) {
    throw refused(name, `has a part of more than ${longestPartBytes} bytes`)
  }
  return parts
}

/**
 * Checks where a link leads. All ways up must come first: from a place that is no link itself they lead where they seem
 * to, and whatever follows goes down only, through links of which the same is true.
 */
export function checkTarget(parts: readonly string[], target: string): void {
  const name = parts.join('/')
  if (target.startsWith('/')) throw refusedLink(name, 'to an absolute path')
  if (target.includes('\u0000') || target.includes('\uFFFD')) throw refusedLink(name, 'to what is not text')
  const steps = target.split('/').filter((step) => step !== '' && step !== '.')
  const down = steps.findIndex((step) => step !== '..')
  const ups = down < 0 ? steps.length : down
  if (ups > parts.length - 1) throw refusedLink(name, 'that leads outside')
  if (steps.includes('..', ups)) throw refusedLink(name, 'that goes down before it goes up')
}

function refused(name: string, why: string): Unpackable {
  return new Unpackable(`the archive is refused: its entry ${shown(name)} ${why}`)
}

function refusedLink(name: string, what: string): Unpackable {
  return new Unpackable(`the archive is refused: its entry ${shown(name)} is a link ${what}`)
}
