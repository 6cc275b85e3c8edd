import { Needles } from '../src/mask/needles.ts'

/** What this process must not show: it has one task, and its secrets. */
export const needles = new Needles()
