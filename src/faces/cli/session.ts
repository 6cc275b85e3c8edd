import { Mayfly } from '../../client/client.ts'
import { invocation, quoted } from './invocation.ts'
import type { Io } from './io.ts'
import { lightFetch } from './light-fetch.ts'
import { Output } from './output.ts'
import { identityOf } from './pipeline/identity.ts'
import { type Pipeline, pipelineOf } from './pipeline/pipeline.ts'
import { usesProxies } from './proxies.ts'
import { type ClientSettings, type CommonOptions, readClientSettings, tokenOf } from './settings.ts'

/** One command under way: its surroundings, its settings and its voice. */
export class Session {
  readonly io: Io
  readonly out: Output
  readonly settings: ClientSettings
  readonly pipeline: Pipeline
  #client: Mayfly | undefined

  constructor(io: Io, options: CommonOptions) {
    this.io = io
    this.pipeline = options.ci ?? pipelineOf(io.env)
    this.out = new Output(io, options.json ?? false, this.pipeline !== 'none')
    this.settings = readClientSettings(options, io.env)
  }

  /** The server that the settings name. Throws CommandError when there is no token for it. */
  get client(): Mayfly {
    this.#client ??= this.clientAt(this.settings.url.value, this.#identity() ?? tokenOf(this.settings))
    return this.#client
  }

  /** Who this job is, where nobody gave a token; only for a server that was named, since it is told. */
  #identity(): (() => Promise<string>) | undefined {
    const { token, isNamed, url } = this.settings
    return token || !isNamed ? undefined : identityOf(this.io.env, url.value)
  }

  /** A line that does this command with the same server and tenant, for a person to paste. A token never stands in it. */
  again(...words: readonly string[]): string {
    const { url, data, tenant } = this.settings
    const flags = [
      ...(url.source === '--url' ? ['--url', url.value] : []),
      ...(data.source === '--data' ? ['--data', data.value] : []),
      ...(tenant?.source === '--tenant' ? ['--tenant', tenant.value] : []),
    ]
    return [invocation(this.io), ...[...words, ...flags].map(quoted)].join(' ')
  }

  /** Without a token it may only ask how the server is. */
  clientAt(url: string, token?: string | (() => Promise<string>)): Mayfly {
    const fetch = usesProxies(this.io.env) ? undefined : lightFetch
    return new Mayfly({ url, token, tenant: this.settings.tenant?.value, fetch })
  }

  /** From now on the client of this address, such as that of an embedded server. */
  useClient(url: string, token: string): void {
    this.#client = this.clientAt(url, token)
  }
}
