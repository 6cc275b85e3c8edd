import { constants } from 'node:os'
import { openCLibrary } from '../system/c-library.ts'

/** All that the server listens to, or that Node does for it. */
const heard = ['SIGCHLD', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1'] as const

const SIG_BLOCK = 0
/** `sigset_t`: 1024 bits, of which the first stands for signal 1. */
const signalsWords = 16

/**
 * When a signal comes, the kernel lays the registers of a thread down on its stack, and they hold the end of what was
 * copied or encoded last: a secret perhaps, and where the stack is seldom as deep, for good (measured). And processes end
 * all the time. So this thread, and all that it starts from now on, let signals be heard by V8's own threads, which were
 * there before: they know the heap alone, where no secret is. Node has SIGUSR1 blocked there, too: nobody hears it, and it
 * opens no debugger. To be called before anything else starts a thread, as what Node is told to load first might;
 * processes that we start hear signals as ever.
 */
export function hearSignalsAside(): void {
  const signals = new BigUint64Array(signalsWords)
  for (const name of heard) signals[0] = (signals[0] ?? 0n) | (1n << BigInt(constants.signals[name] - 1))
  openCLibrary()?.declare<[number, BigUint64Array, null]>('int pthread_sigmask(int how, void *signals, void *had)')(
    SIG_BLOCK,
    signals,
    null,
  )
}
