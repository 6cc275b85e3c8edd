/** A file that an attempt left to be kept, as its worker reports it: it lies under its number, never under its name. */
export interface ReportedArtifact {
  readonly number: number
  readonly name: string
  readonly contentType: string
}

/** An artifact as it is kept. */
export interface Artifact {
  readonly name: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
  readonly contentType: string
  /** Where it lies in the store; not for the outside. */
  readonly file: string
  /** Milliseconds since 1970, UTC. */
  readonly at: number
}

export const maxArtifacts = 1_000
export const defaultContentType = 'application/octet-stream'

const longestPartBytes = 255
const longestNameBytes = 1_024
const encoder = new TextEncoder()

/** What is wrong with a name, in one sentence; nothing when whoever downloads the artifact may use it as a path. */
export function faultOfName(name: string): string | undefined {
  if (typeof name !== 'string' || name === '') return 'an artifact needs a name'
  if (encoder.encode(name).length > longestNameBytes) return `an artifact's name has at most ${longestNameBytes} bytes`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(name)) return "an artifact's name has no control characters and no backslashes"
  for (const part of name.split('/')) {
    if (part === '' || part === '.' || part === '..') return "an artifact's name is a relative path without empty parts"
    if (part.startsWith('-')) return "no part of an artifact's name begins with '-'"
    if (encoder.encode(part).length > longestPartBytes)
      return `each part of its name has at most ${longestPartBytes} bytes`
  }
  return undefined
}

export function isContentType(text: string): boolean {
  return /^[\w.+-]{1,100}\/[\w.+-]{1,100}(; ?charset=[\w-]{1,40})?$/.test(text)
}
