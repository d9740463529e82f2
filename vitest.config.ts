import { defineConfig } from 'vitest/config';

/** One project per kind of test, so that each has its own deadline and its own width. */
const project = (name: string, options: { timeoutMs: number; parallel: boolean; pure?: boolean; retry?: number }) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    fileParallelism: options.parallel,
    // Pure code shares its modules between files: loading them anew for each costs more than the tests.
    isolate: !options.pure,
    // Real engines on a shared machine: a second try is shown in the report and does not hide a steady failure.
    retry: options.retry ?? 0,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('arch', { timeoutMs: 30_000, parallel: true, pure: true }),
      project('unit', { timeoutMs: 10_000, parallel: true, pure: true }),
      project('contract', { timeoutMs: 60_000, parallel: true, retry: 1 }),
      project('engine', { timeoutMs: 120_000, parallel: true, retry: 1 }),
      project('e2e', { timeoutMs: 180_000, parallel: true, retry: 1 }),
      project('faults', { timeoutMs: 240_000, parallel: false, retry: 1 }),
    ],
    maxWorkers: 2,
  },
});
