/** What source.track takes, and what it says. */
import { apiUsageSchema, type OrgInput, orgProperties } from '../salesforce/input.ts'

export interface TrackInput extends OrgInput {
  readonly action?: 'preview' | 'retrieve' | 'reset'
  /** A revision of the org, or where the last retrieve or reset has ended. */
  readonly since?: number | 'last'
  readonly types?: readonly string[]
}

export const trackProperties = {
  ...orgProperties,
  action: {
    enum: ['preview', 'retrieve', 'reset'],
    description:
      'preview (when left out) says what has changed; retrieve brings it and begins anew from there; reset only begins anew',
  },
  since: {
    anyOf: [{ const: 'last' }, { type: 'integer', minimum: 0 }],
    description: 'last (when left out): where the last retrieve or reset has ended; or a revision of the org',
  },
  types: {
    type: 'array',
    minItems: 1,
    maxItems: 500,
    items: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9]{0,79}$' },
    description: 'of metadata, as in ApexClass: only these. Then a retrieve does not begin anew: other types wait',
  },
} as const

export interface Change {
  readonly type: string
  readonly name: string
  readonly change: 'added' | 'changed' | 'deleted'
  /** Who did it last; null where the org does not say. */
  readonly by: string | null
  /** When, as in 2026-06-01T12:00:00.000Z. */
  readonly at: string | null
}

export interface TrackResult {
  readonly org: string
  /** By what changes were found: the org's own tracking, or dates of the metadata. */
  readonly by: 'revisions' | 'dates'
  /** Revisions; null where they are found by dates. */
  readonly since: number | null
  readonly until: number | null
  readonly total: number
  /** At most 500; the artifact has all. */
  readonly changes: readonly Change[]
  /** Those of the retrieve, in their order. */
  readonly zips: readonly { readonly artifact: string; readonly files: number; readonly bytes: number }[]
  /** What could not be retrieved, and why. */
  readonly problems: readonly string[]
  /** The next task begins where this one has ended. */
  readonly advanced: boolean
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const revision = { type: ['integer', 'null'], minimum: 0, description: 'null where changes are found by dates' }
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})
const nullable = { type: ['string', 'null'] }

export const trackResultSchema = object({
  org: text,
  by: { enum: ['revisions', 'dates'], description: "the org's own tracking, or dates of the metadata" },
  since: revision,
  until: revision,
  total: { ...count, description: 'changes' },
  changes: {
    type: 'array',
    description: 'at most 500; the artifact source.track.json has all',
    items: object({
      type: { ...text, description: 'as in ApexClass' },
      name: text,
      change: { enum: ['added', 'changed', 'deleted'] },
      by: nullable,
      at: nullable,
    }),
  },
  zips: { type: 'array', items: object({ artifact: text, files: count, bytes: count }) },
  problems: { type: 'array', items: text, description: 'what could not be retrieved, and why' },
  advanced: { type: 'boolean', description: 'the next task begins where this one has ended' },
  apiUsage: apiUsageSchema,
})
