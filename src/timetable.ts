/** Builds the schedules: they submit and cancel by the same ways as everybody. */
import type { Credential } from './access/credential.ts'
import type { Config } from './config/schema.ts'
import type { TaskRequest } from './contract/request.ts'
import type { Decided } from './journal/schedules.ts'
import { usesOf } from './kinds/uses.ts'
import type { Orchestrator } from './orchestrator.ts'
import { Schedules } from './schedules/schedules.ts'
import { Ticker } from './schedules/ticker.ts'
import type { Stores } from './stores.ts'
import { onceOf, type Submitted, sameTask } from './submit/once.ts'
import { refuseSealed } from './submit/secrets.ts'
import { type Grounds, toTask } from './submit/submit.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { noWitness, type Witness } from './system/waypoint.ts'

export interface TimetableParts {
  readonly config: Config
  readonly stores: Pick<Stores, 'journal' | 'access'>
  readonly logger: Logger
  readonly orchestrator: Orchestrator
  readonly grounds: Grounds
  readonly clock: Clock
  readonly witness: Witness | undefined
}

export function buildTimetable({
  config,
  stores,
  logger,
  orchestrator,
  grounds,
  clock,
  witness = noWitness,
}: TimetableParts) {
  const { journal, access } = stores
  const shared = {
    records: journal.schedules,
    clock,
    witness,
    async submit(
      caller: Credential,
      request: TaskRequest,
      how: { readonly decided: Decided; readonly idempotencyKey: string | undefined },
    ): Promise<Submitted> {
      const [submitted] = await Promise.all(orchestrator.submitAll(caller, [{ request, ...how }]))
      return submitted as Submitted
    },
  }
  const ticker = new Ticker({ ...shared, logger, stands: (id) => access.stands(id) })
  const schedules = new Schedules({
    ...shared,
    check(caller, request) {
      refuseSealed(request.secrets ?? {}, 'a schedule submits again and again')
      const { kind, input } = toTask({ id: '', caller, request, now: clock.now() }, grounds)
      return usesOf(grounds.registry.get(kind), input)
    },
    async earlier(tenant, request, idempotencyKey) {
      const once = onceOf(idempotencyKey, request, clock.now())
      const found = once && (await journal.earlier(tenant, once))
      return found && sameTask(found)
    },
    wake: (at) => ticker.wake(at),
    limits: { perTenant: config.tenantSchedules, shortestMs: config.shortestScheduleSeconds * 1000 },
  })
  return { schedules, ticker }
}
