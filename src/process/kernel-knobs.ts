import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A process is no knob; nor is what a process sees of itself, under links to its own directory. */
const isOfProcess = (name: string) => /^\d+$/.test(name)
const writableByOwner = 0o200
const writableByAll = 0o002
const deepest = 8

/**
 * Where /proc lets its owner, root, write into the kernel: for that it asks for no capability, so that a worker that is
 * root outside of its sandbox could set what the kernel runs when a program crashes. None when we are not root.
 */
export function kernelKnobs(): readonly string[] {
  if (process.getuid?.() !== 0) return []
  return readdirSync('/proc')
    .filter((name) => !isOfProcess(name))
    .map((name) => join('/proc', name))
    .filter((path) => holdsKnob(path, deepest))
}

function holdsKnob(path: string, depth: number): boolean {
  try {
    const stat = lstatSync(path)
    if (stat.isFile()) return (stat.mode & writableByOwner) !== 0 && (stat.mode & writableByAll) === 0
    return stat.isDirectory() && depth > 0 && readdirSync(path).some((name) => holdsKnob(join(path, name), depth - 1))
  } catch {
    return false
  }
}
