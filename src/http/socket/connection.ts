import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import type { Credential } from '../../access/credential.ts'
import type { Outbound } from '../../contract/outbound.ts'
import { toContractTask } from '../../contract/present.ts'
import type { Sink } from '../../stream/subscription.ts'
import type { SurveySink } from '../../stream/survey.ts'
import type { ServerDeps } from '../deps.ts'
import { parseJson } from '../json.ts'
import type { StreamLimits } from '../limits.ts'
import { toRefusal } from '../problems.ts'
import { answer, type Session } from './answers.ts'
import { keepAlive } from './heartbeat.ts'
import { readMessage, refOf } from './inbound.ts'
import { Outbox } from './outbox.ts'
import { type Place, Subscriptions } from './subscriptions.ts'

/** Why the server closes, as RFC 6455 and its registry number it. */
export const closeCodes = { stopping: 1001, notJson: 1007, tooSlow: 1013, unauthorized: 4401 }

/** One client's stream, from its hello to its end. */
export class Connection implements Session {
  readonly caller: Credential
  readonly deps: ServerDeps
  readonly subscriptions: Subscriptions
  readonly #socket: WebSocket
  readonly #outbox: Outbox
  readonly #limits: StreamLimits
  #openRequests = 0
  #ended = false

  constructor(socket: WebSocket, stream: Socket, caller: Credential, deps: ServerDeps) {
    this.caller = caller
    this.deps = deps
    this.#socket = socket
    this.#limits = deps.limits.stream
    this.subscriptions = new Subscriptions(this.#limits.subscriptionsPerConnection)
    this.#outbox = new Outbox(socket, stream, deps.clock, this.#limits, () =>
      this.bye(closeCodes.tooSlow, 'too much was unread: reconnect, and go on from these cursors'),
    )
    const stopHeartbeat = keepAlive(socket, deps.clock, this.#limits.heartbeatMs)
    socket.on('message', (data) => this.#receive(data))
    // Answering pings fills the way out too.
    socket.on('ping', () => this.#outbox.watch())
    socket.on('close', () => {
      stopHeartbeat()
      this.#end()
    })
    this.say({ type: 'hello', protocol: 1, node: deps.node, heartbeatSeconds: this.#limits.heartbeatMs / 1000 })
  }

  readonly say = (message: Outbound): void => this.#outbox.send(JSON.stringify(message))

  readonly sink = (place: Place): Sink & SurveySink => {
    const outbox = this.#outbox
    return {
      get full() {
        return outbox.full
      },
      room: () => outbox.room(),
      event: (message) => outbox.send(message),
      snapshot: (tasks, more) => this.say({ type: 'snapshot', ref: place.ref, tasks: tasks.map(toContractTask), more }),
      gap: (task, firstSeq) => this.say({ type: 'gap', task, firstSeq }),
      live: () => this.say({ type: 'live', ref: place.ref }),
      failed: (error) => {
        this.subscriptions.release(place)
        this.#refuse(error, place.ref)
      },
    }
  }

  /** Says where to go on from, and closes; a socket that does not go is cut after its closing time. */
  bye(code: number, message: string): void {
    const cursors = this.subscriptions.cursors()
    this.#end()
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const bye: Outbound<'bye'> = { type: 'bye', code, message, cursors }
    this.#socket.resume()
    this.#socket.send(JSON.stringify(bye))
    this.#socket.close(code)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #receive(data: RawData): void {
    // What was on its way when the end was said: its sender may not be the one that it was.
    if (this.#ended) return
    try {
      void this.#answer(parseJson(data as Buffer))
    } catch (error) {
      this.#refuse(error, null)
      this.bye(closeCodes.notJson, 'send JSON only')
    }
  }

  async #answer(frame: unknown): Promise<void> {
    if (++this.#openRequests >= this.#limits.openRequests) this.#socket.pause()
    try {
      await answer(this, readMessage(frame))
    } catch (error) {
      this.#refuse(error, refOf(frame))
    }
    // A request is over when its answer has room: who does not read answers is not read either.
    await this.#outbox.room()
    if (--this.#openRequests < this.#limits.openRequests && this.#socket.isPaused) this.#socket.resume()
  }

  #refuse(error: unknown, ref: string | null): void {
    const { code, message, retryAfterSeconds, cause } = toRefusal(error)
    if (code === 'INTERNAL') this.deps.logger.error({ err: cause }, 'a stream message failed')
    this.say({ type: 'error', ref, code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) })
  }

  #end(): void {
    this.#ended = true
    this.subscriptions.endAll()
    this.#outbox.close()
  }
}
