import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../connection.ts'
import { failureOf, isObstacle, messageOf } from '../failures.ts'
import type { Reply, Result } from '../reply.ts'

type Apply<O> = (operation: O) => Result

const nothing = () => undefined

/**
 * Commits a batch as one transaction, and with it whatever more has come when the rest is done. When one operation spoils
 * it, each goes alone, so that a bad one fails alone.
 */
export function commitBatch<O>(
  db: DatabaseSync,
  first: readonly O[],
  apply: Apply<O>,
  more: () => readonly O[] | undefined = nothing,
): Reply {
  const batch: O[] = []
  try {
    const results: Result[] = []
    inTransaction(db, () => {
      for (let part: readonly O[] | undefined = first; part; part = more()) {
        batch.push(...part)
        for (const operation of part) results.push(apply(operation))
      }
    })
    return { results, obstacle: null }
  } catch (error) {
    const failure = failureOf(error)
    if (failure === 'broken') throw error
    if (isObstacle(failure)) return { results: [], obstacle: failure }
    return oneByOne(db, batch, apply)
  }
}

function oneByOne<O>(db: DatabaseSync, batch: readonly O[], apply: Apply<O>): Reply {
  const results: Result[] = []
  for (const operation of batch) {
    try {
      results.push(inTransaction(db, () => apply(operation)))
    } catch (error) {
      const failure = failureOf(error)
      if (failure === 'broken') throw error
      if (isObstacle(failure)) return { results, obstacle: failure }
      results.push({ failed: messageOf(error) })
    }
  }
  return { results, obstacle: null }
}
