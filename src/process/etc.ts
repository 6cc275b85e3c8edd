import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** What programs look up to find libraries, names, times and certificates; no keys, no accounts, no settings of others. */
const copied = [
  'alternatives',
  'ca-certificates.conf',
  'crypto-policies',
  'gai.conf',
  'group',
  'host.conf',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'protocols',
  'services',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
]

/** What changes while a server runs: name servers and certificates. */
const live = ['resolv.conf', 'ssl/certs', 'pki/ca-trust', 'pki/tls/certs']

/** A place that stands for another one. */
export interface StandIn {
  readonly from: string
  readonly at: string
}

/**
 * Makes a stand-in for /etc: as one directory it costs a start one mount where its parts would cost as many as they are.
 * Returns what is to be shown in it as it is at that moment.
 */
export function furnishEtc(directory: string, user: number): readonly StandIn[] {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  for (const name of copied) copy(join('/etc', name), join(directory, name))
  writeFileSync(join(directory, 'passwd'), `${accounts(user)}\n`)
  return live.flatMap((name) => (makePlaceFor(name, directory) ? { from: `/etc/${name}`, at: `/etc/${name}` } : []))
}

/** Whoever asks who a worker is finds a user without rights. */
function accounts(user: number): string {
  const worker = `mayfly:x:${user}:${user}:a worker of Mayfly:/tmp:/bin/sh`
  const root = 'root:x:0:0:root:/root:/bin/sh'
  return (user === 0 ? [root] : [root, worker, 'nobody:x:65534:65534:nobody:/nonexistent:/bin/false']).join('\n')
}

/** What cannot be copied is not there: a worker finds it missing, as it would on another machine. */
function copy(from: string, to: string): void {
  try {
    if (!existsSync(from)) return
    mkdirSync(dirname(to), { recursive: true })
    copyAll(from, to)
  } catch {
    rmSync(to, { recursive: true, force: true })
  }
}

/** Links stay links, to where they led. */
function copyAll(from: string, to: string): void {
  const stat = lstatSync(from)
  if (stat.isSymbolicLink()) copyLink(readlinkSync(from), to)
  else if (stat.isFile()) copyFileSync(from, to)
  else if (stat.isDirectory()) {
    mkdirSync(to)
    for (const name of readdirSync(from)) copyAll(join(from, name), join(to, name))
  }
}

/** Each costs a start of the server 0.1 ms (measured), and on a Debian most lead to pages of manuals: not for programs. */
function copyLink(target: string, to: string): void {
  if (!target.endsWith('.gz')) symlinkSync(target, to)
}

/** False when there is nothing that could be shown. */
function makePlaceFor(name: string, directory: string): boolean {
  const stat = statSync(join('/etc', name), { throwIfNoEntry: false })
  if (!stat) return false
  const place = join(directory, name)
  mkdirSync(stat.isDirectory() ? place : dirname(place), { recursive: true })
  if (!stat.isDirectory()) writeFileSync(place, '')
  return true
}
