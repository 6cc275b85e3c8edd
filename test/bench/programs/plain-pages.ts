/** What a bulk query comes to at least: its pages by fetch, each into a file as it comes, with their headers. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { answerWith } from './answer.ts'

interface Asked {
  readonly url: string
  readonly token: string
  readonly soql: string
  readonly file: string
}

answerWith<Asked>({}, async ({ url, token, soql, file }) => {
  const call = async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const request = body ? { method: 'POST', body: JSON.stringify(body) } : {}
    return fetch(`${url}/services/data/v62.0/jobs/query${path}`, { headers, ...request })
  }
  const { id } = (await (await call('', { operation: 'query', query: soql })).json()) as { id: string }
  while (((await (await call(`/${id}`)).json()) as { state: string }).state !== 'JobComplete');
  const begunAt = performance.now()
  for (let locator: string | null = ''; locator !== null; ) {
    const response = await call(`/${id}/results?maxRecords=50000${locator && `&locator=${locator}`}`)
    const target = createWriteStream(file, { flags: locator === '' ? 'w' : 'a' })
    await pipeline(Readable.fromWeb(response.body ?? new ReadableStream()), target)
    const next = response.headers.get('sforce-locator')
    locator = next === 'null' ? null : next
  }
  return { ms: performance.now() - begunAt }
})
