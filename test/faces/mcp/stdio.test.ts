import { afterAll, beforeAll, expect, it } from 'vitest'
import { Mayfly } from '../../../src/client/client.ts'
import { type Edge, startEdge, tokens } from '../../http/fixtures/edge.ts'
import { mayfly as program } from '../cli/fixtures/cli.ts'
import { agent } from './fixtures/agent.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

const initialize = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } },
}

interface Reply {
  readonly id: number
  readonly result: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] }
}

/** What is answered to messages that come through a pipe which then ends. */
async function piped(messages: readonly object[], env: Record<string, string>) {
  const lines = messages.map((message, id) => `${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n`)
  const { code, stdout, stderr } = await program(['mcp'], { env, stdin: lines.join('') })
  const replies: Reply[] = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return { code, stderr, replies: replies.sort((a, b) => a.id - b.id) }
}

const call = (name: string, args: object) => ({ method: 'tools/call', params: { name, arguments: args } })

it('answers all that was asked before its input ended, gives up what only waits, and ends', async () => {
  const { id } = await new Mayfly({ url: edge.url, token: tokens.acme }).submit({ kind: 'exec', input: {} })
  const messages = [
    initialize,
    call('task_list', {}),
    call('task_wait', { id, seconds: 50 }),
    call('task_status', { id }),
  ]
  const { code, stderr, replies } = await piped(messages, { MAYFLY_URL: edge.url, MAYFLY_TOKEN: tokens.acme })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(replies.map((reply) => reply.id)).toEqual([0, 1, 2, 3])
  expect(replies[1]?.result.content[0]?.text).toContain(id)
  expect(replies[2]?.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('has ended') }] })
})

it('says what is wrong with a token, each time that it matters', async () => {
  const { refusal, client, close } = await agent('stdio', { url: edge.url, token: 'wrong' })
  expect((await client.listTools()).tools).toHaveLength(9)
  expect(await refusal('task_list')).toMatch(/^this token is not valid.*\(UNAUTHORIZED\)$/)
  await expect(client.experimental.tasks.listTasks()).rejects.toThrow('this token is not valid')
  await close()
  await expect(agent('Streamable HTTP', { url: edge.url, token: 'wrong' })).rejects.toThrow('this token is not valid')
})

it('says that there is no server, and begins without one only where it knows which it would be', async () => {
  const nobody = 'http://127.0.0.1:9'
  const { replies } = await piped([initialize, call('task_list', {})], { MAYFLY_URL: nobody, MAYFLY_TOKEN: 'any' })
  expect(replies[1]?.result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining(`nothing listens at ${nobody}: start the server`) }],
  })
  const { code, stderr, replies: none } = await piped([initialize], { MAYFLY_DATA: '/nonexistent' })
  expect({ code, none, stderr }).toEqual({ code: 5, none: [], stderr: expect.stringContaining('start one there') })
})
