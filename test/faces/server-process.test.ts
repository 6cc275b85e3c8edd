import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NotStarted, ServerProcess } from '../../src/faces/server-process.ts'

/** A program that plays the server, and its data. */
function playing(script: string) {
  const data = mkdtempSync(join(tmpdir(), 'mayfly-server-'))
  const module = join(data, 'server.js')
  writeFileSync(module, script)
  writeFileSync(join(data, 'admin-token'), 'token\n')
  return { program: [process.execPath, module] as const, data, env: {} }
}

const listens = (pid = 'process.pid') => `console.log(JSON.stringify({ url: 'http://127.0.0.1:' + ${pid} }));`
const pidOf = ({ url }: ServerProcess) => url.slice(url.lastIndexOf(':') + 1)
const lives = (pid: string) => existsSync(`/proc/${pid}`)

describe('a server in a process of its own', () => {
  it('is ended by the end of its input', async () => {
    const script = `${listens()} process.stdin.resume().once('end', () => require('fs').writeFileSync(__dirname + '/ended', ''))`
    const place = playing(script)
    const server = await ServerProcess.start(place)
    expect(server.token).toBe('token')
    await server.stop()
    expect(existsSync(join(place.data, 'ended'))).toBe(true)
    await server.stop()
  })

  it('is killed when it does not end in time', async () => {
    const server = await ServerProcess.start(playing(`${listens()} setInterval(() => {}, 1_000)`))
    expect(lives(pidOf(server))).toBe(true)
    await server.stop(100)
    expect(lives(pidOf(server))).toBe(false)
  })

  it('has nothing of an environment that it is not given', async () => {
    const server = await ServerProcess.start(
      playing(`${listens('Object.keys(process.env).length')} process.stdin.resume()`),
    )
    expect(pidOf(server)).toBe('0')
    await server.stop()
  })

  it('that cannot start is not started, and says why', async () => {
    const start = ServerProcess.start(playing(`console.error('mayfly: no room'); process.exit(1)`))
    await expect(start).rejects.toThrow(new NotStarted('no room'))
  })
})
