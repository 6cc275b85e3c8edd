/** Whether a backup is what its manifest says, told by the checksums of all its files. */
import { readFileSync } from 'node:fs'
import { FatalError } from '../errors/steering.ts'
import { readIndex } from './bodies-index.ts'
import { filesOf, type Manifest, type StoredFile } from './manifest.ts'
import { measure, placeIn } from './sealed.ts'

/** A sentence, or nothing when the file is as it was written. */
export async function damageOf(place: string, file: StoredFile, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { sha256 } = await measure(place, file.path, signal)
    return sha256 === file.sha256 ? undefined : `${file.path} is not as it was written`
  } catch (error) {
    if (error instanceof FatalError) return error.message
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${file.path} is not there`
    throw error
  }
}

/** The first that is wrong. Bodies are looked at when the list that names them is sound. */
export async function damageOfBackup(
  place: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const file of filesOf(manifest)) {
    const damage = await damageOf(place, file, signal)
    if (damage) return damage
  }
  for (const { index } of Object.values(manifest.bodies)) {
    for (const body of readIndex(readFileSync(placeIn(place, index.path), 'utf8'))) {
      const damage = await damageOf(place, body, signal)
      if (damage) return damage
    }
  }
  return undefined
}
