import type { AuditLog } from '../audit.ts'
import type { Families } from '../families.ts'
import type { PauseRecords } from '../pauses.ts'
import type { ProcessTime } from '../process-time.ts'
import type { Retention } from '../retention.ts'
import type { ScheduleRecords } from '../schedules.ts'
import type { SecretRecords, VaultKeys } from '../secrets.ts'
import type { TenantRecords } from '../tenants.ts'
import type { TokenRecords } from '../tokens.ts'
import type { Uploads } from '../uploads.ts'
import type { WaitingTasks } from '../waiting.ts'
import type { Answer, Arguments, Query } from './thread/reader.ts'
import type { ChangeAnswer, ChangeArguments, ChangeName } from './thread/records.ts'
import type { MissingUpload } from './thread/uploads.ts'
import { unknownUpload } from './unknown-upload.ts'

/** How records reach their threads. */
export interface RecordAccess {
  /** Resolves once durable. Refused while the disk is full, unless it is `urgent`: it frees space, or holds somebody back. */
  change<C extends ChangeName>(name: C, args: ChangeArguments<C>, urgent?: boolean): Promise<ChangeAnswer<C>>
  read<Q extends Query>(query: Q, ...args: Arguments<Q>): Promise<Answer<Q>>
}

export function auditLog({ change, read }: RecordAccess): AuditLog {
  return {
    append: (entry) => change('audit.append', [entry]),
    page: (query) => read('audit.page', query),
  }
}

export function secretRecords({ change, read }: RecordAccess): SecretRecords {
  return {
    keys: () => read('secrets.keys'),
    init: (keys) => change('secrets.init', [keysAsText(keys)]),
    setKeys: (keys) => change('secrets.setKeys', [keysAsText(keys)], true),
    under: (key, limit) => read('secrets.under', key, limit),
    rewrap: (rows) => change('secrets.rewrap', [rows.map((row) => ({ ...row, sealed: toText(row.sealed) }))]),
    keepOnly: (key, entry) => change('secrets.keepOnly', [key, entry]),
    versionOf: (tenant, name) => read('secrets.versionOf', tenant, name),
    put: (secret, entry, by) =>
      change('secrets.put', [{ ...secret, sealed: toText(secret.sealed) }, entry, by ?? null]),
    get: (tenant, name) => read('secrets.get', tenant, name),
    oneTime: (task, name) => read('secrets.oneTime', task, name),
    list: (tenant, after, limit) => read('secrets.list', tenant, after, limit),
    delete: (tenant, name, entry) => change('secrets.delete', [tenant, name, entry], true),
    forgetAll: () => change('secrets.forgetAll', [], true),
  }
}

function keysAsText({ dataKeys, sealingKey, nextSealingKey, publicKey, salt }: VaultKeys) {
  return {
    dataKeys: dataKeys.map(({ id, wrapped, next }) => ({ id, wrapped: toText(wrapped), next: toTextOrNull(next) })),
    sealingKey: toText(sealingKey),
    nextSealingKey: toTextOrNull(nextSealingKey),
    publicKey: toText(publicKey),
    salt: toTextOrNull(salt),
  }
}

function toTextOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : toText(bytes)
}

export function tenantRecords({ change, read }: RecordAccess): TenantRecords {
  return {
    all: () => read('tenants.all'),
    add: (tenant, entry) => change('tenants.add', [tenant, entry]),
    change: (name, quotas, entry) => change('tenants.change', [name, quotas, entry], true),
    remove: (name, entry) => change('tenants.remove', [name, entry], true),
  }
}

export function tokenRecords({ change, read }: RecordAccess): TokenRecords {
  return {
    all: () => read('tokens.all'),
    add: (token, entry) => change('tokens.add', [token, entry]),
    remove: (id, entry) => change('tokens.remove', [id, entry], true),
    used: (id, at) => change('tokens.used', [id, at]),
  }
}

export function waitingTasks({ read }: RecordAccess): WaitingTasks {
  return {
    inLane: (lane, after, now, limit) => read('waiting.inLane', lane, after, now, limit),
    later: (after, limit) => read('waiting.later', after, limit),
    expiring: (after, limit) => read('waiting.expiring', after, limit),
    between: (stretches, now, most) => read('waiting.between', stretches, now, most),
    took: (most) => read('waiting.took', most),
  }
}

export function processTime({ read }: RecordAccess): ProcessTime {
  return { ofDay: (day) => read('processTime.ofDay', day) }
}

export function pauseRecords({ change, read }: RecordAccess): PauseRecords {
  return {
    all: () => read('pauses.all'),
    add: (pause, entry) => change('pauses.add', [pause, entry], true),
    remove: (id, entry) => change('pauses.remove', [id, entry], true),
  }
}

export function scheduleRecords({ change, read }: RecordAccess): ScheduleRecords {
  return {
    add: async (schedule, uses, room, entry) => checked(await change('schedules.add', [schedule, uses, room, entry])),
    // Urgent: a schedule can be paused on a full disk.
    change: async (schedule, uses, entry) => checked(await change('schedules.change', [schedule, uses, entry], true)),
    remove: (tenant, id, entry) => change('schedules.remove', [tenant, id, entry], true),
    get: (tenant, id) => read('schedules.get', tenant, id),
    page: (query) => read('schedules.page', query),
    history: (id, limit) => read('schedules.history', id, limit),
    standing: (id) => read('schedules.standing', id),
    due: (by, after, limit) => read('schedules.due', by, after, limit),
    earliest: (after) => read('schedules.earliest', after),
    active: (after, limit) => read('schedules.active', after, limit),
    decide: (decided) => change('schedules.decide', [decided]),
  }
}

function checked<A>(answer: A | MissingUpload): A {
  if (typeof answer === 'object' && answer !== null && 'unknownUpload' in answer) {
    throw unknownUpload(answer.unknownUpload)
  }
  return answer as A
}

/** Changes cross to the writing thread as JSON. */
function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Children are tasks, so their addition is not a record's: it comes with its event, and is published. */
export function families({ read }: RecordAccess, add: Families['add']): Families {
  return {
    add,
    find: (parent, key) => read('families.find', parent, key),
    unsettled: (parent) => read('families.unsettled', parent),
    page: (parent, afterKey) => read('families.page', parent, afterKey),
    unwanted: () => read('families.unwanted'),
  }
}

export function uploads({ change, read }: RecordAccess): Uploads {
  return {
    add: (upload, room) => change('uploads.add', [upload, room]),
    stored: (tenant) => read('uploads.stored', tenant),
    known: (ids) => read('uploads.known', ids),
    prune: (before, limit) => change('uploads.prune', [before, limit], true),
  }
}

export function retention({ change, read }: RecordAccess): Retention {
  return {
    candidates: (retained, limit) => read('retention.candidates', retained, limit),
    forget: (numbers, maxEvents) => change('retention.forget', [numbers, maxEvents], true),
    states: (ids) => read('retention.states', ids),
  }
}
