import { execFileSync } from 'node:child_process'
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What bwrap would show of /dev too, but for new terminals. */
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty']

const links: Readonly<Record<string, string>> = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  // A part of the workspace, like /tmp.
  shm: '/tmp',
}

/** Linux knows it as nobody. No worker is it, neither inside nor outside of its sandbox. */
const nobody = 65_534

/**
 * Makes a stand-in for /dev, and returns where. The machine's devices belong to root, and so to a worker that is root
 * outside of its sandbox: it could change their mode, and nobody else on the machine could open /dev/null any more. These
 * belong to nobody, and cost a start one mount in place of nine. Undefined when we are not root, or may not make them
 * here: bwrap shows those of the machine.
 */
export function furnishDevices(directory: string): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  rmSync(directory, { recursive: true, force: true })
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    const there = devices.map((name) => join('/dev', name)).filter((path) => existsSync(path))
    execFileSync('cp', ['-a', ...there, directory], { stdio: 'ignore' })
    // A device can be made, and be forbidden where it lies.
    closeSync(openSync(join(directory, 'null'), 'r+'))
    for (const [name, to] of Object.entries(links)) symlinkSync(to, join(directory, name))
    giveAway(directory)
    return directory
  } catch {
    rmSync(directory, { recursive: true, force: true })
    return undefined
  }
}

function giveAway(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!(name in links)) chownSync(join(directory, name), nobody, nobody)
  }
  chownSync(directory, nobody, nobody)
}
