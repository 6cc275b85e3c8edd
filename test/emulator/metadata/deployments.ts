import { createHash } from 'node:crypto'
import { ApiError } from '../answer.ts'
import { type Files, unzip } from './archive.ts'
import { componentFindings, type Deployment, endOf, isError, quickFlawOf } from './deployment.ts'
import { cancelFramesOf, type Frame, framesOf, isEnd, type Pace } from './frames.ts'
import { classesAfter, inspect } from './inspect.ts'
import { checkOptions, type DeployOptions } from './options.ts'
import type { Rules } from './rules.ts'
import type { MetadataStore } from './store.ts'
import { runTestsOf } from './test-run.ts'

export interface DeployFacts {
  readonly newId: (keyPrefix: string) => string
  readonly now: () => number
  readonly store: MetadataStore
  readonly rules: Rules
  /** Somebody else who deploys too. */
  readonly otherUserId: () => string
  /** Told of what no client should do. */
  readonly complain: (sentence: string) => void
  /** Told whenever one has come or moved. */
  readonly onChange: (deployment: Deployment) => void
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * The deployments of one org. As in Salesforce one runs at a time and the others wait for it; unlike there time passes
 * with polls, so that tests see every phase: each look at any of them moves the running one by a step.
 */
export class Deployments implements Iterable<Deployment> {
  readonly pace: Pace = { pending: 1, components: 3, tests: 2, finalizing: 1, canceling: 1 }
  readonly limits = { maxFiles: 10_000, maxZipBytes: 39 * 1024 * 1024 }
  /** A deployment while another runs waits for it, or is refused as some kinds of changes are. */
  onBusy: 'queue' | 'refuse' = 'queue'
  /** While true the running one stays in progress for ever. */
  isHeld = false
  #failsFinalizing = false
  readonly #facts: DeployFacts
  readonly #all: Deployment[] = []

  constructor(facts: DeployFacts) {
    this.#facts = facts
  }

  [Symbol.iterator](): Iterator<Deployment> {
    return this.#all[Symbol.iterator]()
  }

  get all(): readonly Deployment[] {
    return this.#all
  }

  /** Packages that were submitted more than once, by the hash of their zip: how often. Quick deploys do not count. */
  get resubmitted(): ReadonlyMap<string, number> {
    const ours = this.#all.filter(({ validationId, isForeign }) => validationId === null && !isForeign)
    const counts = Map.groupBy(ours, ({ zipSha256 }) => zipSha256)
    return new Map([...counts].filter(([, list]) => list.length > 1).map(([hash, list]) => [hash, list.length]))
  }

  submit(zip: Buffer, options: DeployOptions, userId: string, isForeign = false): Deployment {
    checkOptions(options)
    if (zip.length > this.limits.maxZipBytes) {
      throw new ApiError(
        400,
        'LIMIT_EXCEEDED',
        `Maximum size of request reached. Maximum size of request is 52428800 bytes.`,
      )
    }
    const files = readZip(zip)
    if (files.size > this.limits.maxFiles) {
      throw new ApiError(400, 'LIMIT_EXCEEDED', `Too many files in zip, limit is: ${this.limits.maxFiles}`)
    }
    return this.#add({ zip, options, userId, isForeign, validationId: null })
  }

