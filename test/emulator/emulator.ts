/**
 * An emulated Salesforce on this machine, for tests and for whoever wants to try kinds without an org.
 *
 *     const emulator = await startEmulator({ orgs: [{ name: 'prod' }, { name: 'second' }] })
 *     const org = emulator.org('prod')
 *     org.rows.insert('Account', { Name: 'ACME' })
 *     emulator.faults.add({ match: ({ path }) => path.endsWith('/query'), action: expiredSession })
 *     await emulator.close()   // throws when a client did what no client should do
 *
 * Metadata, tests and environments move on with each look that a client takes; how many looks a phase takes is the
 * `pace` of its owner. What tests steer and look at:
 *
 *     org.metadata.add({ 'classes/A.cls': '…', 'classes/A.cls-meta.xml': '…' })   // as if it had been deployed; .get, .all
 *     org.deployRules.fail('A', { problem, lineNumber }) .failWhere(text, …) .failTest('ATest.method', { message, times })
 *                    .cover('A', 60) .clear()      // otherwise broken braces, broken XML and assert(false) fail
 *     org.deployments.all                          // with zip, options, frame, findings; .resubmitted: same zip, how often
 *     org.deployments.isHeld = true                // the running one stays in progress; .pace.pending = 5; .onBusy
 *     org.deployments.addForeign(zip, options)     // a colleague's, for which ours wait; .age(id, days) of a validation
 *     org.retrievals.limits.maxFiles = 10          // .pace.polls
 *     org.testRuns.all, .isHeld, .pace             // ApexTestRunResult and its kin
 *     org.packages.publish({ name, version, installationKey }) → 04t…; .failNextInstall(message), .failNextVersion(message)
 *     org.scratchOrgs.orgOf(id), .failNext('S-1006'); org.sandboxes.orgNamed(name), .failNext('Stopped')   // real orgs
 *     startEmulator({ orgs: [{ name, tracksSource: false }] })   // without SourceMember, as production
 *     org.maintenances.push({ name, from, to })    // announced under org.url, as on status.salesforce.com
 *     org.anonymousApex                            // scripts that were executed
 *
 * Each org has a port of its own, its instance URL. `emulator.url` is the login URL of all: there the org is found by
 * what the request carries (token, code, client, user).
 *
 * To add endpoints: write a list of `Route`s (route.ts: method, path pattern, for SOAP the call, handler) in a file of
 * their own and add it to `routes.ts`. A handler gets `(org, request)` and returns an `Answer` (answer.ts: `json`,
 * `empty`, `csv`, `xml`; soap.ts: `soapAnswer`, `soapFault`) or throws an `ApiError`, which becomes a REST error or a
 * SOAP fault. What an org must remember is a member of `EmulatedOrg` (org.ts), in a class of its own file. What moves on
 * by itself is a hook of an object (`org.rows.hook(object, { inserted, updated, removed, read, check })`): `read` runs at each
 * look that a client takes. What a client must never do is `org.complain(sentence)`.
 */
import type { Server } from 'node:http'
import { Faults } from './faults.ts'
import { EmulatedOrg, type OrgOptions } from './org.ts'
import { type EmulatedRequest, elementOf, formOf, tokenOf } from './request.ts'
import { listen, type RequestRecord } from './serve.ts'

export interface Emulator {
  /** Where one logs in. */
  readonly url: string
  readonly faults: Faults
  /** All requests in the order in which they came. */
  readonly requests: readonly RequestRecord[]
  org(name: string): EmulatedOrg
  /** What clients did that no client should do. */
  complaints(): string[]
  /** Ends all connections; throws when there are complaints. */
  close(): Promise<void>
}

export interface EmulatorOptions {
  readonly orgs: readonly OrgOptions[]
  /** Port of the login URL; orgs get the ports after it. Free ports unless given. */
  readonly port?: number
}

export async function startEmulator({ orgs: options, port = 0 }: EmulatorOptions): Promise<Emulator> {
  const orgs: EmulatedOrg[] = []
  const faults = new Faults()
  const requests: RequestRecord[] = []
  const login = await listen({ faults, requests, orgOf: (request) => meantOrg(orgs, request) }, port)
  const servers: Server[] = [login.server]
  const bear = async (one: OrgOptions): Promise<EmulatedOrg> => {
    const org = new EmulatedOrg(one, orgs.length + 1)
    orgs.push(org)
    const { server, url } = await listen({ faults, requests, orgOf: () => org }, port && port + orgs.indexOf(org) + 1)
    servers.push(server)
    return Object.assign(org, { url, loginUrl: login.url, bear })
  }
  for (const one of options) await bear(one)
  const complaints = () => orgs.flatMap((org) => org.complaints)
  return {
    url: login.url,
    faults,
    requests,
    org: (name) => named(orgs, name),
    complaints,
    close: async () => {
      await Promise.all(servers.map(end))
      const found = complaints()
      if (found.length > 0) throw new Error(`Clients did what they must not:\n${found.join('\n')}`)
    },
  }
}

function end(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

function named(orgs: readonly EmulatedOrg[], name: string): EmulatedOrg {
  const org = orgs.find((one) => one.name === name)
  if (!org) throw new Error(`The emulator has no org ${name}; it has ${orgs.map((one) => one.name).join(', ')}.`)
  return org
}

/** Who does not belong anywhere is refused by the first org as by any other. */
function meantOrg(orgs: readonly EmulatedOrg[], request: EmulatedRequest): EmulatedOrg {
  const org = orgs.find((one) => belongs(one, request)) ?? orgs[0]
  if (!org) throw new Error('An emulator needs at least one org.')
  return org
}

function belongs(org: EmulatedOrg, request: EmulatedRequest): boolean {
  const { sessions, username } = org
  if (sessions.find(tokenOf(request))) return true
  if (request.path.startsWith('/services/Soap/')) return elementOf(request.body.toString(), 'username') === username
  if (!request.path.startsWith('/services/oauth2/')) return false
  const form = formOf(request)
  const given = form.get('token') ?? form.get('refresh_token')
  if (given !== null) return sessions.find(given) !== null || sessions.grantOf(given) !== null
  if (form.has('code')) return sessions.knowsCode(form.get('code'))
  if (form.has('assertion')) return subjectOf(form.get('assertion') ?? '') === username
  return form.get('client_id') === sessions.app.clientId
}

function subjectOf(assertion: string): unknown {
  try {
    return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()).sub
  } catch {
    return null
  }
}
