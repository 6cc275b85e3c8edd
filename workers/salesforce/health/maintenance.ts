/** When Salesforce works on the instance of an org, as it tells everybody under status.salesforce.com. */
import { messageOf } from '../../../src/system/message.ts'
import { invalidInput } from '../../errors/steering.ts'
import { safeOrigin } from '../auth/origin.ts'

export interface Window {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly startsAt: string
  readonly endsAt: string
}

export interface Maintenance {
  readonly instance: string
  /** Those to come and the one that goes on, in their order. */
  readonly windows: readonly Window[]
}

const defaultStatusUrl = 'https://api.status.salesforce.com'
const timeoutMs = 15_000
const mostWindows = 20
const maxAnswerBytes = 4 * 1024 ** 2

/** One of them as it is told. */
interface Told {
  readonly id?: number | string
  readonly name?: string | null
  readonly plannedStartTime?: string
  readonly plannedEndTime?: string
}

/** Null when it cannot be had, which says nothing of the org; why goes to `warn`. */
export async function maintenanceOf(
  instance: string,
  statusUrl: string | undefined,
  {
    signal,
    warn,
    now,
  }: { readonly signal: AbortSignal; readonly warn: (message: string) => void; readonly now: number },
): Promise<Maintenance | null> {
  const origin = safeOrigin(statusUrl ?? defaultStatusUrl)
  if (origin === undefined) throw invalidInput(`statusUrl is no https URL: it looks like ${defaultStatusUrl}`)
  const url = `${origin}/v1/instances/${encodeURIComponent(instance)}/status`
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json', 'user-agent': 'mayfly' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    const { Maintenances = [] } = JSON.parse(await textOf(response)) as { Maintenances?: readonly Told[] }
    return { instance, windows: windowsOf(Maintenances, now) }
  } catch (error) {
    if (signal.aborted) throw error
    warn(`when Salesforce works on ${instance} is not known: ${origin}: ${messageOf(error)}`)
    return null
  }
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > maxAnswerBytes) throw new Error(`its answer is larger than ${maxAnswerBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

export function windowsOf(told: readonly Told[], now: number): Window[] {
  return told
    .flatMap(({ id, name, plannedStartTime, plannedEndTime }): Window[] => {
      const [start, end] = [plannedStartTime, plannedEndTime].map((time) => Date.parse(time ?? ''))
      if (!(Number(start) < Number(end)) || Number(end) < now) return []
      const [startsAt, endsAt] = [start, end].map((time) => new Date(time ?? 0).toISOString())
      return [{ id: String(id ?? ''), name: name ?? 'maintenance', startsAt: startsAt ?? '', endsAt: endsAt ?? '' }]
    })
    .toSorted((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt))
    .slice(0, mostWindows)
}

/** The one that goes on. */
export function windowAt(maintenance: Maintenance | null, now: number): Window | undefined {
  return maintenance?.windows.find(({ startsAt, endsAt }) => Date.parse(startsAt) <= now && now <= Date.parse(endsAt))
}
