/** What sfdx-project.json has replaced on the way to an org, secrets among it: in the org, and nowhere else. */
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { quick, startSalesforce, type TestSalesforce } from '../../fixtures/salesforce.ts'

const secret = 'correct-horse-battery-staple'
const meta = (type: string, inner = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://soap.sforce.com/2006/04/metadata">${inner}</${type}>\n`
const project = {
  'sfdx-project.json': JSON.stringify({
    packageDirectories: [{ path: 'app' }],
    sourceApiVersion: '62.0',
    replacements: [
      { filename: 'app/classes/Api.cls', stringToReplace: '__PASSWORD__', replaceWithEnv: 'API_PASSWORD' },
      { glob: '**/*.cls', stringToReplace: '__URL__', replaceWithEnv: 'API_URL' },
    ],
  }),
  'app/classes/Api.cls': "public class Api {\n  String url = '__URL__';\n  String password = '__PASSWORD__';\n}\n",
  'app/classes/Api.cls-meta.xml': meta('ApexClass', '<apiVersion>62.0</apiVersion>'),
}

let salesforce: TestSalesforce
let upload: string

beforeAll(async () => {
  salesforce = await startSalesforce()
  await salesforce.store('api/password', secret)
  const files = Object.entries(project).map(([path, text]) => [path, Buffer.from(text)])
  upload = (await salesforce.mayfly.upload(zipSync(Object.fromEntries(files)))).id
})
afterAll(() => salesforce.close())

const ask = (input: object, secrets: Readonly<Record<string, string>> = {}) => ({
  kind: 'deploy.run',
  input: { org: 'prod', upload, env: { API_URL: 'https://api.example.com' }, ...quick, ...input },
  secrets,
})

it('puts a secret into the org, and into nothing that anybody here may read', async () => {
  const org = salesforce.org('prod')
  // What the org says of it, too.
  org.deployRules.fail('Api', { problem: `Unexpected token ${secret}`, lineNumber: 3, columnNumber: 1 })
  const secrets = { replacement: 'vault:api/password' }
  const refused = await salesforce.run(ask({ secretEnv: { API_PASSWORD: 'replacement' } }, secrets))
  expect(refused.error?.code).toBe('DEPLOY_FAILED')
  org.deployRules.clear()
  const done = await salesforce.run(ask({ secretEnv: { API_PASSWORD: 'replacement' } }, secrets))
  expect(done).toMatchObject({ state: 'succeeded', result: { zip: { sha256: null } } })
  const stored = org.metadata.get('ApexClass', 'Api')?.files.get('classes/Api.cls')?.toString()
  expect(stored).toBe(
    `public class Api {\n  String url = 'https://api.example.com';\n  String password = '${secret}';\n}\n`,
  )
  const shown: string[] = []
  for (const { id } of [refused, done]) {
    shown.push(JSON.stringify(await salesforce.mayfly.task(id)), JSON.stringify(await salesforce.mayfly.events(id)))
    for (const name of ['deploy.run.json', 'deployment.json', 'summary.md']) {
      const artifact = await salesforce.mayfly.call('GET', `/tasks/${id}/artifacts/${name}`)
      expect([name, artifact.status]).toEqual([name, 200])
      shown.push(await artifact.text())
    }
  }
  const all = shown.join('\n')
  expect(all).toContain('the replacement of \\"__PASSWORD__\\" in app/classes/Api.cls: in 1 file')
  expect(all).not.toContain(secret)
})

it('says which variable and which secret is missing, before anything is sent', async () => {
  const { error } = await salesforce.run(ask({}))
  expect(error?.message).toBe(
    'sfdx-project.json: the replacement of "__PASSWORD__" in app/classes/Api.cls needs the variable API_PASSWORD: give it under env, or under secretEnv, of deploy.validate or deploy.run, or say "allowUnsetEnvVariable": true there',
  )
  const { error: other } = await salesforce.run(ask({ secretEnv: { API_PASSWORD: 'replacement2' } }))
  expect(other?.message).toBe(
    'secretEnv.API_PASSWORD needs the secret replacement2: give it in the request, as secrets: {"replacement2": "vault:NAME"}',
  )
  const twice = ask({ env: { API_PASSWORD: 'x' }, secretEnv: { API_PASSWORD: 'replacement' } })
  expect((await salesforce.run(twice)).error?.message).toBe(
    'API_PASSWORD is in env and in secretEnv: leave it in one of them',
  )
})
