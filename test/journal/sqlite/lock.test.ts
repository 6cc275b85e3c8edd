import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killHard, startChild } from './children/start.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

describe('the lock of a data directory', () => {
  let place: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    place = temporaryDirectory()
  })
  afterEach(() => place.remove())

  test('keeps a second orchestrator out and names the one that is in', async () => {
    const { child } = await startChild('holder', place.directory)
    const refused = await openIn(place.directory).catch((error: Error) => error)
    expect(refused).toMatchObject({ name: 'JournalUnusable' })
    const { message } = refused as Error
    expect(message).toContain(
      `'${place.directory}' is in use by the orchestrator with pid ${child.pid} on ${hostname()}`,
    )
    expect(message).toMatch(/running since \d{4}-\d\d-\d\dT.*: stop that one first/)
    await killHard(child)
  })

  test('is free at once when its holder was killed', async () => {
    const { child } = await startChild('holder', place.directory)
    await killHard(child)
    await (await openIn(place.directory)).close()
  })

  test('holds within one process too, and outlives a refused second opener', async () => {
    const first = await openIn(place.directory)
    await expect(openIn(place.directory)).rejects.toThrow(`pid ${process.pid}`)
    await expect(openIn(place.directory)).rejects.toThrow('is in use')
    await first.close()
    await (await openIn(place.directory)).close()
    expect(existsSync(place.files.holder)).toBe(false)
  })

  test('holds against other processes even after this one has refused itself', async () => {
    const first = await openIn(place.directory)
    await expect(openIn(place.directory)).rejects.toThrow('is in use')
    const refused = await startChild('opener', place.directory)
    expect(refused.output()).toContain(`is in use by the orchestrator with pid ${process.pid}`)
    await first.close()
  })
})
