import { existsSync, statSync, truncateSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Reserve } from '../../../src/journal/sqlite/reserve.ts'
import { temporaryDirectory } from './fixture.ts'

const bytesPerMiB = 1024 * 1024
const bytesPerBlock = 512

describe('the reserve', () => {
  let place: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    place = temporaryDirectory()
  })
  afterEach(() => place.remove())

  test('takes real blocks, and gives them back', async () => {
    const reserve = new Reserve(place.files.reserve, 2)
    expect(await reserve.create()).toBe(true)
    const { size, blocks } = statSync(place.files.reserve)
    expect(size).toBe(2 * bytesPerMiB)
    expect(blocks * bytesPerBlock).toBeGreaterThanOrEqual(2 * bytesPerMiB)
    reserve.release()
    expect(existsSync(place.files.reserve)).toBe(false)
  })

  test('is made whole again when a crash left a part of it', async () => {
    const reserve = new Reserve(place.files.reserve, 1)
    await reserve.create()
    truncateSync(place.files.reserve, 10)
    expect(await reserve.create()).toBe(true)
    expect(statSync(place.files.reserve).size).toBe(bytesPerMiB)
  })

  test('keeps a little for the next start when it gives itself away, and is whole again only with it', async () => {
    const reserve = new Reserve(place.files.reserve, 1)
    const last = `${place.files.reserve}-start`
    await reserve.create()
    reserve.release()
    expect(statSync(last).size).toBe(256 * 1024)
    truncateSync(last, 10)
    expect(await reserve.create()).toBe(true)
    expect(statSync(last).size).toBe(256 * 1024)
  })

  test('says so when there is no place for it, and leaves nothing', async () => {
    const reserve = new Reserve(`${place.directory}/nowhere/reserve`, 1)
    expect(await reserve.create()).toBe(false)
  })
})
