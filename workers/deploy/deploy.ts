/**
 * The life of a deployment: build, submit once, look until it is over, say what came of it.
 *
 * Whoever dies in between leaves it running in the org: the next attempt looks on, and where nobody knows whether it was
 * submitted, it is looked for among the deployments of the org that were not there before.
 */
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { deployPace } from '../salesforce/poll.ts'
import { cancelRemoteJob, type RemoteJob, runRemoteJob } from '../salesforce/remote-job.ts'
import { endTurn, Turn } from '../salesforce/turn.ts'
import { Deployments, type DeployRequest, isTooLate } from './api.ts'
import type { RemoteInput } from './input.ts'
import { progressOf } from './progress.ts'
import { outcomeOf } from './report/outcome.ts'
import { publish } from './report/publish.ts'
import { type DeployResult, toResult, type ZipFacts } from './report/result.ts'
import { unquoted } from './report/unquoted.ts'
import { failureOf, type Name } from './report/words.ts'
import { type DeployStatus, isOver } from './result.ts'
import { Memory } from './saved.ts'
import { keepValidation, quickDeployMs } from './validations.ts'

export interface Plan<Input extends RemoteInput> {
  readonly name: Name
  readonly checkOnly: boolean
  /** Submits it; called once for each submission. `remember` what is needed at the end. */
  begin(tools: { context: Context<Input>; org: Org; deployments: Deployments; memory: Memory }): Promise<Begun>
}

export interface Begun {
  readonly zip: ZipFacts | null
  submit(): Promise<string>
}

const busy = ['Pending', 'InProgress', 'FinalizingDeploy', 'Canceling']
const isBusy = ({ Status }: DeployRequest) => busy.includes(Status)
/** Clocks of servers tell whole seconds. */
const toleranceMs = 2_000

export async function deploy<Input extends RemoteInput>(
  context: Context<Input>,
  plan: Plan<Input>,
): Promise<DeployResult> {
  const memory = new Memory(context)
  const org = await open(context, memory)
  const deployments = new Deployments(org, context.input.transport)
  const isIdle = async () => !(await deployments.newest()).some(isBusy)
  const turn = await Turn.take(context, org, { what: 'deployment', isIdle })
  let begun: Promise<Begun> | undefined
  const begin = () => (begun ??= plan.begin({ context, org, deployments, memory }))
  if (memory.read() === null) await prepare(context, org, deployments, memory, begin)
  const job = jobOf(plan, org, deployments, memory, begin)
  const { status } = await runRemoteJob(context, org, held(job, turn), memory)
  org.step = `reading what came of the ${plan.name} ${status.id}`
  const result = await conclude(context, plan, org, memory, unquoted(await deployments.look(status.id, true), context))
  endTurn(context)
  return result
}

/** Whoever has lost the turn meanwhile, because nothing was heard of it, begins nothing beside another. */
function held<Status>(job: RemoteJob<Status>, turn: Turn): RemoteJob<Status> {
  return {
    ...job,
    submit(nonce, submission) {
      turn.renew()
      return job.submit(nonce, submission)
    },
    look(id) {
      turn.renew()
      return job.look(id)
    },
  }
}

/** After a cancel, a deadline or a failure: nothing goes on in the org that nobody waits for. */
export async function undeploy<Input extends RemoteInput>(
  context: Context<Input>,
  plan: Pick<Plan<Input>, 'name' | 'checkOnly'>,
): Promise<void> {
  const memory = new Memory(context)
  try {
    if (memory.read() === null || endings.includes(context.error?.code ?? '')) return
    const org = await open(context, memory, true)
    const deployments = new Deployments(org, context.input.transport)
    await cancelRemoteJob(context, org, jobOf(plan, org, deployments, memory), memory)
  } finally {
    endTurn(context)
  }
}

/** Those of deployments that had ended. */
const endings = ['DEPLOY_FAILED', 'DEPLOY_CANCELED', 'COVERAGE_TOO_LOW']

