/** A program that brings a secret is gone with the server that asked it, and what it has started with the next one. */
import { afterEach, expect, it } from 'vitest'
import { Mayfly } from '../../src/client/client.ts'
import { isGone } from '../../src/process/identity.ts'
import { processesWith } from '../fixtures/aftermath.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const seconds = `9${process.pid}`
let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

it('leaves nothing behind when the server is killed while it runs', { timeout: 60_000 }, async () => {
  const slow = { command: ['sh', '-c', `sleep ${seconds}; echo it`], timeoutSeconds: 50 }
  const site = await Site.create({ secrets: { allow: { '*': ['*'] }, commands: { slow } } })
  const sleeping = () => processesWith(`sleep\0${seconds}`)
  orchestrator = site.start()
  await orchestrator.listening
  const client = new Mayfly({ url: site.url, token: site.token })
  const secrets = { token: 'command:slow' }
  const { id } = await client.submit({ kind: 'exec', input: { command: ['true'] }, secrets })
  await expect.poll(sleeping, { timeout: 10_000 }).toHaveLength(1)
  const [left = 0] = sleeping()
  await orchestrator.kill()
  expect(isGone(left)).toBe(false)
  orchestrator = site.start()
  await orchestrator.listening
  await expect.poll(() => isGone(left), { timeout: 10_000 }).toBe(true)
  await client.cancel(id)
  await expect.poll(sleeping, { timeout: 10_000 }).toEqual([])
})
