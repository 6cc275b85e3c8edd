import { describe, expect, it } from 'vitest'
import { statusOf } from '../../../../src/faces/vscode/view/status.ts'

const url = 'http://a'
const sentence = 'Nothing listens.'
const none = { running: 0, queued: 0 }

describe('the status bar', () => {
  it.each([
    [{ is: 'unset' } as const, 'mayfly.connect', /plug/],
    [{ is: 'connecting', url } as const, 'mayfly.reconnect', /spin/],
    [{ is: 'offline', url, sentence } as const, 'mayfly.reconnect', /offline/],
    [{ is: 'refused', url, sentence } as const, 'mayfly.connect', /error/],
    [{ is: 'live', url } as const, 'mayfly.showStatus', /check.*0 running · 0 queued/],
  ])('when it is %j does %s', (state, command, text) => {
    expect(statusOf(state, none)).toMatchObject({ command, text: expect.stringMatching(text) })
  })

  it('spins while something runs', () => {
    expect(statusOf({ is: 'live', url }, { running: 2, queued: 3 }).text).toBe('$(sync~spin) 2 running · 3 queued')
  })

  it('says what is wrong', () => {
    expect(statusOf({ is: 'offline', url, sentence }, none).tooltip).toContain(sentence)
  })
})
