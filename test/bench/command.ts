import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { interleave, type Line, lineOf } from './harness.ts'
import { startOrchestrator } from './orchestrator.ts'
import { cleanEnvironment, pathOf } from './program.ts'

const rounds = 40

/** A command that asks a server for a page of tasks, start to exit, against a Node with nothing to do. */
export async function* command(): AsyncIterable<Line> {
  const orchestrator = await startOrchestrator()
  try {
    const env = { ...cleanEnvironment, MAYFLY_URL: orchestrator.url.href, MAYFLY_TOKEN: orchestrator.token }
    const list = () => runMs([pathOf('../../src/bin.js'), 'list'], env)
    const bare = () => runMs([pathOf('programs/empty.js')], cleanEnvironment)
    yield lineOf('command: mayfly list', 'ms', await interleave(rounds, list, bare))
  } finally {
    await orchestrator.stop()
  }
}

async function runMs(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const before = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return performance.now() - before
}
