import type { WebSocket } from 'ws'
import type { Clock } from '../../system/clock.ts'

const toleratedSilentPeriods = 2

/** Pings, and ends a socket from which nothing came for two periods. The function returned stops it. */
export function keepAlive(socket: WebSocket, clock: Clock, periodMs: number): () => void {
  let silentPeriods = 0
  let stop = clock.after(periodMs, beat)
  for (const sign of ['message', 'ping', 'pong']) socket.on(sign, heard)

  function heard(): void {
    silentPeriods = 0
  }

  function beat(): void {
    // A socket that we do not read ourselves cannot be blamed for its silence.
    silentPeriods = socket.isPaused ? 0 : silentPeriods + 1
    if (silentPeriods > toleratedSilentPeriods) {
      socket.terminate()
      return
    }
    socket.ping()
    stop = clock.after(periodMs, beat)
  }

  return () => stop()
}
