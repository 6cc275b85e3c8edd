import { FatalError } from '../errors/steering.ts'

/** An archive that is not unpacked, and the sentence that says why. Another try would end the same way. */
export class Unpackable extends FatalError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { code: 'INVALID_INPUT', ...options })
  }
}

const longestShownCharacters = 100

/** A name out of an archive as a person may see it: quoted, without control characters, never longer than a line. */
export function shown(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point
  const clean = name.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?')
  return JSON.stringify(clean.length > longestShownCharacters ? `${clean.slice(0, longestShownCharacters)}…` : clean)
}
