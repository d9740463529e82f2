import { defineConfig } from 'vitest/config';

/** One project per kind of test, so that each has its own deadline and its own width. */
const project = (name: string, options: { timeoutMs: number; parallel: boolean }) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    fileParallelism: options.parallel,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('arch', { timeoutMs: 30_000, parallel: true }),
      project('unit', { timeoutMs: 10_000, parallel: true }),
      project('contract', { timeoutMs: 60_000, parallel: true }),
      project('engine', { timeoutMs: 120_000, parallel: true }),
      project('e2e', { timeoutMs: 180_000, parallel: true }),
      project('faults', { timeoutMs: 240_000, parallel: false }),
    ],
    maxWorkers: 2,
  },
});
