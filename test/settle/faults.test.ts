import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeFrame, encodeJson, FRAME, HEADER_BYTES, MAX_FRAME_BYTES } from '../../src/protocol/frame.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')

/** A worker that writes these bytes to the descriptor, then waits for ever, exits without a result or returns. */
const speaks = (bytes: Uint8Array | string, then = 'wait', fd = 4): Ask => ({
  kind: 'speak',
  input: { fd, base64: base64(bytes), then },
})

function header(length: number, type: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt32BE(length)
  bytes.writeUInt8(type, 4)
  return bytes
}

const deep = (levels: number) => `{"result":${'['.repeat(levels)}${']'.repeat(levels)}}`

const crashed = (message: string) => ({
  state: 'failed',
  outcome: 'crashed',
  error: { code: 'CRASHED', message: expect.stringContaining(message) },
})

const failed = (message: string) => ({
  state: 'failed',
  outcome: 'failed',
  error: { code: 'TASK_FAILED', message: expect.stringContaining(message) },
})

const faults: readonly { name: string; ask: Ask; ends: object }[] = [
  { name: 'sends an unknown frame', ask: speaks(header(0, 99)), ends: crashed('unknown type 99') },
  {
    name: 'sends a frame that only the orchestrator sends',
    ask: speaks(encodeJson(FRAME.CANCEL, {})),
    ends: crashed('only the orchestrator sends'),
  },
  {
    name: 'says what has no text',
    ask: speaks(encodeJson(FRAME.ERROR, { message: { toString: null } })),
    ends: failed('toString'),
  },
  { name: 'announces a huge frame', ask: speaks(header(2 ** 32 - 1, FRAME.LOG)), ends: crashed('over the limit') },
  {
    name: 'announces a frame just over the limit',
    ask: speaks(header(MAX_FRAME_BYTES + 1, FRAME.RESULT)),
    ends: crashed('over the limit'),
  },
  {
    name: 'sends invalid JSON',
    ask: speaks(encodeFrame(FRAME.LOG, Buffer.from('{"message":'))),
    ends: crashed('not JSON'),
  },
  {
    name: 'sends JSON that is not UTF-8',
    ask: speaks(encodeFrame(FRAME.LOG, Buffer.from([0x22, 0xff, 0x22]))),
    ends: crashed('not JSON'),
  },
  {
    name: 'sends deep JSON',
    ask: speaks(encodeFrame(FRAME.RESULT, Buffer.from(deep(10_000)))),
    ends: crashed('deeper than'),
  },
  {
    name: 'sends JSON deeper than any stack',
    ask: speaks(encodeFrame(FRAME.RESULT, Buffer.from(deep(200_000)))),
    ends: crashed(''),
  },
  {
    name: 'ends inside a frame',
    ask: speaks(header(100, FRAME.RESULT), 'exit'),
    ends: crashed('inside a frame'),
  },
  {
    name: 'suspends until no time that exists',
    ask: speaks(encodeJson(FRAME.SUSPEND, { resumeAt: Date.UTC(10_000, 0), checkpoint: null })),
    ends: crashed('no time that exists'),
  },
  {
    name: 'reports an error without any content',
    ask: speaks(encodeFrame(FRAME.ERROR, new Uint8Array(0))),
    ends: failed('the task failed'),
  },
  {
    name: 'reports an error whose fields are of other types',
    ask: speaks(encodeJson(FRAME.ERROR, { code: {}, message: ['a', {}], exitCode: 'x', signal: 1, usage: 'none' })),
    ends: failed('["a",'),
  },
  {
    name: 'reports a result twice',
    ask: speaks(Buffer.concat([encodeJson(FRAME.RESULT, { result: 1 }), encodeJson(FRAME.RESULT, { result: 2 })])),
    ends: { state: 'succeeded', result: 1 },
  },
  {
    name: 'reports an error after its result',
    ask: speaks(Buffer.concat([encodeJson(FRAME.RESULT, { result: 1 }), encodeJson(FRAME.ERROR, { message: 'no' })])),
    ends: { state: 'succeeded', result: 1, error: null },
  },
  {
    name: 'breaks the protocol after its result',
    ask: speaks(Buffer.concat([encodeJson(FRAME.RESULT, { result: 1 }), Buffer.alloc(100, 'x')])),
    ends: { state: 'succeeded', result: 1 },
  },
  {
    name: 'is ready again and again',
    ask: speaks(Buffer.concat(Array(100).fill(encodeJson(FRAME.READY))), 'return'),
    ends: { state: 'succeeded' },
  },
  {
    name: 'writes to its life line',
    ask: speaks(Buffer.alloc(1_000, 'x'), 'return', 3),
    ends: { state: 'succeeded' },
  },
  {
    name: 'closes its report channel and goes on',
    // Above level 0 the wrapper holds the channel open too: what is seen is its silence.
    ask: { kind: 'close', input: { fd: 4, forMs: 3_600_000 }, limits: { silenceSeconds: 0.8 } },
    ends: { state: 'failed', error: { code: expect.stringMatching(/^(CRASHED|SILENT)$/) } },
  },
  {
    name: 'closes its report channel and returns',
    ask: { kind: 'close', input: { fd: 4, forMs: 1 } },
    ends: { state: 'failed', outcome: 'crashed', error: { code: 'CRASHED' } },
  },
  {
    name: 'closes its life line',
    ask: { kind: 'close', input: { fd: 3, forMs: 300 } },
    ends: { state: 'failed' },
  },
  {
    name: 'closes its output',
    ask: { kind: 'close', input: { fd: 1, forMs: 1 } },
    ends: { state: 'succeeded' },
  },
  { name: 'succeeds and does not exit', ask: { kind: 'linger' }, ends: { state: 'succeeded', result: 'done' } },
  {
    name: 'dies right after its result',
    ask: { kind: 'exit-after-result' },
    ends: { state: 'succeeded', result: 'done', error: null },
  },
  {
    name: 'dies right after its checkpoint',
    ask: { kind: 'exit-after-checkpoint', retry: { maxAttempts: 2, backoffSeconds: 0 } },
    ends: { state: 'succeeded', result: { saved: true }, attempt: 2 },
  },
  {
    name: 'needs more to go on from than any other frame may carry',
    ask: {
      kind: 'exit-after-checkpoint',
      input: { bytes: 3_900_000, filler: 'y'.repeat(900_000) },
      retry: { maxAttempts: 2, backoffSeconds: 0 },
    },
    ends: { state: 'succeeded', attempt: 2 },
  },
  {
    name: 'spins until its run time is over',
    // Long enough for it to be born, and to say so, on a machine that runs other tests.
    ask: { kind: 'spin', limits: { runSeconds: 2 } },
    ends: { state: 'failed', outcome: 'timed_out', error: { code: 'TIMED_OUT', lastOutput: 'spinning' } },
  },
  {
    name: 'stops itself',
    ask: { kind: 'stop-itself', limits: { silenceSeconds: 0.4 } },
    ends: { state: 'failed', outcome: 'timed_out', error: { code: 'SILENT' } },
  },
  { name: 'forgets a promise that fails', ask: { kind: 'reject' }, ends: failed('nobody waited for this') },
  {
    name: 'exits somewhere inside',
    ask: { kind: 'exit-in-promise' },
    ends: { state: 'failed', outcome: 'crashed', error: { code: 'CRASHED', exitCode: 3 } },
  },
  {
    name: 'returns a bigint',
    ask: { kind: 'unshowable', input: { result: 'bigint' } },
    ends: failed('BigInt'),
  },
  {
    name: 'returns a circle',
    ask: { kind: 'unshowable', input: { result: 'circular' } },
    ends: failed('circular'),
  },
  {
    name: 'returns more than a frame holds',
    ask: { kind: 'unshowable', input: { result: 'huge' } },
    ends: failed('over the limit'),
  },
  {
    name: 'returns a function',
    ask: { kind: 'unshowable', input: { result: 'function' } },
    ends: { state: 'succeeded', result: null },
  },
  {
    name: 'returns nothing',
    ask: { kind: 'unshowable', input: { result: 'nothing' } },
    ends: { state: 'succeeded', result: null },
  },
]

describe.each([0, 1] as const)('at level %i, one slot, a worker that', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('common'), children('faults')], isolation: { atMost: level }, sharedSlots: 1 },
    })
  })

  afterAll(() => mayfly.remove())

  it.each(faults)('$name', async ({ ask, ends }) => {
    const task = await mayfly.run(ask)
    expect(task).toMatchObject(ends)
    await expectAftermath(mayfly, task.id)
  })

  it('lives on for the answer to its checkpoint, and not beyond', async () => {
    const { id } = await mayfly.run({ kind: 'exit-after-checkpoint', retry: { maxAttempts: 2, backoffSeconds: 0 } })
    expect(mayfly.attempts(id)).toMatchObject([{ error: { code: 'CRASHED', signal: 'SIGKILL' } }, { error: null }])
  })

  it.each(['spin', 'stubborn'])('does not end when it is asked to (%s)', async (kind) => {
    const { id } = await mayfly.submit({ kind })
    await mayfly.untilType(id, 'task.log')
    expect((await mayfly.cancel(id, 'enough')).status).toBe(202)
    const task = await mayfly.settled(id)
    expect(task).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED', message: 'enough' } })
    await expectAftermath(mayfly, id)
  })
})
