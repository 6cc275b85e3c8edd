import { expect, it } from 'vitest'
import { LongPolls } from '../../src/http/long-polls.ts'
import { Hub } from '../../src/stream/hub.ts'
import { systemClock } from '../../src/system/clock.ts'

const refused = { code: 'UNAUTHORIZED' }

/** No wait ends by its time. */
const stoppedClock = { ...systemClock, after: () => () => {} }

it('refuses at once when its token ends while it waits', async () => {
  const ended = new Set<string>()
  const longPolls = new LongPolls(new Hub(), stoppedClock, (token) => !ended.has(token))
  const news = longPolls.open('task', 'token').news(1000)
  ended.add('token')
  longPolls.endToken('token')
  await expect(news).rejects.toMatchObject(refused)
})

it('refuses at once when its token ended while the task was looked up, before there was a wait to end', async () => {
  const ended = new Set<string>()
  const longPolls = new LongPolls(new Hub(), stoppedClock, (token) => !ended.has(token))
  ended.add('token')
  longPolls.endToken('token')
  await expect(longPolls.open('task', 'token').news(1000)).rejects.toMatchObject(refused)
})

it('ends at once, without a refusal, when the server stops before it comes', async () => {
  const longPolls = new LongPolls(new Hub(), stoppedClock, () => true)
  longPolls.endAll()
  await expect(longPolls.open('task', 'token').news(1000)).resolves.toBeUndefined()
})
