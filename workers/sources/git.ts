/** Working trees from git, fetched without ever running code of the repository or asking anybody for a password. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { FatalError, invalidInput, RetryableError } from '../errors/steering.ts'

export interface GitReference {
  readonly url: string
  /** A branch, a tag or the full id of a commit. */
  readonly ref: string
}

export interface Checkout {
  readonly directory: string
  /** Where links would be followed by whoever reads the tree, they become small text files instead. */
  readonly withLinks: boolean
  /** Gives the token to use, as bytes; it reaches git through a pipe, never through argv or the environment. */
  readonly token?: (<T>(use: (bytes: Uint8Array) => T) => T | Promise<T>) | undefined
  readonly signal: AbortSignal
}

/** A local path would read what the caller may not; a helper protocol such as `ext::` would run commands. */
const protocols = ['https', 'http', 'ssh', 'git'] as const
/** A password in it would be in logs and in what is stored of a task. */
const urlPattern = /^(?:(https|http|ssh|git):\/\/(?![^/?#\s]*:[^/?#\s]*@)[^\s]+|[\w.-]+@[\w.-]+:[^\s]+)$/
const passwordPattern = /:\/\/[^/?#\s]*:[^/?#\s]*@|^[^/?#\s@]*:[^/?#\s]*@/
const refPattern = /^[A-Za-z0-9_][A-Za-z0-9_./@+-]{0,254}$/
/** Of what git says: the end of its complaints, the beginning of all else. */
const keptCharacters = 2_000

/** The JSON schema of a reference, for kinds that take one. */
export const gitSchema = {
  type: 'object',
  required: ['url', 'ref'],
  additionalProperties: false,
  properties: {
    url: {
      type: 'string',
      maxLength: 2_000,
      pattern: urlPattern.source,
      description: `a URL with ${protocols.join(', ')}, or user@host:path; without a password: a token goes under git.token`,
    },
    ref: { type: 'string', pattern: refPattern.source, description: 'a branch, a tag or a commit' },
  },
} as const

/** Fills the directory with the tree at `ref`, without its history. Resolves with the commit's id. */
export async function checkOut({ url, ref }: GitReference, checkout: Checkout): Promise<{ commit: string }> {
  refuseStrange(url, ref)
  mkdirSync(checkout.directory, { recursive: true })
  await git(['init', '--quiet'], checkout)
  await git(
    [...helperOf(checkout.token), 'fetch', '--quiet', '--depth=1', '--no-tags', '--', url, ref],
    checkout,
    checkout.token,
  )
  await git(['-c', `core.symlinks=${checkout.withLinks}`, 'checkout', '--quiet', '--detach', 'FETCH_HEAD'], checkout)
  return { commit: (await git(['rev-parse', 'HEAD'], checkout)).trim() }
}

const commitPattern = /^[0-9a-f]{40}$/

/** The id of the commit that a reference is now, without fetching it; INVALID_INPUT where there is none. */
export async function commitOf({ url, ref }: GitReference, checkout: Omit<Checkout, 'withLinks'>): Promise<string> {
  refuseStrange(url, ref)
  if (commitPattern.test(ref)) return ref
  mkdirSync(checkout.directory, { recursive: true })
  const names = namesOf(ref)
  const options = [...helperOf(checkout.token), 'ls-remote', '--', url, ...names]
  const listed = await git(options, { ...checkout, withLinks: false }, checkout.token)
  const commits = new Map(listed.split('\n').map((line) => line.split('\t').reverse() as [string, string]))
  const commit = names.map((name) => commits.get(name)).find((one) => one !== undefined)
  if (commit === undefined) throw invalidInput(`${url} has no branch and no tag ${ref}`)
  return commit
}

/** In the order in which git itself takes them; of a tag that is an object the commit. */
function namesOf(ref: string): readonly string[] {
  if (ref === 'HEAD' || ref.startsWith('refs/')) return [`${ref}^{}`, ref]
  return [`refs/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`]
}

function helperOf(token: Checkout['token']): string[] {
  return ['-c', 'credential.helper=', ...(token ? ['-c', `credential.helper=${fromPipe}`] : [])]
}

/** Checked here too, because a kind's schema may be looser than this one. A password is not told again. */
function refuseStrange(url: string, ref: string): void {
  if (passwordPattern.test(url)) throw invalidInput('the URL holds a password: give the token under git.token')
  if (urlPattern.test(url) && refPattern.test(ref)) return
  const message = `git takes a URL with ${protocols.join(', ')}, and as ref a branch, a tag or a commit: ${url} ${ref}`
  throw invalidInput(message)
}

const verbs: ReadonlySet<string> = new Set(['init', 'fetch', 'checkout', 'rev-parse', 'ls-remote'])

/** A helper that reads what it is asked for from fd 3. */
const fromPipe = '!f() { test "$1" = get && cat <&3; }; f'

async function git(
  args: readonly string[],
  { directory, signal }: Checkout,
  token?: Checkout['token'],
): Promise<string> {
  signal.throwIfAborted()
  const child = spawn('git', args, {
    cwd: directory,
    env: {
      ...process.env,
      GIT_ALLOW_PROTOCOL: protocols.join(':'),
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal,
  })
  const pipe = (child.stdio[3] as Writable).on('error', () => {})
  let [output, complaint] = ['', '']
  const [stdout, stderr] = [child.stdio[1], child.stdio[2]] as Readable[] as [Readable, Readable]
  stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(0, keptCharacters)))
  stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-keptCharacters)))
  const closed = once(child, 'close')
  await (token ? token((bytes) => hand(bytes, pipe)) : pipe.end())
  const [code] = await closed.catch((error) => Promise.reject(notRun(error)))
  if (code === 0) return output
  const verb = args.find((arg) => verbs.has(arg))
  const said = `git ${verb} failed: ${complaint.trim()}`
  if (refusals.test(complaint)) throw invalidInput(`${said}. Look at the URL, the ref and the token`)
  throw new (verb === 'fetch' || verb === 'ls-remote' ? RetryableError : FatalError)(said)
}

/** What a later try would be told, too: there is no such repository or ref, or it is not shown to whoever asks so. */
const refusals =
  /repository .*not found|does not (?:exist|appear to be a git repository)|couldn't find remote ref|not our ref|Authentication failed|could not read (?:Username|Password)|Permission denied|requested URL returned error: (?:401|403|404)|transport '.*' not allowed|Host key verification failed/i

/** The user's name does not matter to the forges when the password is a token. */
const before = new TextEncoder().encode('username=x-access-token\npassword=')
const after = new TextEncoder().encode('\n')

/** Resolves when the pipe has the bytes: until then they must not be wiped. */
function hand(bytes: Uint8Array, pipe: Writable): Promise<void> {
  pipe.write(before)
  pipe.write(bytes)
  return new Promise((resolve) => {
    pipe.once('close', resolve)
    pipe.end(after, resolve)
  })
}

function notRun(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error
  return new FatalError('git is not installed on the machine that runs the task')
}
