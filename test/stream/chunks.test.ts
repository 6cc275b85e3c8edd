import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Needles } from '../../src/mask/needles.ts'
import { encodeFrame, encodeMask, encodeStore, FRAME } from '../../src/protocol/frame.ts'
import type { StoreInquiry } from '../../src/stream/inquiries.ts'
import { streamOutput } from '../../src/stream/output.ts'
import { type ReportDeps, streamReports } from '../../src/stream/reports.ts'
import { Vitals } from '../../src/task/vitals.ts'
import { isWiped } from '../fixtures/buffers.ts'

const MiB = 1024 * 1024

describe('the chunks that a worker is read in', () => {
  const needles = new Needles()
  const learnt: string[] = []
  const stored: [name: string, value: string][] = []
  const deps = {
    attempt: { task: { limits: { outputMiB: 1 } }, end: () => {} },
    recorder: { event: () => ({}), note: () => {}, pressure: () => undefined },
    vitals: new Vitals(0),
    needles,
    now: () => 0,
    after: () => () => {},
    acknowledge: () => {},
    refuse: () => {},
    addSecret: (value: Buffer) => void learnt.push(value.toString()),
    inquiries: {
      answered: Promise.resolve(),
      take: ({ name, value }: StoreInquiry) => void stored.push([name, value.toString()]),
    },
  } as unknown as ReportDeps

  it('hold nothing any more of what it wants masked or stored, also when that came in two', async () => {
    const reports = new PassThrough()
    const closed = streamReports(reports, deps)
    const ready = Buffer.from(encodeFrame(FRAME.READY, new Uint8Array()))
    const mask = Buffer.from(encodeMask(1, Buffer.from('came-to-know-4711')))
    const store = Buffer.from(encodeStore(2, 'session', Buffer.from('came-to-know-4712')))
    const chunks = [ready, mask.subarray(0, 15), mask.subarray(15), store.subarray(0, 20), store.subarray(20)]
    for (const chunk of chunks) reports.write(chunk)
    reports.end()
    await closed
    expect(learnt).toEqual(['came-to-know-4711', 'came-to-know-4712'])
    expect(stored).toEqual([['session', 'came-to-know-4712']])
    expect(chunks.every(isWiped)).toBe(true)
  })

  it.each([
    ['reports', streamReports],
    ['output', (stream: PassThrough, deps: ReportDeps) => streamOutput(stream, 'stdout', deps)],
  ])('hold nothing any more of %s above the limit', async (_, read) => {
    const stream = new PassThrough({ highWaterMark: 4 * MiB })
    const closed = read(stream, { ...deps, vitals: new Vitals(0) })
    const chunk = Buffer.alloc(2 * MiB, 'x')
    stream.end(chunk)
    await closed
    expect(isWiped(chunk)).toBe(true)
  })
})
