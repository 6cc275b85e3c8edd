import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { version } from '../version.ts'

export function versionCommand(making: Making): Command {
  return define('version', 'Say which Mayfly and which Node this is', 'mayfly version').action(
    action(making, async ({ out }) => {
      const versions = { mayfly: version(), node: process.version }
      out.document(versions, () => `mayfly ${versions.mayfly}, Node ${versions.node}`)
      return undefined
    }),
  )
}
