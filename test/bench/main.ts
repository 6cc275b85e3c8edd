/** `npm run bench -- NAME…`: one JSON line per result; without a name all of them. */
import { bulk } from './bulk.ts'
import { client } from './client.ts'
import { command } from './command.ts'
import { fairness } from './fairness.ts'
import { fanout } from './fanout.ts'
import { firstLine } from './first-line.ts'
import type { Bench } from './harness.ts'
import { idle } from './idle.ts'
import { mask } from './mask.ts'
import { planScale } from './plan-scale.ts'
import { preempt } from './preempt.ts'
import { sandbox } from './sandbox.ts'
import { simulation } from './simulate.ts'
import { standbyMemory } from './standby-memory.ts'
import { start } from './start.ts'
import { starvation } from './starvation.ts'
import { submit } from './submit.ts'
import { burst, throughput } from './throughput.ts'
import { underLoad } from './under-load.ts'

const benches: Readonly<Record<string, Bench>> = {
  start,
  sandbox,
  throughput,
  burst,
  'first-line': firstLine,
  'under-load': underLoad,
  'standby-memory': standbyMemory,
  submit,
  fanout,
  idle,
  client,
  command,
  mask,
  preempt,
  fairness,
  starvation,
  'plan-scale': planScale,
  simulate: simulation,
  bulk,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(benches, name))

if (unknown.length > 0) {
  process.stderr.write(`there is no bench ${unknown.join(', ')}: choose from ${Object.keys(benches).join(', ')}\n`)
  process.exitCode = 64
} else {
  for (const name of names.length > 0 ? names : Object.keys(benches)) {
    for await (const line of benches[name]?.() ?? []) process.stdout.write(`${JSON.stringify(line)}\n`)
  }
}
