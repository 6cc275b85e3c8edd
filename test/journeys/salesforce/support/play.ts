/** One cell of the matrix: the work, what happens to it at one request, and what is then not as it should be. */
import type { ContractTask } from '../../../../src/contract/task.ts'
import { ERROR_CLASSES } from '../../../../workers/salesforce/errors.ts'
import type { Cell } from './cells.ts'
import { alike, alikeLines } from './same.ts'
import type { Scenario, Stage } from './scenarios.ts'
import type { Theatre } from './theatre.ts'

export interface Undisturbed {
  /** To its org, and to those that it makes. */
  readonly requests: number
  readonly attempts: number
  readonly outcome: Outcome
}

/** In a form that is the same for the same, whichever org it was. */
interface Outcome {
  /** The result. */
  readonly told: string
  /** What is in the org. */
  readonly done: string
  readonly artifacts: string
}

function pictureOf({ picture }: Scenario, stage: Stage): string {
  return alike(picture?.(stage) ?? null, stage.alias)
}

export async function playUndisturbed(theatre: Theatre, scenario: Scenario): Promise<Undisturbed> {
  const stage = await theatre.stage()
  const input = await scenario.prepare(stage)
  const { requests } = theatre.salesforce.emulator
  const before = requests.length
  const task = await theatre.ended((await theatre.submit(scenario, stage, input)).id)
  if (task?.state !== 'succeeded') {
    const { state, error } = task ?? { state: 'not over after a minute', error: null }
    throw new Error(`${scenario.name} is ${state} although nothing happens: ${error?.message}`)
  }
  const own = requests.slice(before).filter(({ org }) => org.startsWith(stage.alias))
  return { requests: own.length, attempts: task.attempt, outcome: await outcomeOf(theatre, scenario, stage, task) }
}

export interface Played {
  /** Whether it has happened to the task: not when that is over before its request, say. */
  readonly hasHappened: boolean
  /** What is not as it should be, as sentences. */
  readonly flaws: readonly string[]
}

export async function play(theatre: Theatre, cell: Cell, undisturbed: Undisturbed): Promise<Played> {
  const stage = await theatre.stage()
  const input = await cell.scenario.prepare(stage)
  const before = pictureOf(cell.scenario, stage)
  const { task, hasHappened } = await disturbed(theatre, cell, stage, input)
  theatre.salesforce.emulator.faults.clear()
  const flaws = task
    ? await judge(theatre, task, cell, { ...undisturbed, before }, stage)
    : ['it has not ended after a minute']
  await theatre.clear(stage)
  const complaints = theatre.salesforce.emulator.complaints().filter((one) => one.startsWith(stage.alias))
  return { hasHappened, flaws: [...flaws, ...complaints] }
}

async function disturbed(
  theatre: Theatre,
  { scenario, at, disturbance }: Cell,
  stage: Stage,
  input: Awaited<ReturnType<Scenario['prepare']>>,
): Promise<{ task: ContractTask | null; hasHappened: boolean }> {
  const submitted = Promise.withResolvers<string>()
  const struck = Promise.withResolvers<true>()
  const victim = theatre.victim(submitted.promise)
  const act = disturbance.action?.(victim)
  if (act)
    theatre.salesforce.emulator.faults.add({
      match: ({ org }) => org.startsWith(stage.alias),
      after: at - 1,
      times: disturbance.isLasting ? Number.POSITIVE_INFINITY : 1,
      async action(...asked) {
        const [, { path }, genuine] = asked
        if (disturbance.happensAt?.(path) === false) return genuine()
        return Promise.resolve(act(...asked)).finally(() => struck.resolve(true))
      },
    })
  // Those of higher pools are never preempted.
  const pool = disturbance.ends === 'preempted' ? ({ pool: 'batch' } as const) : {}
  const { id } = await theatre.submit(scenario, stage, input, pool)
  submitted.resolve(id)
  const { toAttempt } = disturbance
  if (toAttempt) await theatre.whileHeld(id, at, () => toAttempt(victim).then(() => struck.resolve(true)))
  // A restart takes away the Mayfly that was asked first.
  await Promise.race([struck.promise, theatre.ended(id).catch(() => struck.promise)])
  const task = await theatre.ended(id)
  const hasStruck = await Promise.race([struck.promise, Promise.resolve(false)])
  // One that is cancelled while it waits has no attempt that is.
  const endings = [...theatre.endings(id), task?.state]
  const hasHappened = hasStruck && (disturbance.ends === undefined || endings.includes(disturbance.ends))
  if (task) await theatre.settleUrgent()
  else await theatre.salesforce.mayfly.cancel(id)
  return { task, hasHappened }
}

