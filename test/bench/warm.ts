import { ordinaryRequestsPerSecond, type Submission } from './ordinary-client.ts'

/**
 * A server stays for weeks, and what it does often is compiled only after so much work. The limit beside it does as much:
 * what it still had to compile would count as what its requests cost, and the more so the slower the machine is.
 */
const warmingRequests = 20_000
const roundMs = 300
const connections = 50

/** Durable, and never started: no process disturbs what is measured. */
export const waitingTask = {
  kind: 'noop',
  input: { org: 'devhub', tests: ['a', 'b'] },
  notBefore: '2100-01-01T00:00:00Z',
}

/** Has it answered by whoever takes submissions there, again and again. */
export async function warmUp(submission: Submission): Promise<void> {
  for (let answered = 0; answered < warmingRequests; ) {
    answered += ((await ordinaryRequestsPerSecond(submission, connections, roundMs)) * roundMs) / 1000
  }
}
