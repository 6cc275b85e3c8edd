import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { SocketClass } from '../../../../src/client/client.ts'
import type { ContractTask } from '../../../../src/contract/task.ts'
import { Session } from '../../../../src/faces/vscode/link/session.ts'
import type { TaskInView } from '../../../../src/faces/vscode/view/model.ts'
import { startScripted } from '../../../client/fixtures/script.ts'
import { children, startMayfly, type TestMayfly } from '../../../fixtures/mayfly.ts'

const kinds = [children('common')]
let mayfly: TestMayfly
let session: Session

beforeAll(async () => {
  mayfly = await startMayfly({ config: { kinds } })
})
afterAll(() => mayfly.remove())
afterEach(() => session.end())

/** As on the desktop: with sockets that are brought along. */
function open(options = {}): Session {
  session = new Session({ Socket: WebSocket as unknown as SocketClass, ...options })
  return session
}

/** Resolves as soon as it is so. */
function until(wanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const forget = session.onChange(look)
    function look() {
      if (!wanted()) return
      forget()
      resolve()
    }
    look()
  })
}

const state = () => session.link.state
const live = () => until(() => state().is === 'live')
const sentence = () => ('sentence' in state() ? (state() as { sentence: string }).sentence : '')
const here = (token = mayfly.token) => ({ url: mayfly.url, token })

/** The same server again, on its data and address. */
async function start(): Promise<void> {
  const { data, url } = mayfly
  mayfly = await startMayfly({ data, config: { kinds, port: Number(new URL(url).port) } })
}

describe('a session', () => {
  it('shows the tasks there are and those that come, and what kinds the server has', async () => {
    const before = await mayfly.run({ kind: 'succeed' })
    open().to(here())
    await until(() => session.kinds.length > 0)
    expect(session.tasks.get(before.id)?.state).toBe('succeeded')
    expect(session.kind('succeed')?.pool).toBe('normal')
    expect(session.kind('no.such.kind')).toBeUndefined()
    const { id } = await mayfly.submit({ kind: 'wait' })
    await until(() => session.tasks.get(id)?.state === 'running')
    expect(session.tasks.counts).toEqual({ running: 1, queued: 0 })
    await mayfly.cancel(id)
    await until(() => session.tasks.get(id)?.state === 'cancelled')
  })

  it('follows a task to its end, through a server that stops and starts again', async () => {
    open().to(here())
    const { id } = await mayfly.submit({ kind: 'wait' })
    const seen: TaskInView[] = []
    let followed: Promise<ContractTask> | undefined
    await new Promise<void>((running) => {
      const onTask = (task: TaskInView) => {
        seen.push(task)
        if (task.state === 'running') running()
      }
      followed = session.follow(id, { signal: new AbortController().signal, onTask })
    })
    await mayfly.stop()
    await until(() => state().is === 'offline')
    expect(sentence()).toMatch(/out of sight|Nothing listens|does not answer any more/)
    await start()
    // As whoever clicks at the status bar does.
    session.link.again()
    await live()
    await mayfly.cancel(id)
    expect(await followed).toMatchObject({ id, state: 'cancelled' })
    expect(seen.at(-1)?.state).toBe('cancelled')
  })

  it('tells at once where a task is that has not moved since it was seen', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilType(id, 'task.started')
    open().to(here())
    await until(() => session.tasks.get(id)?.state === 'running')
    const told = new Promise<TaskInView>((onTask) => {
      session.follow(id, { signal: new AbortController().signal, onTask }).catch(() => {})
    })
    expect((await told).state).toBe('running')
    await mayfly.cancel(id)
  })

  it('ends nothing when it ends, and finds the task again', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    open().to(here())
    const followed = session.follow(id, { signal: new AbortController().signal, onTask: () => {} })
    await live()
    session.end()
    await expect(followed).rejects.toThrow('the editor closes')
    expect((await mayfly.task(id)).state).not.toBe('cancelled')
    open().to(here())
    const again = session.follow(id, { signal: new AbortController().signal, onTask: () => {} })
    await mayfly.cancel(id)
    expect((await again).state).toBe('cancelled')
  })

  it('connects by itself to a server that was not there when it began', async () => {
    const { url, token } = mayfly
    await mayfly.stop()
    open().to({ url, token })
    await until(() => state().is === 'offline')
    expect(sentence()).toMatch(/Nothing listens at .*: start the server/)
    await start()
    await live()
  })

  it('asks no more with a token that is not valid, until there is another', async () => {
    open({ lookAgainMs: 1 }).to(here('x'.repeat(40)))
    await until(() => state().is === 'refused')
    expect(sentence()).toContain('does not know the token')
    session.to(here())
    await live()
  })

  it('says that streams do not come through where only REST does', async () => {
    const rest = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ticket: 't', items: [] }))
    })
    rest.on('upgrade', (_request, socket) => socket.destroy())
    await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', resolve))
    const address = rest.address()
    const port = typeof address === 'object' && address ? address.port : 0
    open().to({ url: `http://127.0.0.1:${port}`, token: 't' })
    await until(() => sentence().includes('let the proxy before it pass WebSockets on'))
    rest.closeAllConnections()
    rest.close()
  })

  it('says that a stream of another version is one', async () => {
    const scripted = await startScripted(
      (say) => say(JSON.stringify({ type: 'hello', protocol: 2, node: 'n', heartbeatSeconds: 20 })),
      { ticket: 't', items: [] },
    )
    open().to({ url: scripted.url, token: 't' })
    await until(() => state().is === 'refused')
    expect(sentence()).toMatch(/speaks protocol 2, and this client 1: update the older of the two/)
    scripted.stop()
  })

  it('forgets what it saw when it goes to another server, and nobody follows that any more', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    open().to(here())
    const followed = session.follow(id, { signal: new AbortController().signal, onTask: () => {} })
    await until(() => session.tasks.get(id) !== undefined)
    session.to(undefined)
    await expect(followed).rejects.toThrow('another server')
    expect(session.tasks.all).toEqual([])
    expect(state().is).toBe('unset')
    await mayfly.cancel(id)
    await mayfly.settled(id)
  })

  it('follows no task that there is not', async () => {
    open().to(here())
    const nobody = '01900000-0000-7000-8000-000000000000'
    const followed = session.follow(nobody, { signal: new AbortController().signal, onTask: () => {} })
    await expect(followed).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('knows what runs and how many wait, also where there are more than a snapshot shows', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilType(id, 'task.started')
    await mayfly.call('POST', '/pauses', { kind: 'succeed' })
    const tasks = Array.from({ length: 550 }, () => ({ kind: 'succeed', input: {} }))
    for (let batch = 0; batch < 2; batch++) await mayfly.call('POST', '/tasks/batch', { tasks })
    open().to(here())
    await until(() => session.tasks.counts.queued === 1_100)
    expect(session.tasks.counts.running).toBe(1)
    await mayfly.cancel(id)
    await until(() => session.tasks.get(id)?.state === 'cancelled')
    expect(session.tasks.counts).toEqual({ running: 0, queued: 1_100 })
  })
})
