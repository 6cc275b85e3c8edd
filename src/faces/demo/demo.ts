/**
 * `npm run demo`: a server, two tenants, tasks in three pools, and their bars. With `-- --chaos` the server is killed in
 * the middle, with -9, and started again; nobody loses anything.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type ClientOptions, Mayfly } from '../../client/client.ts'
import type { TaskRequest } from '../../contract/request.ts'
import type { ContractTask } from '../../contract/task.ts'
import { next, type Seen, seenAtFirst } from '../cli/show/seen.ts'
import { type View, viewFor } from '../cli/show/view.ts'
import { DemoSalesforce } from './salesforce.ts'
import { DemoServer } from './server.ts'

const tenants = ['acme', 'globex'] as const
/** When the server is killed, and how long it stays away. */
const chaosAfterMs = 4_000
const chaosAwayMs = 500
/** The exit code after Ctrl-C. */
const interrupted = 130

const { values } = parseArgs({ options: { chaos: { type: 'boolean', default: false } } })
const data = await mkdtemp(join(tmpdir(), 'mayfly-demo-'))
const server = new DemoServer(data)
let salesforce: DemoSalesforce | undefined
process.once('SIGINT', () => void cleanUp().then(() => process.exit(interrupted)))
let exitCode = 1
try {
  exitCode = await demonstrate(values.chaos)
} finally {
  await cleanUp()
}
process.exit(exitCode)

async function cleanUp(): Promise<void> {
  await server.stop()
  await salesforce?.stop()
  await rm(data, { recursive: true, force: true })
}

async function demonstrate(chaos: boolean): Promise<number> {
  const { url, token } = await server.start()
  salesforce = await DemoSalesforce.start()
  say(`A server listens at ${url}, for as long as this lasts.`)
  say('Two tenants have tasks in three pools: each has a process of its own.')
  if (salesforce) say('Those of acme deploy to an emulated Salesforce, query it and back it up, too.')
  const owned = await Promise.all(tenants.map((tenant) => submitAll({ url, token }, tenant)))
  const view = viewFor(process, false, true)
  for (const { tasks } of owned) for (const task of tasks) view.add(seenInDemo(task))
  const watching = owned.flatMap(({ client, tasks }) => tasks.map((task) => watch(client, task, view)))
  if (chaos) await killAndRestart(view)
  const ends = await Promise.all(watching)
  const asked = owned.flatMap(({ client, tasks }) => tasks.map(({ id }) => client.get(id)))
  const ended = await Promise.all(asked)
  view.close(ended)
  return conclude(ended, ends)
}

async function submitAll(admin: ClientOptions, tenant: string) {
  await new Mayfly(admin).tenants.create({ name: tenant })
  const client = new Mayfly({ ...admin, tenant })
  const inOrg = tenant === tenants[0] ? ((await salesforce?.prepare(client)) ?? []) : []
  const tasks = await Promise.all([...requests(tenant), ...inOrg].map((request) => client.submit(request)))
  return { client, tasks }
}

/** Real work: ESLint looks at its own rules, commands count and sleep, a counter saves how far it got. */
function requests(tenant: string): readonly TaskRequest[] {
  const rules = join(dirname(fileURLToPath(import.meta.resolve('eslint'))), 'rules')
  const first = tenant === tenants[0] ? '[a-m]*.js' : '[n-z]*.js'
  const script = `for i in 1 2 3 4 5 6; do echo "${tenant}: step $i"; sleep 1; done`
  return [
    { kind: 'lint', input: { path: rules, include: [first], failOn: 'never' } },
    { kind: 'exec', input: { command: ['sh', '-c', script] } },
    { kind: 'count', input: { to: 60 } },
  ]
}

/** Resolves with the seqs that arrived: each once, in order, whatever happens to the server. */
async function watch(client: Mayfly, task: ContractTask, view: View): Promise<readonly number[]> {
  const seqs: number[] = []
  let seen = seenInDemo(task)
  const onLost = () => view.add({ ...seen, state: 'out of sight', phase: '', message: '' })
  for await (const event of client.watch(task.id, { onLost })) {
    seqs.push(event.seq)
    seen = next(seen, event)
    view.event(event, seen)
  }
  return seqs
}

function seenInDemo(task: ContractTask): Seen {
  return seenAtFirst(task, `${task.tenant} ${task.pool} ${task.kind}`)
}

async function killAndRestart(view: View): Promise<void> {
  await pause(chaosAfterMs)
  await server.kill()
  view.tell('The server was killed with -9. What ran with it is gone, and nothing else.')
  await pause(chaosAwayMs)
  await server.start()
  view.tell('It is back on the same data. What was running is requeued, from its last checkpoint.')
}

/** Holds Mayfly to its word. */
function conclude(ended: readonly ContractTask[], ends: readonly (readonly number[])[]): number {
  const isWhole = ends.every((seqs) => seqs.every((seq, at) => seq === at + 1))
  const succeeded = ended.filter(({ state }) => state === 'succeeded').length
  const again = ended.filter(({ attempt }) => attempt > 1).length
  say('')
  say(`${succeeded} of ${ended.length} tasks succeeded, ${again} of them in a second attempt.`)
  say(isWhole ? 'Every watcher saw every event once, in order.' : 'A watcher missed an event: that must not be.')
  say('Next: `npm start`, and the tour in README.md.')
  say('`npm run demo -- --chaos` kills the server in the middle.')
  return isWhole && succeeded === ended.length ? 0 : 1
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
