import type { Context } from '../context.ts'
import { orgSecrets } from '../salesforce/input.ts'
import { type TrackInput, type TrackResult, trackProperties, trackResultSchema } from '../tracking/input.ts'
import { preload } from './sf/family.ts'

/** Says what changed in an org since it was last looked at, or brings it. */
export default {
  kind: 'source.track',
  title: 'Track what changes in an org',
  pool: 'normal',
  preload,
  secrets: orgSecrets,
  concurrency: { key: 'org:{org}:track' },
  directory: 'org-states',
  limits: { runSeconds: 4 * 3600, memoryMiB: 1024, workspaceMiB: 2048 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  input: { type: 'object', required: ['org'], additionalProperties: false, properties: trackProperties },
  result: trackResultSchema,
  async run(context: Context<TrackInput>): Promise<TrackResult> {
    const { track } = await import('../tracking/track.ts')
    return track(context)
  },
}
