import { defineConfig } from 'vitest/config'

// Real processes, sockets and fsync on two shared cores: files run two at a time, and a test may take its time.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default'],
  },
})
