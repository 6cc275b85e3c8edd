import type { IncomingMessage } from 'node:http'
import type { App } from './app.ts'
import { answerBrokenRequest } from './errors.ts'

/** How often they are looked at, at the most: so much longer than its limit a body may take. */
const lookMs = 1_000

/**
 * Cuts requests whose body comes too slowly. Node knows one limit for all, and that has to be long enough for the longest.
 * They are looked at together: a timer for each, and its ears at the request, would cost more than reading what has come.
 */
export class SlowBodies {
  readonly #limitMs: number
  /** Requests whose body is still to come, and since when. */
  readonly #coming = new Map<IncomingMessage, number>()
  #looksAgain = false

  constructor(app: App, limitMs: number) {
    this.#limitMs = limitMs
    app.addHook('preParsing', ({ raw, routeOptions }, _reply, _body, next) => {
      if (hasBody(raw) && !routeOptions.config?.takesLong) this.#expect(raw)
      next()
    })
  }

  /** Its body is here. Whatever ends otherwise is found out with the next look. */
  arrived(request: IncomingMessage): void {
    this.#coming.delete(request)
  }

  #expect(request: IncomingMessage): void {
    this.#coming.set(request, performance.now())
    if (!this.#looksAgain) this.#lookSoon()
  }

  #lookSoon(): void {
    this.#looksAgain = true
    setTimeout(() => this.#look(), Math.min(lookMs, this.#limitMs / 4)).unref()
  }

  #look(): void {
    const latest = performance.now() - this.#limitMs
    for (const [request, since] of this.#coming) {
      const isOver = request.complete || request.destroyed
      if (!isOver && since > latest) continue
      this.#coming.delete(request)
      if (!isOver) answerBrokenRequest(tooSlow(), request.socket)
    }
    this.#looksAgain = false
    if (this.#coming.size > 0) this.#lookSoon()
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function tooSlow(): NodeJS.ErrnoException {
  return Object.assign(new Error('the body came too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
}
