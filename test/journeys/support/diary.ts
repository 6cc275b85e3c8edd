import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A file to which tasks append, outside of everything that the orchestrator manages: what really ran, and when.
 * Lines are `task who worker`; appends of this size are atomic, so their order is the order of what happened.
 */
export class Diary {
  readonly path = join(mkdtempSync(join(tmpdir(), 'mayfly-diary-')), 'diary')

  constructor() {
    writeFileSync(this.path, '')
  }

  /** A command that writes for about so many turns of 50 ms, beside a grandchild in a session of its own that never stops. */
  command(task: string, turns: number): string[] {
    const write = (who: string) => `echo "${task} ${who} $MAYFLY_WORKER" >> ${this.path}`
    const grandchild = `while :; do ${write('grandchild')}; sleep 0.05; done`
    const main = `i=0; while [ $i -lt ${turns} ]; do ${write('main')}; i=$((i+1)); sleep 0.05; done; ${write('end')}`
    return ['sh', '-c', `setsid sh -c '${grandchild}' & ${main}`]
  }

  get entries(): { task: string; who: string; worker: string }[] {
    return readFileSync(this.path, 'utf8')
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
}
