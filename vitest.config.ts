import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['core/**/*.test.ts'],
    // Engines hold native state and threads: one process per file, and not more of them than processors.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What was not run says so on the console; nothing else may print.
    reporters: ['default'],
  },
})
