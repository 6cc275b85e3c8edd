/** A load as ordinary clients make it: Node's own HTTP client over keep-alive connections. */
import { Agent, request } from 'node:http'

export interface Submission {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Requests a second over so many connections, each with one request under way at a time. */
export async function ordinaryRequestsPerSecond(
  { url, headers, body }: Submission,
  connections: number,
  milliseconds: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const bytes = Buffer.from(JSON.stringify(body))
  const options = {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
  }
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request(url, options, (response) => {
        if (response.statusCode !== 202) reject(new Error(`it answered ${response.statusCode}`))
        response.resume().on('end', resolve)
      })
      asked.on('error', reject).end(bytes)
    })
  const before = performance.now()
  let answered = 0
  const keepAsking = async () => {
    while (performance.now() < before + milliseconds) {
      await ask()
      answered++
    }
  }
  await Promise.all(Array.from({ length: connections }, keepAsking))
  const seconds = (performance.now() - before) / 1000
  agent.destroy()
  return answered / seconds
}
