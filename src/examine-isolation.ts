/** What this machine gives to a server that would be started on it, without one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { adviceOn, kernelSettings, peekingBelowSandbox } from './process/advice.ts'
import { SANDBOX } from './process/isolation.ts'
import { footing, lackedByLevelThree } from './process/level-three.ts'
import { probeIsolation, userInside } from './process/probe.ts'
import { Programs } from './process/programs.ts'
import { spawnHere } from './process/spawn.ts'
import { viewOf } from './process/view.ts'
import { workerEnvironment } from './worker-environment.ts'

/** The best level that works here, why no higher one does, and what to do about it, a sentence each. */
export interface Examined {
  readonly level: number
  readonly missing: string
  readonly advice: readonly string[]
  /** What level 3 would need that is not here. */
  readonly beyond: readonly string[]
}

export async function examineIsolation(env: NodeJS.ProcessEnv): Promise<Examined> {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-doctor-'))
  const view = () =>
    viewOf({
      program: fileURLToPath(new URL('..', import.meta.url)),
      kinds: [],
      mounts: [],
      sealed: [],
      hidden: [directory],
      standIns: directory,
      user: userInside() ?? process.getuid?.() ?? 0,
    })
  try {
    const programs = new Programs()
    const ground = {
      programs,
      spawn: spawnHere(programs),
      environment: workerEnvironment(env),
      view,
      scratch: join(directory, 'probe'),
    }
    const { isolation, missing } = await probeIsolation(SANDBOX, ground)
    const kernel = kernelSettings()
    const peeking = isolation.level < SANDBOX ? peekingBelowSandbox(kernel) : undefined
    const advice = [...adviceOn(missing, kernel), ...(peeking === undefined ? [] : [peeking])]
    return { level: isolation.level, missing, advice, beyond: lackedByLevelThree(footing()) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
