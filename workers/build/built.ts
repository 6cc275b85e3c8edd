/** Which commits have been built and were good: kept from night to night, so that nothing is built twice. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { BuildInput } from './input.ts'

interface Built {
  readonly commit: string
  readonly at: string
  readonly task: string
}

/** Builds of the same reference for the same orgs are the same build, whatever else their requests say. */
export function fileOf(directory: string, { git, org, directory: place, package: made }: BuildInput): string {
  const what = JSON.stringify([git.url, git.ref, org ?? null, place ?? null, made?.packageId ?? null])
  return `${directory}/${createHash('sha256').update(what).digest('hex').slice(0, 32)}.json`
}

/** Null when there is none, or nothing that can be read. */
export function lastBuilt(file: string): Built | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Built
  } catch {
    return null
  }
}

export function remember(directory: string, file: string, built: Built): void {
  mkdirSync(directory, { recursive: true })
  const fresh = `${file}.${built.task}`
  writeFileSync(fresh, JSON.stringify(built), { flush: true })
  renameSync(fresh, file)
}
