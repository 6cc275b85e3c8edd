import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { KindFrame, RehearseFrame } from '../protocol/messages.ts'

/**
 * What a worker does in place of a task while it has the time: kinds that do nothing. The first alone would help little,
 * two take three quarters off the loading of a kind (measured).
 */
export const rehearsal: RehearseFrame = { kinds: ['first', 'second'].map(kindOf) }

function kindOf(name: string): KindFrame {
  const module = fileURLToPath(new URL(`../../workers/rehearsal/${name}.js`, import.meta.url))
  return { module, text: readFileSync(module, 'utf8') }
}
