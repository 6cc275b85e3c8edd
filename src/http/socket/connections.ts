import { type Clock, pause } from '../../system/clock.ts'
import { Refusal } from '../../task/errors.ts'
import type { StreamLimits } from '../limits.ts'
import { type Connection, closeCodes } from './connection.ts'

/** All open streams: how many there may be, and their end. */
export class Connections {
  readonly #limits: StreamLimits
  readonly #clock: Clock
  readonly #open = new Set<Connection>()
  readonly #perTenant = new Map<string, number>()
  #stopping = false
  #onEmpty: (() => void) | undefined

  constructor(limits: StreamLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  get count(): number {
    return this.#open.size
  }

  /** Refuses one more stream of this tenant where there is no room for it. */
  refuseBeyondLimits(tenant: string): void {
    if (this.#stopping) throw new Refusal('STOPPING', 'the server is stopping: connect again in some seconds')
    if (this.#open.size >= this.#limits.connections) {
      throw new Refusal('TOO_MANY', 'all streams of this server are taken: try again later')
    }
    if ((this.#perTenant.get(tenant) ?? 0) >= this.#limits.connectionsPerTenant) {
      throw new Refusal('TOO_MANY', `at most ${this.#limits.connectionsPerTenant} streams per tenant: close one first`)
    }
  }

  add(connection: Connection): void {
    this.#open.add(connection)
    this.#tally(connection.caller.tenant, 1)
  }

  remove(connection: Connection): void {
    if (!this.#open.delete(connection)) return
    this.#tally(connection.caller.tenant, -1)
    if (this.#open.size === 0) this.#onEmpty?.()
  }

  /** Closes the streams that were opened with a token that has ended. */
  endToken(token: string): void {
    for (const connection of this.#open) {
      if (connection.caller.tokenId !== token) continue
      connection.bye(closeCodes.unauthorized, 'the token was revoked or has expired: connect again with another one')
    }
  }

  /** Tells every client where to go on from, and cuts the sockets that are still there after their time. */
  async closeAll(): Promise<void> {
    this.#stopping = true
    if (this.#open.size === 0) return
    const { promise: emptied, resolve } = Promise.withResolvers<void>()
    this.#onEmpty = resolve
    for (const connection of this.#open) {
      connection.bye(closeCodes.stopping, 'the server stops: connect again, and go on from these cursors')
    }
    await Promise.race([emptied, pause(this.#clock, this.#limits.closeMs)])
    for (const connection of this.#open) connection.terminate()
  }

  #tally(tenant: string, change: number): void {
    const count = (this.#perTenant.get(tenant) ?? 0) + change
    if (count === 0) this.#perTenant.delete(tenant)
    else this.#perTenant.set(tenant, count)
  }
}
