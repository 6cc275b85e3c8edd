import { randomBytes } from 'node:crypto'
import { Masker } from '../../src/mask/masker.ts'
import { Needles } from '../../src/mask/needles.ts'
import { interleave, type Line, lineOf } from './harness.ts'

const rounds = 20
/** As a pipe delivers it. */
const chunkBytes = 64 * 1024
const chunkCount = 256

/**
 * MB a second of CPU that a masker passes with twenty secrets in all their forms, against a plain copy of the same
 * chunks: of what a build prints, and of the worst there is to search, random base64.
 */
export async function* mask(): AsyncIterable<Line> {
  const needles = twentySecrets()
  for (const [name, text] of Object.entries({ 'a log': logText(), base64: base64Text() })) {
    const chunks = chunksOf(text)
    const masked = async () => megabytesPerSecond(() => passThrough(new Masker(needles), chunks))
    const copied = async () => megabytesPerSecond(() => copyAll(chunks))
    yield lineOf(`mask ${name} with 20 secrets`, 'MB/s', await interleave(rounds, masked, copied), {
      valueAtLeast: 100,
    })
  }
}

function passThrough(masker: Masker, chunks: readonly Buffer[]): void {
  for (const chunk of chunks) masker.push(chunk)
  masker.end()
}

function copyAll(chunks: readonly Buffer[]): void {
  for (const chunk of chunks) Buffer.from(chunk)
}

/** Of CPU, because what else the machine does is not our figure. */
function megabytesPerSecond(pass: () => void): number {
  const before = process.cpuUsage()
  pass()
  const { user, system } = process.cpuUsage(before)
  return (chunkBytes * chunkCount) / (user + system)
}

/** Passwords with marks, so that all their forms differ. */
function twentySecrets(): Needles {
  const needles = new Needles()
  for (let i = 0; i < 20; i++) needles.add(Buffer.from(`${randomBytes(24).toString('base64')}/"%&`))
  return needles
}

function logText(): Buffer {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `${i} checked src/some/file-${i}.ts: ok, 17 warnings in 0.${i} s`,
  )
  return Buffer.from(lines.join('\n'))
}

function base64Text(): Buffer {
  return Buffer.from(randomBytes(750_000).toString('base64'))
}

function chunksOf(text: Buffer): Buffer[] {
  return Array.from({ length: chunkCount }, (_, at) => {
    const start = (at * chunkBytes) % (text.length - chunkBytes)
    return text.subarray(start, start + chunkBytes)
  })
}
