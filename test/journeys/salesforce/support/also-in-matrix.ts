import { it } from 'vitest'

/**
 * A case of a kind that the matrix plays, too: here with words of its own, and with `npm run test:faults` alone. One or
 * two of each kind are in every run of the suite.
 */
export const alsoInMatrix = it.runIf(process.env.MAYFLY_FAULTS === 'whole')
