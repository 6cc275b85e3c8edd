/**
 * `replacements` of sfdx-project.json: texts of files that become others on their way into the package, and nowhere else.
 * As Salesforce's own tools do it, but that variables are those of the request, never of a machine's environment.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute, join, matchesGlob } from 'node:path/posix'
import { FatalError } from '../../errors/steering.ts'
import { isInside, isReallyInside } from '../../sources/inside.ts'
import type { Replacement } from './replacement.ts'

export interface Variable {
  readonly text: string
  readonly isSecret: boolean
}

/** What the request gives, by name. */
export type Variables = ReadonlyMap<string, Variable>

/** What became of one replacement, without what it put in. */
export interface Replaced {
  readonly what: string
  readonly files: number
  /** It names one file, and that has nothing to replace. */
  readonly isMissed: boolean
}

interface Ready extends Replacement {
  readonly pattern: RegExp
  readonly text: string
  readonly isSecret: boolean
  files: number
}

export class Replacer {
  readonly #root: string
  readonly #ready: readonly Ready[]
  #putSecret = false

  /** Those whose conditions hold. Throws FatalError for a file or a variable that is not there. */
  constructor(root: string, replacements: readonly Replacement[], variables: Variables) {
    this.#root = root
    this.#ready = replacements.filter(holds(variables)).map((one) => ready(root, one, variables))
  }

  /** A secret went into the package: nothing that is made of its bytes may be shown. */
  get hasPutSecret(): boolean {
    return this.#putSecret
  }

  get done(): readonly Replaced[] {
    return this.#ready.map(({ what, files, filename }) => ({
      what,
      files,
      isMissed: filename !== undefined && files === 0,
    }))
  }

  /** A file of the project, by its path in it, as it goes into the package. */
  readonly read = (file: string): Uint8Array => {
    const bytes = readFileSync(join(this.#root, file))
    const fitting = this.#ready.filter((one) => isMeant(one, file))
    if (fitting.length === 0 || !isText(bytes)) return bytes
    const before = bytes.toString('utf8')
    const after = fitting.reduce((text, one) => this.#replace(text, one), before)
    return after === before ? bytes : Buffer.from(after)
  }

  #replace(text: string, one: Ready): string {
    // A text is put in as it is; in one for a pattern $1 is a group of it, as Salesforce's tools have it.
    const isLiteral = one.regexToReplace === undefined || one.isSecret
    const replaced = isLiteral ? text.replace(one.pattern, () => one.text) : text.replace(one.pattern, one.text)
    if (replaced === text) return text
    one.files++
    this.#putSecret ||= one.isSecret
    return replaced
  }
}

function holds(variables: Variables): (one: Replacement) => boolean {
  return ({ conditions }) => conditions.every(({ env, value }) => variables.get(env)?.text === value)
}

function ready(root: string, one: Replacement, variables: Variables): Ready {
  const { stringToReplace, regexToReplace = '' } = one
  const escaped = stringToReplace?.replace(/[-/\\^$*+?.()|[\]{}]/g, '\\$&')
  const pattern = new RegExp(escaped ?? regexToReplace, 'g')
  const { text, isSecret } = one.file === undefined ? fromVariable(one, variables) : fromFile(root, one, one.file)
  return { ...one, pattern, text, isSecret, files: 0 }
}

function fromVariable({ what, env = '', mayBeUnset }: Replacement, variables: Variables): Variable {
  const variable = variables.get(env) ?? (mayBeUnset ? { text: '', isSecret: false } : undefined)
  if (variable) return variable
  throw new FatalError(
    `sfdx-project.json: ${what} needs the variable ${env}: give it under env, or under secretEnv, of deploy.validate or deploy.run, or say "allowUnsetEnvVariable": true there`,
  )
}

function fromFile(root: string, { what }: Replacement, file: string): Variable {
  const path = join(root, file)
  if (!isAbsolute(file) && isInside(path, root) && isReallyInside(path, root)) {
    try {
      const text = readFileSync(path, 'utf8').trim()
      if (text !== '') return { text, isSecret: false }
    } catch {
      // The sentence below says it.
    }
  }
  throw new FatalError(`sfdx-project.json: ${what} needs the file ${file}, which is not in the project or empty`)
}

/** By its path or the end of it; a glob may begin anywhere. */
function isMeant({ filename, glob = '' }: Replacement, path: string): boolean {
  if (filename !== undefined) return path === filename || path.endsWith(`/${filename}`)
  return matchesGlob(path, glob) || matchesGlob(path, `**/${glob}`)
}

const lookedAtBytes = 8_000

/** What is none would be damaged. */
function isText(bytes: Buffer): boolean {
  if (bytes.subarray(0, lookedAtBytes).includes(0)) return false
  return Buffer.compare(Buffer.from(bytes.toString('utf8')), bytes) === 0
}
