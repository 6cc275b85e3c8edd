/** All commands, each in a file of its own that is loaded when it is wanted: to load them all takes longer than most take. */
import type { Command } from 'commander'
import type { Making } from './command.ts'

type Maker = (making: Making) => Command

/** In the order of the help. */
const catalog: Readonly<Record<string, () => Promise<Maker>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  attach: async () => (await import('./commands/attach.ts')).attachCommand,
  submit: async () => (await import('./commands/submit.ts')).submitCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  list: async () => (await import('./commands/list.ts')).listCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  explain: async () => (await import('./commands/explain.ts')).explainCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  artifacts: async () => (await import('./commands/artifacts.ts')).artifactsCommand,
  cancel: async () => (await import('./commands/cancel.ts')).cancelCommand,
  retry: async () => (await import('./commands/retry.ts')).retryCommand,
  kinds: async () => (await import('./commands/kinds.ts')).kindsCommand,
  pools: async () => (await import('./commands/pools.ts')).poolsCommand,
  schedules: async () => (await import('./commands/schedules.ts')).schedulesCommand,
  secrets: async () => (await import('./commands/secrets.ts')).secretsCommand,
  tenants: async () => (await import('./commands/tenants.ts')).tenantsCommand,
  tokens: async () => (await import('./commands/tokens.ts')).tokensCommand,
  pauses: async () => (await import('./commands/pauses.ts')).pausesCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  mcp: async () => (await import('./commands/mcp.ts')).mcpCommand,
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand,
  config: async () => (await import('./commands/config.ts')).configCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand,
  version: async () => (await import('./commands/version.ts')).versionCommand,
}

/** Of the command that the arguments begin with; of all where that is none, or the one that tells of the others. */
export function makersFor([name = '']: readonly string[]): Promise<readonly Maker[]> {
  const load = name !== 'completion' && Object.hasOwn(catalog, name) ? catalog[name] : undefined
  return Promise.all(load ? [load()] : Object.values(catalog).map((each) => each()))
}
