import { constants } from 'node:os'
import { openCLibrary } from '../system/c-library.ts'

const SIG_BLOCK = 0
/** `sigset_t`: 1024 bits, of which the first stands for signal 1. */
const signalsWords = 16

/**
 * When a signal comes, the kernel lays the registers of a thread down on its stack, and they hold the end of what was
 * copied or encoded last: a secret perhaps, and where the stack is seldom as deep, for good (measured). Processes end all
 * the time. So this thread, and all that it starts from now on, are not told of it: V8's own are, which were there before
 * and hold no secrets. To be called before anything else starts a thread; processes that we start are told as ever.
 */
export function hearOfEndsAside(): void {
  const signals = new BigUint64Array(signalsWords)
  signals[0] = 1n << BigInt(constants.signals.SIGCHLD - 1)
  openCLibrary()?.declare<[number, BigUint64Array, null]>('int pthread_sigmask(int how, void *signals, void *had)')(
    SIG_BLOCK,
    signals,
    null,
  )
}
