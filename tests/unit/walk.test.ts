import { test } from 'vitest';
import { cases } from '../support/cases.ts';
import { walk } from '../support/walk.ts';

const only = process.env['WALK_SEED'];
const count = Number(process.env['WALKS'] ?? cases(300));
const steps = Number(process.env['WALK_STEPS'] ?? 60);
const first = only === undefined ? Date.now() % 1_000_000_000 : Number(only);

/** `WALK_SEED=n` repeats one walk; `WALKS` and `WALK_STEPS` make more and longer ones. */
test('whatever happens, no rule is broken, and it converges once it stops', {
  timeout: 20_000 + count * 20,
}, async () => {
  const seeds = Array.from({ length: only === undefined ? count : 1 }, (_, n) => first + n);
  console.log(`walks: seeds ${first} to ${seeds.at(-1)}, ${steps} steps each`);
  for (const seed of seeds) {
    try {
      await walk(seed, steps);
    } catch (cause) {
      const again = `WALK_SEED=${seed} WALK_STEPS=${steps} npx vitest run tests/unit/walk.test.ts`;
      throw new Error(`${(cause as Error).message}\nseed ${seed}; to see it again: ${again}`, { cause });
    }
  }
});
