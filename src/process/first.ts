import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { Used } from '../task/vitals.ts'
import { isGone, readStat } from './identity.ts'
import { readProc } from './proc.ts'
import type { Spawn } from './spawn.ts'

/** More than this bwrap does not say. */
const mostCharacters = 4_096
const firstLookMs = 1
const longestRestMs = 100

interface Found {
  readonly pid: number
  readonly startTicks: number | undefined
}

/**
 * The first process of a sandbox: with it the kernel ends all others, and it is gone only when they are. bwrap says
 * who it is before it runs, and itself exits with the worker, which may be sooner.
 */
export class FirstProcess {
  #said = ''
  #found: Found | undefined
  readonly #told: Promise<void>
  readonly #reap: Spawn['reap']
  #used: Used | undefined

  /** `status` is what bwrap writes to its status descriptor. */
  constructor(status: Readable, reap?: Spawn['reap']) {
    this.#reap = reap
    status.on('error', () => {})
    status.setEncoding('utf8')
    status.on('data', (text: string) => {
      if (this.#said.length < mostCharacters) this.#said += text
      try {
        this.#found ??= this.#find()
      } catch {
        // Without descriptors it cannot be seen now: whoever asks looks again.
      }
    })
    this.#told = new Promise((resolve) => status.once('close', () => resolve()))
  }

  /** Whether the worker's program was started in it, once bwrap has exited: what went wrong before is bwrap's. */
  async cameUp(): Promise<boolean> {
    await this.#told
    return /"exit-code"/.test(this.#said)
  }

  /**
   * Its pid namespace, as a descriptor to be closed; undefined when it is not known, or is gone. Never our own: what is
   * limited there would be the whole machine.
   */
  openNamespace(): number | undefined {
    if (!this.#isThere()) return undefined
    try {
      const namespace = openSync(`/proc/${this.#found?.pid}/ns/pid`, 'r')
      // It may have ended, and another process have its number: since, or before it was first looked at.
      if (this.#isThere() && fstatSync(namespace).ino !== statSync('/proc/self/ns/pid').ino) return namespace
      closeSync(namespace)
    } catch {
      // It has ended meanwhile.
    }
    return undefined
  }

  /** Kills it, and resolves when it is gone, and all others with it. Call it when bwrap has exited. */
  async ended(): Promise<void> {
    await this.#told
    for (let restMs = firstLookMs; this.#mayBeThere(); restMs = Math.min(restMs * 2, longestRestMs)) {
      this.#kill()
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
    this.#used = this.#lastUsed()
  }

  /** What it and all others had used, once it is gone; undefined where it was left to somebody else. */
  get used(): Used | undefined {
    return this.#used
  }

  #find() {
    const [, digits] = /"child-pid": *(\d+)/.exec(this.#said) ?? []
    if (digits === undefined) return undefined
    const pid = Number(digits)
    return { pid, startTicks: readStat(pid)?.startTicks }
  }

  /** It may have ended meanwhile, and another process have its number: the first of a sandbox is none of those. */
  #findLate() {
    const found = this.#find()
    const isFirst = /^NSpid:\s.*\s1$/m.test(found ? (readProc(`/proc/${found.pid}/status`) ?? '') : '')
    return isFirst ? found : undefined
  }

  /** Without descriptors nobody can be seen, and that must not pass for nobody being there. */
  #mayBeThere(): boolean {
    try {
      return this.#isThere()
    } catch {
      return true
    }
  }

  #isThere(): boolean {
    this.#found ??= this.#findLate()
    return this.#found !== undefined && hasItsNumber(this.#found) && !isGone(this.#found.pid)
  }

  #lastUsed(): Used | undefined {
    try {
      return this.#found && hasItsNumber(this.#found) ? this.#reap?.(this.#found.pid) : undefined
    } catch {
      // Without descriptors nobody can say whose the number is by now.
      return undefined
    }
  }

  #kill(): void {
    try {
      if (this.#found) process.kill(this.#found.pid, 'SIGKILL')
    } catch {}
  }
}

/** It lives, or nobody has waited for it yet. */
function hasItsNumber({ pid, startTicks }: Found): boolean {
  return startTicks !== undefined && readStat(pid)?.startTicks === startTicks
}
