import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { processesIn } from '../../fixtures/canary.ts'

/** Processes whose environment or command line holds this text, told apart from ourselves. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && holds(pid, text))
}

function holds(pid: number, text: string): boolean {
  return ['environ', 'cmdline'].some((file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text)
    } catch {
      return false
    }
  })
}

export function workspacesOf(data: string): string[] {
  return readdirSync(join(data, 'workspaces'))
}

/** Attempts of which there is a note of what they used: none when all have settled. */
export function usageNotesOf(data: string): string[] {
  return readdirSync(join(data, 'usage'))
}

/** The workers themselves, without what their tasks have started. */
export function workersIn(data: string): number[] {
  return processesIn(data).filter((pid) => {
    try {
      return basename(readlinkSync(`/proc/${pid}/exe`)) === 'node'
    } catch {
      return false
    }
  })
}

export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Whether it has started others, as the worker of a command at work has. */
export function hasChildren(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1') !== ''
  } catch {
    return false
  }
}
