import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

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
