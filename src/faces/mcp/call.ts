import type { Mayfly } from '../../client/client.ts'
import { progressOf } from './progress.ts'
import type { Call } from './tool.ts'

export interface Serving {
  readonly client: Mayfly
  /** Aborted when there is no more time to wait for tasks: whoever asks is going. */
  readonly over?: AbortSignal
  /** Told of what went wrong here, and is nobody's business outside. */
  readonly onFault: (error: unknown) => void
}

/** What a handler of the SDK is given besides the request. */
export interface Extra {
  readonly signal: AbortSignal
  readonly _meta?: { readonly progressToken?: string | number | undefined } | undefined
  readonly sendNotification: (notification: {
    method: 'notifications/progress'
    params: { progressToken: string | number; progress: number; total?: number; message: string }
  }) => Promise<void>
}

export function callOf({ client, over }: Serving, extra: Extra): Call {
  const { signal } = extra
  const token = extra._meta?.progressToken
  const sayOf = progressOf()
  return {
    client,
    signal,
    over: over ?? signal,
    async tell(task) {
      const said = token === undefined ? undefined : sayOf(task)
      if (said && token !== undefined) {
        await extra.sendNotification({ method: 'notifications/progress', params: { progressToken: token, ...said } })
      }
    },
  }
}
