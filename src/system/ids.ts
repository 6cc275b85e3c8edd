import { randomBytes, randomUUID } from 'node:crypto'

/** So many ids of one millisecond keep their order; one more borrows from the next. */
const idsPerMs = 4096
let lastMs = 0
let countInMs = 0
/** What all ids of a millisecond begin with. */
let prefix = ''

/**
 * A UUIDv7: sorts by time, so the newest task is the last, also within a millisecond. Its random half is cut from a
 * UUIDv4, since Node draws the randomness for those in stock.
 */
export function newTaskId(): string {
  tick()
  const count = countInMs.toString(16).padStart(3, '0')
  return `${prefix}${count}${randomUUID().slice(18)}`
}

/** Never back, whatever the clock does. */
function tick(): void {
  const now = Date.now()
  if (now > lastMs) begin(now)
  else if (++countInMs === idsPerMs) begin(lastMs + 1)
}

function begin(ms: number): void {
  lastMs = ms
  countInMs = 0
  const time = ms.toString(16).padStart(12, '0')
  prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`
}

/** 128 random bits as base64url: a worker's name from birth, its marker in /proc and the name of its workspace. */
export function newWorkerId(): string {
  return randomBytes(16).toString('base64url')
}

export function isWorkerId(name: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(name)
}
