import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digest } from '../../src/lib/json.ts';
import type { Intent } from '../../src/model/intent.ts';
import { specHash } from '../../src/reconcilers/workspace/revision.ts';
import { completeIntent } from '../../src/spec/complete.ts';
import { site as aSite } from '../support/spec-texts.ts';

const folder = 'tests/recorded/before-idle/kept/intents';
const recorded = readdirSync(folder).map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Intent);
const of = (name: string) => recorded.find((intent) => intent.name === name)!;

test('what earlier builds hashed has the same hash for ever', () => {
  const revisions = recorded.flatMap((intent) => Object.entries(intent.revisions));
  expect(revisions.length).toBeGreaterThan(6);
  for (const [hash, fields] of revisions) expect(specHash(fields), JSON.stringify(fields)).toBe(hash);
});

test('a last good spec of an earlier build gets what came since, from the config or built in, and is no edit', () => {
  const old = of('rich');
  const now = completeIntent(old, aSite({ defaults: { idle: { mode: 'Observe' }, env: { NEW: '1' } } }));
  expect(now.lastGood!.desired).toEqual({
    ...old.lastGood!.desired,
    deletionPolicy: 'Retain',
    deletionProtection: false,
    adopt: false,
    idle: { enabled: true, mode: 'Observe', timeoutMs: 1_800_000, cpuBelow: 0.1, warnBeforeMs: 0 },
  });
  expect(now.lastGood!.origins).toMatchObject({ 'spec.idle.mode': 'config', 'spec.idle.timeout': 'built-in' });
  expect([now.generation, now.digest]).toEqual([old.generation, digest(now.lastGood!.desired)]);
  expect(completeIntent({ ...old, digest: 'of another spec' }, aSite()).digest).toBe('of another spec');
});

test('what a spec says of one kind is not mixed with a default of another', () => {
  const good = of('argv').lastGood!;
  const home = { place: { kind: 'volume', volume: 'v' } as const, mountPath: '/home/user', shared: false };
  const old = { ...of('argv'), lastGood: { ...good, desired: { ...good.desired, home } } };
  const { desired } = completeIntent(old, aSite()).lastGood!;
  expect(desired.home).toEqual(home);
  expect(desired.command).toEqual({ kind: 'Argv', argv: ['sh', '-c', 'sleep 100000'] });
});

test('an intent that lacks nothing is left as it is', () => {
  const now = completeIntent(of('plain'), aSite());
  expect(completeIntent(now, aSite())).toBe(now);
  const without = { ...of('plain') };
  delete without.lastGood;
  expect(completeIntent(without, aSite())).toBe(without);
});
