import { defineConfig } from 'vitest/config'

/**
 * What looks into its own process, or at all processes of the machine: each file has a process of its own. All others share
 * three, since loading the server again for each takes as long as what they test.
 */
const alone = [
  ...['bench', 'package', 'process', 'system'].map((folder) => `test/${folder}/**/*.test.ts`),
  'test/launch/birth.test.ts',
  'test/settle/brief.test.ts',
]

const all = 'test/**/*.test.ts'

// Real processes, sockets and fsync on two shared cores: files run three at a time, of which one at least waits for
// something. How long a test may take is no claim: it only ends what hangs, on machines of any speed.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    pool: 'forks',
    // Where the processor has protection keys, V8 loses track of its pages now and then when threads come and go as often
    // as here, and ends the process (`Check failed: jit_page.has_value()`, seen with Node 24.21; nodejs/node#64500).
    execArgv: ['--no-memory-protection-keys'],
    // Node runs our TypeScript by itself, as it does for whoever uses it, and remembers what it compiled.
    experimental: { viteModuleRunner: false },
    setupFiles: ['test/fixtures/compile-cache.ts'],
    maxWorkers: 3,
    globalSetup: ['test/fixtures/own-temporary-directory.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default'],
    projects: [
      { extends: true, test: { name: 'together', include: [all], exclude: alone, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})
