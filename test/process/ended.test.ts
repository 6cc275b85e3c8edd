import { expect, it } from 'vitest'
import { endedOf, usedWords } from '../../src/process/ended.ts'

/** `struct rusage`, as far as it is read. */
function rusage(user: [bigint, bigint], system: [bigint, bigint], largestKiB: bigint, blocks: bigint) {
  const words = new BigInt64Array(usedWords)
  words.set([...user, ...system, largestKiB])
  words[12] = blocks
  return words
}

const nothing = rusage([0n, 0n], [0n, 0n], 0n, 0n)

it.each([
  ['exited', 7 << 8, { code: 7, signal: null }],
  ['was ended by a signal', 9, { code: null, signal: 'SIGKILL' }],
  ['was ended by a signal and left its memory behind', 11 | 0x80, { code: null, signal: 'SIGSEGV' }],
  ['was ended by a signal without a name', 40, { code: null, signal: 'signal 40' }],
])('a child that %s is told so by its status', (_, status, exit) => {
  expect(endedOf(status, nothing).exit).toEqual(exit)
})

it('what a child has used is in seconds and MiB', () => {
  const used = rusage([2n, 500_000n], [1n, 250_000n], 3n * 1024n, 4n * 2048n)
  expect(endedOf(0, used).used).toEqual({ cpuSeconds: 3.75, rssMiB: 3, writtenMiB: 4 })
})