  /** Makes a recent validation real without running its tests again. */
  quick(validationId: string, userId: string): Deployment {
    const validation = this.#all.find(({ id }) => same(id, validationId))
    const flaw = validation ? quickFlawOf(validation, this.#facts.now()) : 'invalid validation id'
    if (!validation || flaw) throw new ApiError(400, 'INVALID_ID_FIELD', `Cannot quick deploy ${validationId}: ${flaw}`)
    const options: DeployOptions = { ...validation.options, checkOnly: false }
    return this.#add({ zip: validation.zip, options, userId, isForeign: false, validationId: validation.id })
  }

  /** Somebody else's deployment, which ours wait for. */
  addForeign(zip: Buffer, options: DeployOptions): Deployment {
    return this.submit(zip, options, this.#facts.otherUserId(), true)
  }

  /** The next one that would succeed fails in its last phase. */
  failNextFinalizing(): void {
    this.#failsFinalizing = true
  }

  /** Looks at one; time passes. Throws for an id that nobody was given. */
  poll(id: string): Deployment {
    this.tick()
    return this.find(id)
  }

  find(id: string): Deployment {
    const deployment = this.#all.find((one) => same(one.id, id))
    if (!deployment) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    return deployment
  }

  /** Whether it has ended at once, as one that still waits does. */
  cancel(id: string, userId: string): boolean {
    const deployment = this.find(id)
    if (deployment.endedAtMs !== null) throw new ApiError(400, 'INVALID_ID_FIELD', 'Deployment already completed')
    if (deployment.frame?.status === 'FinalizingDeploy') {
      throw new ApiError(400, 'INVALID_OPERATION', 'Deployment is being finalized and cannot be canceled')
    }
    if (deployment.cancelAskedBy !== null) return false
    deployment.cancelAskedBy = userId
    const frame = deployment.frame ?? pendingFrame
    deployment.rest = cancelFramesOf(frame, this.pace)
    if (frame.status !== 'Pending') return false
    this.#end(deployment, { ...frame, status: 'Canceled' })
    this.#facts.onChange(deployment)
    return true
  }

  /** Lets time pass: the running one gets a step on, or the next that waits starts. */
  tick(): void {
    const running = this.#all.find(({ endedAtMs }) => endedAtMs === null)
    if (!running) return
    if (running.startedAtMs === null) this.#start(running)
    const next = running.rest[0]
    if (!next || this.#staysAt(running, next)) return
    running.rest.shift()
    if (isEnd(next.status)) this.#end(running, next)
    else running.frame = next
    this.#facts.onChange(running)
  }

  /** Moves the end of a validation into the past: they count for ten days. */
  age(id: string, days: number): void {
    const deployment = this.find(id)
    if (deployment.endedAtMs !== null) deployment.endedAtMs -= days * dayMs
  }

  #staysAt({ frame, cancelAskedBy }: Deployment, next: Frame): boolean {
    return this.isHeld && cancelAskedBy === null && frame?.status === 'InProgress' && next.status !== 'Canceling'
  }

  #add(asked: Pick<Deployment, 'zip' | 'options' | 'userId' | 'isForeign' | 'validationId'>): Deployment {
    const busy = this.#all.filter(({ endedAtMs, cancelAskedBy }) => endedAtMs === null && cancelAskedBy === null)
    if (busy.length > 0 && this.onBusy === 'refuse') throw new ApiError(400, 'ALREADY_IN_PROCESS', alreadyLocked)
    const deployment: Deployment = {
      ...asked,
      id: this.#facts.newId('0Af'),
      zipSha256: createHash('sha256').update(asked.zip).digest('hex'),
      submittedAtMs: this.#facts.now(),
      startedAtMs: null,
      endedAtMs: null,
      cancelAskedBy: null,
      frame: null,
      findings: [],
      tests: null,
      rest: [],
    }
    const ours = busy.find(({ isForeign }) => !isForeign)
    if (ours && !deployment.isForeign) {
      this.#facts.complain(`deployment ${deployment.id} was submitted while ${ours.id} was not at its end.`)
    }
    this.#all.push(deployment)
    this.#facts.onChange(deployment)
    return deployment
  }

  #start(deployment: Deployment): void {
    const { store, rules, now } = this.#facts
    const files = unzip(deployment.zip)
    deployment.startedAtMs = now()
    deployment.findings = inspect(files, deployment.options, store, rules)
    const hasErrors = deployment.findings.some(({ message }) => isError(message.problemType, deployment.options))
    const isTested = !hasErrors && deployment.validationId === null
    const tests = isTested
      ? runTestsOf(deployment.options, classesAfter(files, deployment.options, store), rules)
      : null
    deployment.tests = tests
    const work = {
      components: componentFindings(deployment).map(({ message }) => message.componentType),
      tests: tests?.results.map(({ className, methodName }) => `${className}.${methodName}`) ?? [],
      end:
        this.#failsFinalizing && endOf(deployment) === 'Succeeded'
          ? ('FinalizingDeployFailed' as const)
          : endOf(deployment),
    }
    if (work.end === 'FinalizingDeployFailed') this.#failsFinalizing = false
    deployment.rest = framesOf(work, this.pace)
  }

  #end(deployment: Deployment, frame: Frame): void {
    deployment.frame = frame
    deployment.endedAtMs = this.#facts.now()
    deployment.startedAtMs ??= deployment.endedAtMs
    deployment.rest = []
    const isReal = !deployment.options.checkOnly && frame.status.startsWith('Succeeded')
    if (!isReal) return
    const good = deployment.findings.filter(({ message }) => !isError(message.problemType, deployment.options))
    for (const { apply } of good) apply?.(this.#facts.store)
  }
}

function readZip(zip: Buffer): Files {
  try {
    return unzip(zip)
  } catch {
    throw new ApiError(400, 'INVALID_OPERATION', 'The zip file is not valid')
  }
}

function same(id: string, other: string): boolean {
  return id.slice(0, 15) === other.slice(0, 15)
}

const pendingFrame: Frame = { status: 'Pending', componentsDone: 0, testsDone: 0, stateDetail: null }

const alreadyLocked =
  "The changes you requested require salesforce.com to temporarily lock your organization's administration setup. However, the administration setup has already been locked by another change. Please wait for the previous action to finish, then try again later."
