/** The value of a secret, from a pipe or from somebody who types it unseen; never from argv, which others can read. */
import { CommandError, EXIT, Interrupted } from './exit.ts'
import type { Io } from './io.ts'

const mostBytes = 64 * 1024

/** In a buffer to be wiped. One end of line at its end is not part of it, unless `exact`. */
export async function readSecret(
  { stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>,
  prompt: string,
  exact: boolean,
): Promise<Buffer<ArrayBuffer>> {
  const taken = new Taken()
  try {
    if (stdin.isTTY) await typed(stdin, stderr, prompt, taken)
    else for await (const chunk of stdin) wiped(chunk, () => taken.add(chunk))
    return taken.value(exact || stdin.isTTY)
  } catch (error) {
    taken.wipe()
    throw error
  }
}

/** What the work leaves of the bytes: nothing, also when it fails. */
function wiped<T>(bytes: Uint8Array, work: () => T): T {
  try {
    return work()
  } finally {
    bytes.fill(0)
  }
}

/** Grows by nothing: what is copied about cannot be wiped. */
class Taken {
  readonly #bytes = Buffer.from(new ArrayBuffer(mostBytes + 2))
  #length = 0

  add(chunk: Uint8Array): void {
    if (this.#length + chunk.length > this.#bytes.length) throw tooLong()
    this.#bytes.set(chunk, this.#length)
    this.#length += chunk.length
  }

  /** Takes back the last character, all its bytes. */
  back(): void {
    while (this.#length > 0) {
      this.#length--
      const byte = this.#bytes[this.#length] ?? 0
      this.#bytes[this.#length] = 0
      if ((byte & 0xc0) !== 0x80) return
    }
  }

  value(exact: boolean): Buffer<ArrayBuffer> {
    if (!exact && this.#bytes[this.#length - 1] === 0x0a) this.#length--
    if (!exact && this.#bytes[this.#length - 1] === 0x0d) this.#length--
    if (this.#length > mostBytes) throw tooLong()
    if (this.#length === 0) throw new CommandError('the value is empty: pipe it in, or type it', EXIT.USAGE)
    return this.#bytes.subarray(0, this.#length)
  }

  wipe(): void {
    this.#bytes.fill(0)
  }
}

function tooLong(): CommandError {
  return new CommandError('the value is longer than 64 KiB: a secret must be shorter', EXIT.USAGE)
}

const key = { interrupt: 0x03, end: 0x04, back: 0x08, delete: 0x7f, enter: 0x0d, line: 0x0a }

/** Raw mode shows nothing of what is typed; it comes before the prompt, which invites to type. */
async function typed(stdin: Io['stdin'], stderr: Io['stderr'], prompt: string, taken: Taken): Promise<void> {
  stdin.setRawMode(true)
  try {
    stderr.write(prompt)
    for await (const chunk of stdin) if (wiped(chunk, () => takeKeys(chunk, taken))) return
  } finally {
    stdin.setRawMode(false)
    stderr.write('\n')
  }
}

/** Whether the value is complete. */
function takeKeys(chunk: Buffer, taken: Taken): boolean {
  for (const [at, byte] of chunk.entries()) {
    if (byte === key.interrupt) throw new Interrupted()
    if (byte === key.enter || byte === key.line || byte === key.end) return true
    if (byte === key.back || byte === key.delete) taken.back()
    else taken.add(chunk.subarray(at, at + 1))
  }
  return false
}
