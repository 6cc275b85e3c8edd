/**
 * Where webhooks may go: to https addresses of the internet. Whoever may store an address must not reach with it what only
 * this machine can: its own services, others in its network, the cloud's. All addresses of a name are judged, and the
 * connection goes to one of those that were. An operator may let them go anywhere.
 */
import { lookup as resolveName } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { invalidInput } from '../errors/steering.ts'

const inner = new BlockList()
const networks = {
  ipv4: [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ],
  ipv6: [
    ['::', 96],
    ['64:ff9b::', 32],
    ['100::', 64],
    ['2001::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
} as const
for (const [family, some] of Object.entries(networks))
  for (const [network, prefix] of some) inner.addSubnet(network, prefix, family as 'ipv4' | 'ipv6')

/** Whether an address belongs to a private network, to this machine, or to nobody. */
export function isInner(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return isInner(mapped)
  const version = isIP(address)
  // Addresses that hold one of the old kind are judged by no list, and need not be reached.
  return version === 0 || inner.check(address, version === 6 ? 'ipv6' : 'ipv4') || /^::ffff:/i.test(address)
}

/** The name in a worker's environment, where an operator's configuration puts it for all of them: "anywhere". */
export const webhooksName = 'MAYFLY_WEBHOOKS'

export function mayGoAnywhere(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment[webhooksName] === 'anywhere'
}

/** The address that was stored, or a sentence that says what is wrong with it, without it: it is secret. */
export function targetOf(text: string, anywhere: boolean): URL {
  const url = URL.parse(text.trim())
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw invalidInput('the address of the webhook is no https URL')
  if (url.protocol === 'http:' && !anywhere)
    throw invalidInput('the address of the webhook is http: what is told would be readable on its way, use https')
  if (url.username || url.password)
    throw invalidInput('the address of the webhook holds a name or a password, which is not sent: store it without')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!anywhere && isIP(host) && isInner(host)) throw innerRefusal()
  return url
}

/** For the connection: the addresses of the name, or an error when one of them is not to be reached. */
export const publicLookup: LookupFunction = (hostname, options, done) => {
  resolveName(hostname, { all: true }).then(
    (all) => {
      if (all.length === 0 || all.some(({ address }) => isInner(address))) return done(innerRefusal(), [])
      if (options.all) return done(null, all)
      return done(null, all[0]?.address ?? '', all[0]?.family)
    },
    (error: NodeJS.ErrnoException) => done(error, []),
  )
}

function innerRefusal(): Error {
  return invalidInput(
    'the address of the webhook leads into a private network or to this machine: use one that the internet can reach, or have the operator set MAYFLY_WEBHOOKS to "anywhere" in the setting environment',
  )
}
