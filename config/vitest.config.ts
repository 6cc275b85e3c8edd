import { defineConfig } from 'vitest/config'

// Real processes, sockets and fsync on two shared cores: files run two at a time, and a test may take its time.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Where the processor has protection keys, V8 loses track of its pages now and then when threads come and go as often
    // as here, and ends the process (`Check failed: jit_page.has_value()`, seen with Node 24.21; nodejs/node#64500).
    execArgv: ['--no-memory-protection-keys'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default'],
  },
})
