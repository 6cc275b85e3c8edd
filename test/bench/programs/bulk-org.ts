/** An emulated org with an object of so many rows, whose pages are sent from memory: it is not what is measured. */
import type { Answer } from '../../emulator/answer.ts'
import { startEmulator } from '../../emulator/emulator.ts'
import { sessionTextOf } from '../../fixtures/session.ts'
import { answerWith } from './answer.ts'

const rows = Number(process.argv[2])
const emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
const org = emulator.org('prod')
org.rows.define('Big__c', { Number__c: 'int', Text__c: 'string' })
org.rows.generate('Big__c', rows, (index) => ({
  Name: `Big ${index}`,
  Number__c: index,
  Text__c: `${index} `.repeat(14),
}))

/** By the part of the address that says which page. */
const pages = new Map<string, Answer>()
emulator.faults.add({
  match: ({ path }) => path.endsWith('/results'),
  times: Number.POSITIVE_INFINITY,
  async action(_org, { url }, genuine) {
    const [, page = ''] = url.split('?')
    const known = pages.get(page) ?? inMemory(await genuine())
    pages.set(page, known)
    return known
  },
})

function inMemory(answer: Answer): Answer {
  const { body } = answer
  if (body === undefined || typeof body === 'string' || !(Symbol.iterator in body)) return answer
  return { ...answer, body: Buffer.from([...(body as Iterable<string>)].join('')) }
}

const session = Buffer.from(sessionTextOf(org)).toString()
const { token } = org.sessions.open({ userId: org.userId, clientId: 'bench' })
answerWith<object>({ session, token, url: org.url }, async () => ({}))
