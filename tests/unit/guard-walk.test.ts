import { expect, test } from 'vitest';
import { disruptionOf } from '../../src/reconcilers/guard/disruptions.ts';
import { mostAtOnce } from '../../src/reconcilers/guard/share.ts';
import { cases } from '../support/cases.ts';
import { makeGuarded } from '../support/guarded.ts';
import { makeRandom } from '../support/random.ts';

const MiB = 2 ** 20;
const names = Array.from({ length: 9 }, (_, at) => `w${at}`);
const WALKS = cases(40);
const SCANS = 12;

/**
 * Random commits, hands, verbs, restarts and approvals. After each scan: without an approval no more than the share of
 * those who ran got less, and every name is either in force or held.
 */
async function walk(seed: number): Promise<void> {
  const random = makeRandom(seed);
  const lab = makeGuarded();
  const { w } = lab;
  for (const name of names) lab.declare(name);
  await lab.scan();
  const edits = [
    () => ({}),
    () => ({ limits: { nanoCpus: 5e8, memoryBytes: random.pick([64, 128, 256, 512]) * MiB, pids: 128 } }),
    () => ({ env: { A: random.pick(['1', '2']) } }),
    () => ({ labels: { lab: random.pick(['a', 'b']) } }),
    () => ({ state: random.pick(['Running', 'Stopped'] as const) }),
  ];
  for (let step = 0; step < SCANS; step += 1) {
    const some = random.pick([names, names, names.slice(0, 2), [random.pick(names)], names.slice(4)]);
    const edit = random.pick(edits)();
    for (const name of some) {
      const accident = random.below(20);
      if (accident === 0) w.spoil('invalid', name);
      else if (accident === 1) w.declarations.delete(name);
      else lab.declare(name, edit);
    }
    if (random.chance(0.2)) w.hands.stop(`ws-${random.pick(names)}`);
    if (random.chance(0.2)) lab.restart();
    const up = new Set([...w.engine.containers.values()].filter((c) => c.state === 'running').map((c) => c.workspace));
    const before = new Map(names.map((name) => [name, w.intent(name)!.lastGood!.desired]));
    await lab.scan();
    const hit = names.filter((name) => {
      const after = w.intent(name)!.lastGood!.desired;
      return up.has(name) && disruptionOf({ waits: false, before: before.get(name)!, after });
    });
    const most = mostAtOnce(0.2, up.size);
    expect(hit.length, `seed ${seed}, step ${step}: ${hit.join()}`).toBeLessThanOrEqual(most);
    const list = lab.list();
    const held = new Set([...(list?.items.map(({ name }) => name) ?? []), ...(list?.along ?? [])]);
    for (const name of names) {
      const declaration = w.declarations.get(name);
      if (declaration?.kind !== 'valid') continue;
      const same = JSON.stringify(declaration.desired) === JSON.stringify(w.intent(name)!.lastGood!.desired);
      expect(same, `seed ${seed}, step ${step}: ${name}`).toBe(!held.has(name));
      expect(w.condition('DisruptionHeld', name)?.status).toBe(held.has(name) ? 'True' : 'False');
    }
    if (!list || !random.chance(0.3)) continue;
    expect(await lab.guard().approve(list.hash)).toEqual(names.filter((name) => held.has(name)));
    if (random.chance(0.5)) lab.restart();
    await lab.guard().judge();
    await lab.passes();
    for (const { name } of list.items) expect(w.condition('DisruptionHeld', name)?.status).toBe('False');
  }
}

test('whatever is committed, no more than the share is disrupted at once without a word', {
  timeout: 60_000,
}, async () => {
  const first = Math.floor(Math.random() * 2 ** 31);
  for (let seed = first; seed < first + WALKS; seed += 1) await walk(seed);
});
