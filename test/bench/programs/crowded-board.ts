/** A board with very many tasks that wait: what it takes of the heap, and what the turns of its tasks cost. */
import { Board } from '../../../src/schedule/board.ts'
import { plan } from '../../../src/schedule/plan.ts'
import type { Waiting } from '../../../src/schedule/waiting.ts'
import { Store } from '../../../src/simulate/store.ts'
import { policyOf, waiting } from '../../schedule/fixture.ts'
import { heapMiB } from '../memory.ts'

const slots = 16
const [count = 0, tenants = 1] = process.argv.slice(2).map(Number)

const board = new Board(policyOf({ sharedSlots: slots }))
const store = new Store()
const running: string[] = []
let added = 0
let now = 1_700_000_000_000

/** What the journal knows the board need not keep: nobody here does. */
function nextTask(): Waiting {
  added += 1
  return waiting(String(added).padStart(9, '0'), { tenant: `tenant-${added % tenants}`, createdAt: now + added })
}

function turn(): void {
  do {
    board.advance(now)
    for (let next = plan(board, now); next?.do === 'start'; next = plan(board, now)) {
      store.delete(next.task)
      board.start(next.task.id, now)
      running.push(next.task.id)
    }
  } while (store.restock(board))
}

/** One task ends, one comes, one starts. */
function pass(): void {
  now += 10
  board.end(running.shift() ?? '', now, 'counts')
  const task = nextTask()
  store.add(task)
  board.add(task)
  turn()
}

const emptyMiB = heapMiB()
for (let task = 0; task < count; task++) board.add(nextTask())
const grownMiB = heapMiB() - emptyMiB
added = 0
for (let task = 0; task < count; task++) store.add(nextTask())
turn()

process.on('message', ({ passes }: { passes: number }) => {
  const since = process.cpuUsage()
  for (let one = 0; one < passes; one++) pass()
  const { user, system } = process.cpuUsage(since)
  process.send?.({ microseconds: (user + system) / passes })
})
process.once('disconnect', () => process.exit(0))
process.send?.({ grownMiB })
