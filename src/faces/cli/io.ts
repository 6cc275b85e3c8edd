import type { Policy, TenantPolicy } from '../../schedule/policy.ts'
import type { NamedQuotas } from './tenants-file.ts'

/** Everything of the outside that a command touches: what it is given, and nothing else. */
export interface Io {
  /** argv without Node and the program. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Node and the program as whoever called it named them: argv without its arguments. */
  readonly called: readonly [node: string, module: string]
  /** How to start this very program: Node, and its first module. */
  readonly program: readonly [node: string, module: string]
  readonly host: Host
  /** Calls the handler at Ctrl-C, until the function returned is called. */
  readonly onInterrupt: (handler: () => void) => () => void
}

/** What the server knows of its settings and of this machine. */
interface Host {
  readonly settings: (flags: readonly string[]) => Promise<{
    readonly config: object
    readonly sources: Readonly<Record<string, string | undefined>>
  }>
  /** How much may run with the settings of a file, or with none, and what of it these tenants may have. */
  readonly policy: (
    file: string | undefined,
    tenants: readonly NamedQuotas[],
  ) => Promise<{ readonly policy: Policy; readonly tenants: ReadonlyMap<string, TenantPolicy> }>
  readonly traces: () => Promise<TraceTools>
  readonly isolation: () => Promise<{
    readonly level: number
    readonly missing: string
    readonly advice: readonly string[]
    /** What level 3 would need that is not here. */
    readonly beyond: readonly string[]
  }>
}

/** What looks for a secret where none may be. */
export type TraceTools = typeof import('../../process/traces.ts')