function open<Input extends RemoteInput>(context: Context<Input>, memory: Memory, isCleanup = false): Promise<Org> {
  const { apiVersion } = memory.saved
  return openOrg(context, { isCleanup, ...(apiVersion !== null && { apiVersion }) })
}

async function prepare<Input extends RemoteInput>(
  context: Context<Input>,
  org: Org,
  deployments: Deployments,
  memory: Memory,
  begin: () => Promise<Begun>,
): Promise<void> {
  const { zip } = await begin()
  org.step = 'looking which deployments it has'
  const requests = await deployments.newest()
  const other = requests.find(isBusy)
  if (other) await meet(other, context, org, deployments)
  memory.note({ zip, apiVersion: org.apiVersion, known: requests.map(({ Id }) => Id) })
}

async function meet<Input extends RemoteInput>(
  { Id, Status, CreatedDate, CreatedById }: DeployRequest,
  { input, log }: Context<Input>,
  org: Org,
  deployments: Deployments,
): Promise<void> {
  const who = await deployments.usernameOf(CreatedById)
  const what = `org ${org.alias} is busy with deployment ${Id} of ${who} (${Status} since ${CreatedDate})`
  if (input.onConflict === 'fail')
    throw new FatalError(`${what}: submit this again when that has ended, or without "onConflict": "fail"`, {
      code: 'ORG_BUSY',
    })
  log.info(`${what}: this one waits in its queue`)
}

function jobOf<Input extends RemoteInput>(
  { name, checkOnly }: Pick<Plan<Input>, 'name' | 'checkOnly'>,
  org: Org,
  deployments: Deployments,
  memory: Memory,
  begin?: () => Promise<Begun>,
): RemoteJob<DeployStatus> {
  const { zip, known } = memory.saved
  return {
    name,
    pace: deployPace({ zipBytes: zip?.bytes ?? 0 }),
    prepare: async () => begin?.(),
    async submit(_, submission) {
      if (!begin) throw new Error(`a ${name} is not submitted while it is undone`)
      const { submit } = await begin()
      org.submission = submission
      try {
        return await submit()
      } finally {
        org.submission = undefined
      }
    },
    async find({ at }) {
      const requests = await deployments.since(new Date(at.getTime() - toleranceMs))
      const ours = requests.filter(
        ({ Id, CheckOnly, CreatedById }) =>
          CheckOnly === checkOnly && CreatedById === org.userId && !known.includes(Id),
      )
      return ours.at(-1)?.Id ?? null
    },
    look: (id) => deployments.look(id, false),
    isOver,
    stateOf: ({ status }) => status,
    progressOf,
    async cancel(id) {
      try {
        await deployments.cancel(id)
      } catch (error) {
        if (!isTooLate(error)) throw error
      }
    },
  }
}

async function conclude<Input extends RemoteInput>(
  context: Context<Input>,
  { name, checkOnly }: Plan<Input>,
  org: Org,
  memory: Memory,
  status: DeployStatus,
): Promise<DeployResult> {
  const outcome = outcomeOf(status, memory.origins(), context.input.coverage)
  const named = { org: org.alias, name }
  await publish(outcome, named, context)
  const failure = failureOf(outcome, named)
  if (failure) throw new FatalError(failure.message, { code: failure.code })
  const isTested = checkOnly && status.numberTestsTotal > 0
  const quickDeployUntil = isTested ? new Date(org.now.getTime() + quickDeployMs).toISOString() : null
  if (quickDeployUntil) {
    keepValidation(context, { id: status.id, orgId: org.orgId })
    context.log.info(
      `org ${org.alias}: deploy.quick makes it real with validationId ${status.id} until ${quickDeployUntil}`,
    )
  }
  return toResult(outcome, {
    org: org.alias,
    checkOnly,
    zip: memory.saved.zip,
    quickDeployUntil,
    apiUsage: org.apiUsage,
  })
}
