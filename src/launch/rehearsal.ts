import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { KindFrame, RehearseFrame } from '../protocol/messages.ts'

/**
 * What a worker does in place of a task while it has the time: kinds that do nothing, TypeScript like ours, as much of
 * what Node does for them is its own. The first alone would help none of them, two take a quarter off the loading of a
 * kind (measured).
 */
export const rehearsal: RehearseFrame = { kinds: ['first', 'second'].map(kindOf) }

function kindOf(name: string): KindFrame {
  const module = fileURLToPath(new URL(`../../workers/rehearsal/${name}.ts`, import.meta.url))
  return { module, text: { source: readFileSync(module, 'utf8'), format: 'module-typescript' } }
}
