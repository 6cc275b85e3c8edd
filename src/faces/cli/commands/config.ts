import type { Command } from 'commander'
import { action, define, type Making } from '../command.ts'
import { UsageError } from '../exit.ts'
import { table } from '../output.ts'
import type { Session } from '../session.ts'

interface Row {
  readonly name: string
  readonly value: unknown
  readonly source: string
}

export function configCommand(making: Making): Command {
  return define(
    'config',
    'Show the settings in force and where each comes from, never a secret',
    'mayfly config --json',
  ).action(
    action(making, async (session) => {
      const rows = [...clientRows(session), ...(await serverRows(session))]
      session.out.document(rows, () => {
        const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
        return table(
          ['SETTING', 'VALUE', 'SOURCE'],
          rows.map(({ name, value, source }) => [name, shown(value), source]),
        )
      })
      return undefined
    }),
  )
}

function clientRows({ settings: { url, token, tenant } }: Session): Row[] {
  return [
    { name: 'client.url', ...url },
    { name: 'client.token', value: token ? '(set)' : '(none)', source: token?.source ?? '–' },
    ...(tenant ? [{ name: 'client.tenant', ...tenant }] : []),
  ]
}

/** What a server would run with that was started here and now. */
async function serverRows({ io, settings: { data } }: Session): Promise<Row[]> {
  const { config, sources } = await readServerSettings(
    io.host.settings,
    data.source === '--data' ? ['--data', data.value] : [],
  )
  return Object.entries(config).map(([name, value]) => ({
    name,
    value: name === 'environment' ? Object.keys(value) : value,
    source: sources[name] ?? '–',
  }))
}

async function readServerSettings(read: Session['io']['host']['settings'], flags: readonly string[]) {
  try {
    return await read(flags)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
