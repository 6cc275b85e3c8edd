import { fileURLToPath } from 'node:url'
import type { RehearseFrame } from '../protocol/messages.ts'

const moduleOf = (name: string) => fileURLToPath(new URL(`../../workers/rehearsal/${name}.ts`, import.meta.url))

/**
 * What a worker does in place of a task while it has the time: kinds that do nothing, TypeScript like ours, as much of
 * what Node does for them is its own. The first alone would help none of them, two take a quarter off the loading of a
 * kind (measured).
 */
export const rehearsal: RehearseFrame = { modules: ['first', 'second'].map(moduleOf) }
