import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

it('npm run emulator says where its orgs are and how to log in, and ends when it is told', async () => {
  const main = new URL('main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, '--accounts', '3'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk
    if (said.includes('mayfly -- kinds')) break
  }
  const [, json = ''] = /printf %s '(.*?)' \| npm run -s mayfly -- secrets set org\/prod\/login/.exec(said) ?? []
  const { clientId, clientSecret, refreshToken, loginUrl } = JSON.parse(json)
  const form = {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  }
  const token = await fetch(`${loginUrl}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: session, instance_url: instance } = (await token.json()) as Record<string, string>
  const count = `${instance}/services/data/v62.0/query?q=${encodeURIComponent('SELECT COUNT() FROM Invoice__c')}`
  const answer = await fetch(count, { headers: { authorization: `Bearer ${session}` } })
  expect(await answer.json()).toMatchObject({ totalSize: 3 })
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
})
