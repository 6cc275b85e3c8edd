import type { LinkState } from '../link/link.ts'
import type { Counts } from './model.ts'

export interface Status {
  readonly text: string
  readonly tooltip: string
  readonly command: 'mayfly.connect' | 'mayfly.reconnect' | 'mayfly.showStatus'
  readonly background?: 'warning' | 'error'
}

/** What stands in the status bar: a click always does what helps most. */
export function statusOf(state: LinkState, { running, queued }: Counts): Status {
  switch (state.is) {
    case 'unset':
      return { text: '$(plug) Mayfly', tooltip: 'Connect to a Mayfly', command: 'mayfly.connect' }
    case 'connecting':
      return {
        text: '$(sync~spin) Mayfly',
        tooltip: `Connecting to ${state.url}; click to look again`,
        command: 'mayfly.reconnect',
      }
    case 'offline':
      return {
        text: '$(debug-disconnect) Mayfly offline',
        tooltip: `${state.sentence} It is looked for again and again; click to look at once.`,
        command: 'mayfly.reconnect',
        background: 'warning',
      }
    case 'refused':
      return {
        text: '$(error) Mayfly',
        tooltip: `${state.sentence} Click to connect.`,
        command: 'mayfly.connect',
        background: 'error',
      }
    case 'live':
      return {
        text: `${running > 0 ? '$(sync~spin)' : '$(check)'} ${running} running · ${queued} queued`,
        tooltip: `${state.url}: ${running} running, ${queued} queued. Click to see them.`,
        command: 'mayfly.showStatus',
      }
  }
}
