/**
 * No-op tasks through the whole product, from submission to settlement. Arguments: slots, highest isolation level, and
 * most standbys, where not as many as usual.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble } from '../../../src/assemble.ts'
import { defaults } from '../../../src/config/defaults.ts'
import { hearSignalsAside } from '../../../src/process/signals-aside.ts'
import { systemLogger } from '../../../src/system/logger.ts'
import { collectGarbage } from '../../../src/system/memory.ts'
import { cleanEnvironment, pathOf } from '../program.ts'
import { answerWith } from './answer.ts'
import { measure, type Starts } from './starts.ts'

// As the server does once it has started over.
hearSignalsAside()

const [slots, level, standby] = process.argv.slice(2).map(Number) as [number, number, number?]
const caller = { tenant: 'default', role: 'admin', tokenId: 'bench' } as const

const data = mkdtempSync(join(tmpdir(), 'mayfly-bench-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

let left = 0
let emptied = () => {}

const config = {
  ...defaults(),
  port: 0,
  data,
  kinds: [pathOf('kinds')],
  isolation: { atMost: level },
  sharedSlots: slots,
  // What else the machine does must not change what is measured.
  scaling: false,
  ...(standby !== undefined && { standby }),
}
const mayfly = await assemble(config, systemLogger('error'), cleanEnvironment, {
  witness: (waypoint) => {
    if (waypoint === 'settle.freed' && --left === 0) emptied()
  },
})
// As the server does once it has started: each start of a process copies the map of what memory there is.
collectGarbage()

answerWith<Starts>({ level: mayfly.orchestrator.readiness().isolation.level }, ({ count }) =>
  measure(async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    emptied = resolve
    left = count
    await Promise.all(
      Array.from({ length: count }, () => mayfly.orchestrator.submit(caller, { kind: 'noop', input: null })),
    )
    await promise
  }),
)
