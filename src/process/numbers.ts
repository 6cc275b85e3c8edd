/**
 * Numbers of processes as a brake: a pid namespace that has given out all of its numbers starts no more processes, whoever
 * its user is. Elsewhere the kernel counts by user, and root is exempt.
 */
import { spawn } from 'node:child_process'
import { release } from 'node:os'
import { readProc } from './proc.ts'

/** The number of a process is one of its namespace from here on; before, the highest is the whole machine's. */
const [major = 0, minor = 0] = release().split('.').map(Number)
const hasOwnNumbers = major > 6 || (major === 6 && minor >= 14)
/** The kernel takes no lower one. */
const leastNumbers = 512
const knob = '/proc/sys/kernel/pid_max'

/** A process of Node has some ten of them: the kernel counts threads where its watcher counts processes. */
const threadsOfOne = 16

export function threadsOf(processes: number): number {
  return processes * threadsOfOne
}

/** Leaves a namespace so many numbers, in the words of a shell that runs as root in it. */
export function fewNumbers(threads: number): string {
  return hasOwnNumbers ? `echo ${Math.max(threads, leastNumbers)} > ${knob}` : ':'
}

const isRoot = process.getuid?.() === 0

/** What it takes from outside; only root may. */
export const canLimitNumbers = hasOwnNumbers && isRoot

/**
 * Root of the whole machine, who may start any number: of others the kernel counts all processes of the user, also those
 * outside, when a limit stands before a worker has users of its own.
 */
export const isUncounted = isRoot && /^\s*0\s+0\s+4294967295\s*$/.test(readProc('/proc/self/uid_map') ?? '')
const patienceMs = 5_000

/**
 * The same from outside, where nobody inside may: `namespace` is the descriptor of its file. Resolves with whether it
 * went well. Costs two short-lived processes.
 */
export function limitNumbers(namespace: number, threads: number): Promise<boolean> {
  const command = ['--pid=/proc/self/fd/3', '--', 'sh', '-c', fewNumbers(threads)]
  const options = { timeout: patienceMs, killSignal: 'SIGKILL', cwd: '/' } as const
  return new Promise((resolve) => {
    const child = spawn('nsenter', command, { ...options, stdio: ['ignore', 'ignore', 'ignore', namespace] })
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
}
