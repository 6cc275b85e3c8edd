/** Everything that the edge bounds. */
export interface EdgeLimits {
  readonly bodyBytes: number
  readonly batchBytes: number
  readonly sockets: number
  readonly headersMs: number
  readonly requestMs: number
  /** For routes whose body may be large. */
  readonly longRequestMs: number
  /** A connection on which nothing moves is closed after this. Longer than the longest long poll. */
  readonly idleMs: number
  /** How long a close waits for requests and streams before it cuts them. */
  readonly closeMs: number
  /** Messages of agents under way at once: each has a connection from here to here beside its own. */
  readonly mcpCalls: number
  readonly mcpCallsPerTenant: number
  readonly stream: StreamLimits
}

export interface StreamLimits {
  readonly connections: number
  readonly connectionsPerTenant: number
  readonly subscriptionsPerConnection: number
  /** Requests of one connection under way at once; the socket is not read while there are that many. */
  readonly openRequests: number
  readonly inboundBytes: number
  readonly heartbeatMs: number
  /** From here on nothing is sent that can wait. */
  readonly fullBytes: number
  /** Full for longer than this without a drain is too slow. */
  readonly fullMs: number
  /** So much unsent is too slow at once. More than the largest event, so that one alone never cuts anybody. */
  readonly overflowBytes: number
  /** How long a socket may take over its closing handshake. */
  readonly closeMs: number
}

export const edgeLimits: EdgeLimits = {
  bodyBytes: 1024 * 1024,
  batchBytes: 8 * 1024 * 1024,
  sockets: 10_000,
  headersMs: 10_000,
  requestMs: 30_000,
  longRequestMs: 3_600_000,
  idleMs: 120_000,
  closeMs: 5_000,
  mcpCalls: 1_000,
  mcpCallsPerTenant: 100,
  stream: {
    connections: 2_000,
    connectionsPerTenant: 500,
    subscriptionsPerConnection: 100,
    openRequests: 64,
    inboundBytes: 64 * 1024,
    heartbeatMs: 20_000,
    fullBytes: 256 * 1024,
    fullMs: 10_000,
    overflowBytes: 8 * 1024 * 1024,
    closeMs: 5_000,
  },
}
