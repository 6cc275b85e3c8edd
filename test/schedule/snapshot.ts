import { Session } from 'node:inspector'
import type { Board } from '../../src/schedule/board.ts'

/** Everything reachable from a value as text, #private fields and the order of maps and sets included. */
export function snapshotOf(value: object): string {
  const session = new Session()
  session.connect()
  try {
    return JSON.stringify(describe(value, new Map(), (object) => privateFields(session, object)))
  } finally {
    session.disconnect()
  }
}

/** What a board keeps of tasks and tenants, but for the newest arrivals: a bounded number of those is remembered. */
export function keptBy(board: Board): string {
  const { arrivals: _, ...kept } = board.scene
  return snapshotOf(kept)
}

type Fields = (object: object) => readonly unknown[]

function describe(value: unknown, seen: Map<unknown, number>, hidden: Fields): unknown {
  if (typeof value !== 'object' || value === null) return String(value)
  const known = seen.get(value)
  if (known !== undefined) return `seen ${known}`
  seen.set(value, seen.size)
  const parts = value instanceof Map || value instanceof Set ? [...value] : Object.entries(value)
  const all = Array.isArray(value) ? value : [...parts, ...hidden(value)]
  return all.map((part) => describe(part, seen, hidden))
}

/** Only the debugger sees private fields: it is asked for them, and hands them over by pushing them to an array of ours. */
function privateFields(session: Session, object: object): readonly unknown[] {
  const found: unknown[] = []
  const desk = globalThis as unknown as { snapshot?: unknown }
  desk.snapshot = { object, found }
  session.post('Runtime.evaluate', { expression: 'snapshot.object', objectGroup: 'snapshot' }, (_, { result }) => {
    if (!result.objectId) return
    session.post('Runtime.getProperties', { objectId: result.objectId, ownProperties: true }, (_, properties) => {
      const fields = (properties as unknown as { privateProperties?: readonly PrivateField[] }).privateProperties ?? []
      for (const { name, value } of fields)
        found.push(name, value?.objectId ? handOver(session, value.objectId) : value?.value)
    })
  })
  session.post('Runtime.releaseObjectGroup', { objectGroup: 'snapshot' })
  delete desk.snapshot
  return found
}

interface PrivateField {
  readonly name: string
  readonly value?: { readonly objectId?: string; readonly value?: unknown }
}

function handOver(session: Session, objectId: string): unknown {
  const desk = globalThis as unknown as { handed?: unknown }
  session.post('Runtime.callFunctionOn', { objectId, functionDeclaration: 'function () { globalThis.handed = this }' })
  const { handed } = desk
  delete desk.handed
  return handed
}
