/** The same tasks as a map of all of them. */
import type { Waiting } from '../../../src/schedule/waiting.ts'
import { waiting } from '../../schedule/fixture.ts'
import { heapMiB } from '../memory.ts'

const [count = 0, tenants = 1] = process.argv.slice(2).map(Number)
const all = new Map<string, Waiting>()
const emptyMiB = heapMiB()
for (let task = 1; task <= count; task++) {
  const id = String(task).padStart(9, '0')
  all.set(id, waiting(id, { tenant: `tenant-${task % tenants}`, createdAt: task }))
}
process.once('disconnect', () => process.exit(0))
process.send?.({ grownMiB: heapMiB() - emptyMiB, count: all.size })
