import { createReadStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import type { Policy, TenantPolicy } from '../../../schedule/policy.ts'
import type { Load } from '../../../simulate/generate.ts'
import type { Outcome } from '../../../simulate/plot.ts'
import type { Arrival } from '../../../simulate/trace.ts'
import { action, collect, type Making } from '../command.ts'
import { CommandError, UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { numberOf } from '../request.ts'
import { figuresJson, figuresText } from '../show/figures.ts'

interface Options {
  readonly trace?: string
  readonly tenants: string
  readonly rate?: string
  readonly mix: string
  readonly hours: string
  readonly seed: string
  readonly burst: string
  readonly config: readonly string[]
  readonly quotas?: string
  readonly forecasts: string
  readonly nodes: string
  readonly plot?: string
  readonly json?: boolean
}

const most = {
  nodes: 10_000,
  tenants: 100_000,
  burst: 10_000,
  forecasts: 10_000,
  ratePerSecond: 100_000,
  hours: 100_000,
} as const

export function simulateCommand(making: Making): Command {
  return new Command('simulate')
    .description('Replay tasks on a clock of its own, by the very plan of the server, and say who would wait how long')
    .option('--trace <file>', 'tasks to replay, as `mayfly list --export` writes them; - for stdin')
    .option('--rate <number>', 'without a trace: tasks a second that come by chance')
    .option('--tenants <number>', 'of so many tenants, the second half as busy as the first and so on', '10')
    .option('--mix <critical:normal:batch>', 'parts of the tasks', '1:6:3')
    .option('--burst <number>', 'so many come together, at the most', '1')
    .option('--hours <number>', 'for so long', '1')
    .option('--seed <number>', 'the same seed, the same tasks', '1')
    .option('--config <file>', 'settings of the server; several times for a comparison', collect, [])
    .option('--quotas <file>', 'what single tenants may, as `mayfly tenants list --json` writes it')
    .option('--nodes <number>', 'the slots of so many servers', '1')
    .option('--forecasts <number>', 'tasks of each pool that are told their start, and checked; 0: none', '300')
    .option('--plot <file>', 'write a picture, as SVG')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples)
    .action(
      action<Options>(making, async ({ io, out }, options) => {
        const nodes = within('--nodes', options.nodes, most.nodes)
        const forecasts = within('--forecasts', options.forecasts, most.forecasts, 0)
        const arrivals = await arrivalsOf(io, options)
        const policies = await policiesOf(io, options)
        const outcomes = await replay(arrivals, policies, { nodes, forecasts })
        if (options.plot !== undefined) await draw(options.plot, outcomes)
        out.document(figuresJson(outcomes), () => figuresText(outcomes))
        return undefined
      }),
    )
}

const examples = `
Example:
  $ mayfly list --export trace.jsonl && mayfly simulate --trace trace.jsonl --config now.json --config then.json
  $ mayfly simulate --tenants 50 --rate 0.5 --mix 1:6:3 --hours 24 --nodes 4 --plot day.svg`

interface Named {
  readonly name: string
  readonly policy: Policy
  readonly tenants: ReadonlyMap<string, TenantPolicy>
}

async function replay(
  arrivals: readonly Arrival[],
  policies: readonly Named[],
  { nodes, forecasts }: { readonly nodes: number; readonly forecasts: number },
): Promise<Outcome[]> {
  const { simulate } = await import('../../../simulate/simulate.ts')
  const { onNodes } = await import('../../../simulate/nodes.ts')
  return policies.map(({ name, policy, tenants }) => {
    return { name, figures: simulate(arrivals, { policy: onNodes(policy, nodes), tenants, forecasts }) }
  })
}

async function arrivalsOf({ stdin }: Pick<Io, 'stdin'>, options: Options): Promise<readonly Arrival[]> {
  const { trace, rate } = options
  if (trace === undefined && rate === undefined) throw new UsageError('give tasks to replay with --trace or --rate')
  if (trace === undefined) return generated(loadOf(options, rate ?? ''))
  if (rate !== undefined) throw new UsageError('give either --trace or --rate, not both')
  const { readTrace, TraceError } = await import('../../../simulate/trace.ts')
  const input = trace === '-' ? stdin : createReadStream(trace)
  try {
    return await readTrace(trace === '-' ? 'stdin' : trace, linesOf(input))
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(error.message)
    if (isOfFiles(error)) throw new UsageError(`${trace} cannot be read: ${error.message}`)
    throw error
  }
}

/** An error of the stream comes out of the loop over its lines. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string, void> {
  const failed = new Promise<never>((_, reject) => input.once('error', reject))
  failed.catch(() => {})
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
  for (;;) {
    const line = await Promise.race([lines.next(), failed])
    if (line.done) return
    yield line.value
  }
}

async function generated(load: Load): Promise<readonly Arrival[]> {
  const { generate } = await import('../../../simulate/generate.ts')
  const { mostArrivals } = await import('../../../simulate/trace.ts')
  const expected = load.ratePerSecond * load.hours * 3600
  if (expected > mostArrivals) {
    throw new UsageError(`that makes some ${Math.round(expected)} tasks: lower --rate or --hours to ${mostArrivals}`)
  }
  const arrivals = [...generate(load)]
  if (arrivals.length === 0) throw new UsageError('no task came at all: raise --rate or --hours')
  return arrivals
}

function loadOf({ tenants, mix, hours, burst, seed }: Options, rate: string): Load {
  return {
    tenants: within('--tenants', tenants, most.tenants),
    ratePerSecond: positive('--rate', rate, most.ratePerSecond),
    mix: mixOf(mix),
    burst: within('--burst', burst, most.burst),
    hours: positive('--hours', hours, most.hours),
    seed: numberOf('--seed', seed),
  }
}

function mixOf(text: string): Load['mix'] {
  const [critical, normal, batch, ...more] = text.split(':').map(Number)
  const parts = [critical, normal, batch]
  if (
    more.length > 0 ||
    !parts.every((part) => part !== undefined && part >= 0 && part < Infinity) ||
    !parts.some(Boolean)
  ) {
    throw new UsageError(`--mix must be three numbers such as 1:6:3, not ${text}`)
  }
  return { critical: critical as number, normal: normal as number, batch: batch as number }
}

function within(flag: string, text: string, limit: number, least = 1): number {
  const number = numberOf(flag, text)
  if (Number.isInteger(number) && number >= least && number <= limit) return number
  throw new UsageError(`${flag} must be a whole number from ${least} to ${limit}, not ${text}`)
}

function positive(flag: string, text: string, limit: number): number {
  const number = numberOf(flag, text)
  if (number > 0 && number <= limit) return number
  throw new UsageError(`${flag} must be above 0 and at most ${limit}, not ${text}`)
}

/** The settings of each file; those of a server without any when there is none. */
async function policiesOf(
  { host }: Pick<Io, 'host'>,
  { config: files, quotas }: Pick<Options, 'config' | 'quotas'>,
): Promise<Named[]> {
  const granted = quotas === undefined ? [] : await tenantsIn(quotas)
  const named = async (name: string, file?: string) => ({ name, ...(await host.policy(file, granted)) })
  try {
    return await Promise.all(files.length === 0 ? [named('defaults')] : files.map((file) => named(file, file)))
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function tenantsIn(path: string) {
  const { readTenants } = await import('../tenants-file.ts')
  return readTenants(path)
}

async function draw(path: string, outcomes: readonly Outcome[]): Promise<void> {
  const { plot } = await import('../../../simulate/plot.ts')
  try {
    writeFileSync(path, plot(outcomes))
  } catch (error) {
    if (isOfFiles(error)) throw new CommandError(`${path} cannot be written: ${error.message}`)
    throw error
  }
}

function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
