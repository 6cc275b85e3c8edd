import { spawn } from 'node:child_process'
import { bare, type Isolation, type Level, limited, limitedByUserNamespace } from './isolation.ts'

export interface Probed {
  readonly isolation: Isolation
  /** Why a higher level does not work here; empty when it does. */
  readonly missing: string
}

type Environment = Readonly<Record<string, string>>

/** The best level that works here, tried with the very commands and environment of workers; never above `highest`. */
export async function probeIsolation(highest: Level, environment: Environment): Promise<Probed> {
  if (highest === 0) return { isolation: bare, missing: '' }
  if (process.platform !== 'linux') return { isolation: bare, missing: 'level 1 needs Linux' }
  const reasons: string[] = []
  for (const isolation of [limited, limitedByUserNamespace]) {
    const complaint = await tryOut(isolation, environment)
    if (complaint === undefined) return { isolation, missing: '' }
    reasons.push(complaint)
  }
  return { isolation: bare, missing: `level 1 does not work here: ${reasons.join('; ')}` }
}

const probeTimeoutMs = 5_000

/** Undefined when the commands work, else what they said. */
function tryOut(isolation: Isolation, env: Environment): Promise<string | undefined> {
  const [program = '', ...args] = isolation.wrap({ dataMiB: 512, fileMiB: 64, openFiles: 256, threads: 1_024 })
  return new Promise((resolve) => {
    const options = { env, timeout: probeTimeoutMs }
    const child = spawn(program, [...args, 'true'], { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, 500)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => resolve(code === 0 ? undefined : said.trim() || `${program} exited with ${code}`))
  })
}
