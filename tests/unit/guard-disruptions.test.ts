import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { disruptionOf } from '../../src/reconcilers/guard/disruptions.ts';
import { mostAtOnce } from '../../src/reconcilers/guard/share.ts';
import { aDesired } from '../support/fitted.ts';

const MiB = 2 ** 20;
const before = aDesired({ env: { A: '1' }, mounts: [{ source: '/data', target: '/data', readOnly: true }] });
const of = (over: Partial<Desired>) => disruptionOf({ before, after: { ...before, ...over }, waits: false });
const limits = (over: Partial<Desired['limits']>) => of({ limits: { ...before.limits, ...over } });

test.each<[string, Partial<Desired>, string, string]>([
  ['state', { state: 'Stopped' }, 'stop', 'state Running -> Stopped'],
  ['memory', { limits: { ...before.limits, memoryBytes: 128 * MiB } }, 'shrink', 'memory 256Mi -> 128Mi'],
  ['cpu', { limits: { ...before.limits, nanoCpus: 25e7 } }, 'shrink', 'cpu 0.5 -> 0.25'],
  ['pids', { limits: { ...before.limits, pids: 64 } }, 'shrink', 'pids 128 -> 64'],
  ['image', { image: { ...before.image, ref: 'other:1' } }, 'recreate', 'image workdock-test:latest -> other:1'],
  ['command', { command: { kind: 'Image' } }, 'recreate', 'command Keep -> Image'],
  ['argv', { command: { kind: 'Argv', argv: ['a', 'b'] } }, 'recreate', 'command Keep -> ["a","b"]'],
  ['a variable', { env: { A: '2' } }, 'recreate', 'env.A 1 -> 2'],
  ['a variable less', { env: {} }, 'recreate', 'env.A 1 -> unset'],
  ['secrets', { envFrom: ['a.env'] }, 'recreate', 'envFrom unset -> a.env'],
  ['groups', { groups: [2001] }, 'recreate', 'groups unset -> 2001'],
  ['the owner', { owner: 'bea' }, 'recreate', 'owner ada -> bea'],
  ['shm, more of it', { shmBytes: 128 * MiB }, 'recreate', 'shm 64Mi -> 128Mi'],
  ['mounts', { mounts: [] }, 'recreate', 'storage.mounts /data:/data:ro -> unset'],
  ['the profile', { security: { profile: 'sudo' } }, 'recreate', 'profile restricted -> sudo'],
  [
    'the home',
    { home: { ...before.home, place: { kind: 'volume', volume: 'v' } } },
    'recreate',
    'storage.home ada on /home/user -> volume v on /home/user',
  ],
])('%s disrupts', (_, over, what, detail) => {
  expect(of(over)).toEqual({ what, detail });
  expect(of({ ...over, updatePolicy: 'OnStop' }), 'also what waits for the next stop').toEqual({ what, detail });
});

test.each<[string, Partial<Desired>]>([
  ['nothing', {}],
  ['labels', { labels: { lab: 'neuro' } }],
  ['idle', { idle: { ...before.idle, timeoutMs: 1_000 } }],
  ['policies', { updatePolicy: 'Now', deletionPolicy: 'Trash', restartPolicy: 'Never', drift: 'Report' }],
  ['protection and suspend', { deletionProtection: true, suspend: true }],
  ['network', { network: { mode: 'none', allow: [] } }],
  ['the grace', { stopGraceSeconds: 1 }],
  ['OnDemand', { state: 'OnDemand' }],
  ['how the image is pulled', { image: { ...before.image, pullPolicy: 'Always' } }],
  ['who may share the home', { home: { ...before.home, shared: true } }],
  ['the template, with the same outcome', { template: 'other' }],
])('%s disrupts nobody', (_, over) => {
  expect(of(over)).toBeUndefined();
});

test('growth disrupts nobody, and what is less counts though something else is more', () => {
  expect(limits({ memoryBytes: 2 ** 30, nanoCpus: 1e9, pids: 512 })).toBeUndefined();
  expect(limits({ memoryBytes: 2 ** 30, pids: 1 })).toEqual({ what: 'shrink', detail: 'pids 128 -> 1' });
});

test('the worst of several is told first, and the detail stays short', () => {
  expect(of({ state: 'Stopped', env: { A: '2' } })?.what).toBe('stop');
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`V${at}`, 'x'.repeat(200)]));
  const found = of({ env: many, limits: { ...before.limits, pids: 1 } });
  expect(found?.what).toBe('recreate');
  expect(found?.detail).toMatch(/^pids 128 -> 1, env\.\w+ .* and \d more$/);
  expect(found!.detail.length).toBeLessThan(200);
  const long = 'y'.repeat(60);
  const [one, other] = [`${long}1`, `${long}2`].map((value) => ({ ...before, env: { A: value } }));
  expect(disruptionOf({ waits: false, before: one!, after: other! })?.detail).toBe('env.A changed');
});

test.each([
  [0.2, 0, 2],
  [0.2, 5, 2],
  [0.2, 10, 2],
  [0.2, 11, 2],
  [0.2, 15, 3],
  [0.29, 100, 29],
  [0.2, 1_000, 200],
  [0, 100, 2],
  [1, 3, Infinity],
])('a share of %d of %d lets %d through', (share, of, most) => {
  expect(mostAtOnce(share, of)).toBe(most);
});
