import type { Limits } from './desired.ts';

const libraries = ['OMP', 'OPENBLAS', 'MKL', 'NUMEXPR', 'VECLIB_MAXIMUM'];

/**
 * `nproc` shows the host's processors inside a container, and numeric libraries would start too many threads. Rounded
 * up: half a core still needs a thread.
 */
export const threadVariables = ({ nanoCpus }: Pick<Limits, 'nanoCpus'>): Record<string, string> =>
  Object.fromEntries(libraries.map((name) => [`${name}_NUM_THREADS`, String(Math.ceil(nanoCpus / 1e9))]));
