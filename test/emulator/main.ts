/**
 * `npm run emulator`: two orgs with something in them, for whoever wants to try kinds without an org of their own. They
 * are gone when it ends. `-- --port 7080` takes that port for logins and the two after it for the orgs, `-- --accounts
 * 1000` puts so many accounts into each.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Emulator, startEmulator } from './emulator.ts'
import type { EmulatedOrg } from './org.ts'
import { addSampleData } from './sample.ts'

const names = ['prod', 'second'] as const
const tasks = new URL('../../workers/tasks/', import.meta.url)

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, accounts: { type: 'string', default: '50' } },
})
const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
const emulator = await startEmulator({ orgs: names.map((name) => ({ name })), port: Number(values.port) })
for (const name of names) addSampleData(emulator.org(name), Number(values.accounts))
process.stdout.write(greeting(emulator))
await ended
// What a client did wrong has been said to it; here it is no reason to fail.
for (const complaint of emulator.complaints()) process.stderr.write(`${complaint}\n`)
await emulator.close().catch(() => undefined)

function greeting({ url, org }: Emulator): string {
  const orgs = names.map((name) => `  ${name}: ${org(name).id} at ${org(name).url}, ${org(name).username}`)
  const logins = names.map((name) => {
    return `  printf %s '${org(name).login('refreshToken')}' | npm run -s mayfly -- secrets set org/${name}/login`
  })
  return `An emulated Salesforce listens at ${url}, for as long as this lasts.

${orgs.join('\n')}

Beside a server (npm start), tell Mayfly how to log in:

${logins.join('\n')}

Then kinds that work on an org have somewhere to go:

${examples(org('prod')).join('\n')}
`
}

/** Of those kinds that there are. */
function examples({ rows }: EmulatedOrg): string[] {
  const [version] = rows.all('SubscriberPackageVersion')
  const inputs = {
    'org.health': '',
    'bulk.query': " --set 'soql=SELECT Id, Name FROM Account'",
    'apex.test': ' --set testLevel=RunLocalTests',
    'org.backup': '',
    'config.check': ' --set failOn=never',
    'source.track': ' --set action=retrieve',
    'package.install': ` --set 'packages=[{"versionId":"${version?.Id}"}]'`,
    'env.prepare': ` --set alias=feature --set 'scratch={"definition":{"edition":"Developer"}}'`,
    'org.validate': ' --set failOn=never',
  }
  const kinds = Object.entries(inputs).filter(([kind]) => existsSync(new URL(`${kind}.ts`, tasks)))
  return [
    '  npm run -s mayfly -- kinds',
    ...kinds.map(([kind, set]) => `  npm run -s mayfly -- run ${kind} --set org=prod${set}`),
  ]
}
