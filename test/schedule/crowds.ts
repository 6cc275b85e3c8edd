/** Traces with more to do than there are slots, and what came of them; for tests and benches. */
import { randomFrom } from '../../src/simulate/generate.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import type { Figures } from '../../src/simulate/tally.ts'
import type { Arrival } from '../../src/simulate/trace.ts'
import { policyOf } from './fixture.ts'

const start = Date.UTC(2030, 0, 1)

/** A normal task that comes after so many seconds. */
function arrival(tenant: string, afterSeconds: number, seconds: number, key: string | null = null): Arrival {
  const at = start + Math.round(afterSeconds * 1000)
  const terms = { priority: 0, key, limit: 1, memoryMiB: 0, checkpointSeconds: null, ttlSeconds: null }
  return { at, tenant, kind: 'lint', pool: 'normal', seconds, ...terms }
}

/** So many seconds of work at once, in tasks that take from `least` to `most` seconds. */
function workOf(
  tenant: string,
  seconds: number,
  { least, most, random, keys = 0 }: { least: number; most: number; random: () => number; keys?: number },
): Arrival[] {
  const tasks: Arrival[] = []
  for (let left = seconds; left > 0; left -= tasks.at(-1)?.seconds ?? 0) {
    const length = least + random() * (most - least)
    tasks.push(arrival(tenant, 0, length, keys > 0 ? `key-${tasks.length % keys}` : null))
  }
  return tasks
}

const processSeconds = (figures: Figures, tenant: string) =>
  figures.tenants.find(({ name }) => name === tenant)?.processSeconds ?? 0

/** The process time of a tenant of weight 3 over that of one of weight 1, whose tasks are of another length. */
export function threeToOne({ slots, hours, seed }: { slots: number; hours: number; seed: number }): number {
  const random = randomFrom(seed)
  const policy = policyOf({ sharedSlots: slots })
  const enough = slots * hours * 3600
  const isShort = random() < 0.5
  const lengthOf = (isShort: boolean) => {
    const least = isShort ? 1 + random() * 5 : 10 + random() * 30
    return { least, most: 2 * least, random }
  }
  const arrivals = [...workOf('acme', enough, lengthOf(isShort)), ...workOf('globex', enough, lengthOf(!isShort))]
  const tenants = new Map([['acme', { ...policy.tenant, weight: 3 }]])
  const figures = simulate(arrivals, { policy, tenants, until: start + hours * 3_600_000 })
  return processSeconds(figures, 'acme') / processSeconds(figures, 'globex')
}

/** What each of 50 equal tenants got; the first has split its work over 100 keys. */
export function fiftyEquals({ slots, hours, seed }: { slots: number; hours: number; seed: number }): number[] {
  const random = randomFrom(seed)
  const enough = (slots * hours * 3600) / 20
  const names = Array.from({ length: 50 }, (_, at) => `tenant-${at}`)
  const arrivals = names.flatMap((name, at) => {
    const least = 1 + random() * 10
    return workOf(name, enough, { least, most: 3 * least, random, keys: at === 0 ? 100 : 0 })
  })
  const figures = simulate(arrivals, { policy: policyOf({ sharedSlots: slots }), until: start + hours * 3_600_000 })
  return names.map((name) => processSeconds(figures, name))
}

export interface Starving {
  /** Longest waits of the light tenant, in seconds: behind the other, and without it. */
  readonly behind: number
  readonly alone: number
  /** The longest that a slot is taken by one task. */
  readonly slotTurn: number
}

/** A tenant that comes with one task every now and then, beside one that has very many waiting. */
export function lightBehindHeavy({ slots, heavy, seed }: { slots: number; heavy: number; seed: number }): Starving {
  const random = randomFrom(seed)
  const lengths = Array.from({ length: heavy }, () => 5 + random() * 25)
  const all = lengths.map((seconds) => arrival('heavy', 0, seconds))
  const light = Array.from({ length: 50 }, (_, at) => arrival('light', 60 + at * 60 + random() * 30, 1 + random() * 9))
  const until = start + 60 * 60_000
  const policy = policyOf({ sharedSlots: slots })
  const waitOf = (arrivals: readonly Arrival[]) =>
    simulate(arrivals, { policy, until }).tenants.find(({ name }) => name === 'light')?.waitSeconds.max ?? Infinity
  return { behind: waitOf([...all, ...light]), alone: waitOf(light), slotTurn: Math.max(...lengths) }
}
