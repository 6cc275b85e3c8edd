import { execFileSync } from 'node:child_process'
import { chmodSync, constants, mkdtempSync, openSync, readSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How often it is read: a full one would hold up whoever writes. */
const readEveryMs = 20

/**
 * A pipe with a name into which tasks write, outside of everything that the orchestrator manages: what really ran, and
 * when. Lines are `task who worker`; writes of this size are atomic, so their order is the order of what happened. No
 * file, because in a sandbox, where `directory` has to be one of the `mounts`, only such a pipe can be written to.
 */
export class Diary {
  readonly directory = mkdtempSync(join(tmpdir(), 'mayfly-diary-'))
  readonly path = join(this.directory, 'diary')
  readonly #buffer = Buffer.alloc(64 * 1024)
  readonly #pipe: number
  #read = ''

  constructor() {
    // Workers in a sandbox are another user.
    chmodSync(this.directory, 0o755)
    execFileSync('mkfifo', ['-m', '666', this.path])
    // Whoever may write too never sees the end of a pipe.
    this.#pipe = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK)
    setInterval(() => this.#take(), readEveryMs).unref()
  }

  /** A command that writes for about so many turns of 50 ms, beside a grandchild in a session of its own that never stops. */
  command(task: string, turns: number): string[] {
    const write = (who: string) => `echo "${task} ${who} $MAYFLY_WORKER" >> ${this.path}`
    const grandchild = `while :; do ${write('grandchild')}; sleep 0.1; done`
    const main = `i=0; while [ $i -lt ${turns} ]; do ${write('main')}; i=$((i+1)); sleep 0.05; done; ${write('end')}`
    return ['sh', '-c', `setsid sh -c '${grandchild}' & ${main}`]
  }

  get entries(): { task: string; who: string; worker: string }[] {
    this.#take()
    return this.#read
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [task = '', who = '', worker = ''] = line.split(' ')
        return { task, who, worker }
      })
  }

  /** Entries that a worker made after another worker of the same task had begun: two attempts at once. */
  overlaps(): string[] {
    const newest = new Map<string, string>()
    const ended = new Map<string, Set<string>>()
    const found: string[] = []
    for (const { task, who, worker } of this.entries) {
      const over = ended.get(task) ?? new Set()
      ended.set(task, over)
      if (over.has(worker)) found.push(`${task}: ${who} of ${worker} wrote after a later attempt had begun`)
      const before = newest.get(task)
      if (before !== undefined && before !== worker) over.add(before)
      newest.set(task, worker)
    }
    return found
  }

  #take(): void {
    for (;;) {
      try {
        this.#read += this.#buffer.toString('latin1', 0, readSync(this.#pipe, this.#buffer))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return
        throw error
      }
    }
  }
}
