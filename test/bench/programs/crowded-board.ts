/** A board with very many tasks that wait: what it takes of the heap, and what the turns of its tasks cost. */
import { Board } from '../../../src/schedule/board.ts'
import { plan } from '../../../src/schedule/plan.ts'
import type { Waiting } from '../../../src/schedule/waiting.ts'
import { policyOf, waiting } from '../../schedule/fixture.ts'
import { heapMiB } from '../memory.ts'

const slots = 16
const [count = 0, tenants = 1] = process.argv.slice(2).map(Number)

const board = new Board(policyOf({ sharedSlots: slots }))
const running: string[] = []
let added = 0
let now = 1_700_000_000_000

function nextTask(tenant = `tenant-${added % tenants}`): Waiting {
  added += 1
  return waiting(String(added).padStart(9, '0'), { tenant, createdAt: now + added })
}

/** A journal costs the same whatever is queued; here it always has some more, so that only the board is measured. */
function restock(): boolean {
  const shortages = board.takeShortages()
  for (const shortage of shortages) {
    const tenant = 'lane' in shortage ? shortage.lane.place.tenant : undefined
    board.fill(
      shortage,
      Array.from({ length: shortage.look.limit }, () => nextTask(tenant)),
    )
  }
  return shortages.length > 0
}

function turn(): void {
  do {
    board.advance(now)
    for (let next = plan(board, now); next?.do === 'start'; next = plan(board, now)) {
      board.start(next.task.id, now)
      running.push(next.task.id)
    }
  } while (restock())
}

/** One task ends, one comes, one starts. */
function pass(): void {
  now += 10
  board.end(running.shift() ?? '', now, 'counts')
  board.add(nextTask())
  turn()
}

const emptyMiB = heapMiB()
for (let task = 0; task < count; task++) board.add(nextTask())
const grownMiB = heapMiB() - emptyMiB
turn()

process.on('message', ({ passes }: { passes: number }) => {
  const since = process.cpuUsage()
  for (let one = 0; one < passes; one++) pass()
  const { user, system } = process.cpuUsage(since)
  process.send?.({ microseconds: (user + system) / passes })
})
process.once('disconnect', () => process.exit(0))
process.send?.({ grownMiB })
