import { expect, it } from 'vitest'
import { portraitsOf } from '../../src/process/portrait.ts'

it('a portrait of a process holds neither its environment nor its arguments', () => {
  const [own] = portraitsOf(process.pid)
  expect(own).toMatchObject({ pid: process.pid, state: expect.any(String), openFiles: expect.any(Number) })
  expect(Object.keys(own ?? {}).sort()).toEqual(
    ['cpuSeconds', 'openFiles', 'pid', 'program', 'rssKiB', 'state', 'threads', 'waitsIn'].sort(),
  )
})
