import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'

export function mcpCommand(making: Making): Command {
  return define(
    'mcp',
    'Serve AI agents on stdin and stdout, by the Model Context Protocol: a client of the server',
    'MAYFLY_URL=http://127.0.0.1:7070 mayfly mcp',
  ).action(
    action(making, async ({ client, io }) => {
      const { serveStdio } = await import('../../mcp/stdio.ts')
      await serveStdio(client, io)
      return undefined
    }),
  )
}
