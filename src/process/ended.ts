import type { Exit } from '../task/endings.ts'
import type { Used } from '../task/vitals.ts'
import { nameOfSignal } from './signals.ts'

/** A child that has ended. */
export interface Ended {
  readonly exit: Exit
  /**
   * What the kernel has counted of it, and of all that ended below it and was waited for; its memory is that of the
   * largest one. Undefined when it was no child of ours, or somebody else has waited for it.
   */
  readonly used?: Used
}

/** Of one that is no child, or that somebody else has waited for. */
export const unknownEnd: Ended = { exit: { code: null, signal: null } }

/** As large as `struct rusage` at least: 18 words of 64 bits in glibc, 34 in musl. */
export const usedWords = 64
const blockBytes = 512

/** What `wait4` says, in its status and in its `struct rusage`. */
export function endedOf(status: number, used: BigInt64Array): Ended {
  return { exit: exitOf(status), used: usedOf(used) }
}

function exitOf(status: number): Exit {
  const signal = status & 0x7f
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null }
  return { code: null, signal: nameOfSignal(signal) ?? `signal ${signal}` }
}

/** Times in seconds and microseconds, the largest memory in KiB, and the blocks that went to disks. */
function usedOf(words: BigInt64Array): Used {
  const [user = 0, userMicros = 0, system = 0, systemMicros = 0, largestKiB = 0] = Array.from(
    words.subarray(0, 5),
    Number,
  )
  const writtenBlocks = Number(words[12])
  return {
    cpuSeconds: user + system + (userMicros + systemMicros) / 1e6,
    rssMiB: largestKiB / 1024,
    writtenMiB: (writtenBlocks * blockBytes) / 1024 ** 2,
  }
}