async function outcomeOf(
  theatre: Theatre,
  scenario: Scenario,
  stage: Stage,
  { id, result }: ContractTask,
): Promise<Outcome> {
  const { mayfly } = theatre.salesforce
  const texts = (scenario.artifacts ?? []).map(async (name) =>
    alikeLines(await (await mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)).text(), stage.alias),
  )
  return {
    told: alike(result, stage.alias),
    done: pictureOf(scenario, stage),
    artifacts: JSON.stringify(await Promise.all(texts)),
  }
}

async function judge(
  theatre: Theatre,
  task: ContractTask,
  { scenario, disturbance }: Cell,
  { outcome: usual, before }: Undisturbed & { readonly before: string },
  stage: Stage,
): Promise<string[]> {
  const { id, state, error } = task
  await theatre.endFamily(id)
  // In an org that is gone nobody can stop anything.
  const left = await theatre.leftovers(id, stage, disturbance.isLasting ? 'gone' : state)
  if (state === 'cancelled')
    return disturbance.may === 'cancel' ? left : [...left, 'it is cancelled, and nobody has asked for that']
  if (state === 'failed') {
    const mayFail = disturbance.may === 'fail' || disturbance.name in (scenario.mayFail ?? {})
    const done = pictureOf(scenario, stage)
    const isWhole = done === before || done === usual.done || disturbance.isLasting
    return [
      ...left,
      ...flawsOf(error, stage.alias),
      ...(mayFail ? [] : [`it fails: ${error?.code} ${error?.message}`]),
      ...(isWhole ? [] : [`it fails (${error?.message}) and leaves\n    ${done}\n    where there was\n    ${before}`]),
    ]
  }
  const outcome = await outcomeOf(theatre, scenario, stage, task)
  // Who tells of the org may tell of what has befallen it.
  const isWrong = disturbance.may === 'fail' || disturbance.isOfOrg
  const told = scenario.tells === 'faults' || (scenario.tells === 'failures' && isWrong)
  const compared = [...(told ? [] : (['told'] as const)), 'done' as const, 'artifacts' as const]
  return [
    ...left,
    ...compared
      .filter((what) => outcome[what] !== usual[what])
      .map((what) => `what is ${what} is\n    ${outcome[what]}\n    and without anything\n    ${usual[what]}`),
  ]
}

/** Beside the classes of errors: what kinds say of what came of their work. */
const documented: readonly string[] = [
  ...ERROR_CLASSES,
  ...['AUTH_CONFIG', 'APEX_UNSURE', 'BACKUP_EMPTY', 'BUILD_FAILED', 'DEPLOY_FAILED', 'INSTALL_FAILED', 'ORG_BUSY'],
  ...['ORG_NOT_GOOD', 'PACKAGE_UNAVAILABLE', 'PACKAGE_VERSION_FAILED', 'SANDBOX_FAILED', 'SCRATCH_ORG_FAILED'],
  ...['SETTINGS_REFUSED', 'STEP_FAILED', 'TESTS_ABORTED', 'TESTS_FAILED'],
]

function flawsOf(error: ContractTask['error'], alias: string): string[] {
  const { code = '', message = '' } = error ?? {}
  return [
    ...(documented.includes(code) ? [] : [`its error has a code that no documentation tells: ${code} ${message}`]),
    ...(message.includes(alias) ? [] : [`its error does not name the org: ${code} ${message}`]),
  ]
}
