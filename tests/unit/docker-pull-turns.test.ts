import { expect, test } from 'vitest';
import { makePullTurns, registryOf } from '../../src/runtime/docker/pull-turns.ts';
import { drain } from '../support/fake-clock.ts';

/** Pulls that end when told; `begun` in the order in which they had their turn. */
function setup() {
  const turns = makePullTurns();
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const pull = (ref: string) =>
    turns(ref, () => {
      begun.push(ref);
      ends.set(ref, Promise.withResolvers());
      return ends.get(ref)!.promise;
    });
  return {
    pull,
    begun,
    end: (ref: string) => ends.get(ref)!.resolve(),
    fail: (ref: string) => ends.get(ref)!.reject(),
  };
}
const refs = (registry: string, count: number) => Array.from({ length: count }, (_, i) => `${registry}/image-${i}:1`);

test('who asks for an image that is being pulled, or waits for it, shares that pull; a later one is new', async () => {
  const { pull, begun, end } = setup();
  const [first, ...others] = refs('dead.lab:5000', 5);
  const all = [pull(first!), ...others.map(pull), pull(first!), pull(others[3]!)];
  await drain();
  expect(begun).toEqual([first, ...others.slice(0, 3)]);
  end(first!);
  await Promise.all([all[0], all[5]]);
  await drain();
  expect(begun).toEqual([first, ...others]);
  void pull(first!);
  end(others[0]!);
  await drain();
  expect(begun.slice(5)).toEqual([first]);
});

test('a registry that hangs holds up its own images', async () => {
  const { pull, begun } = setup();
  for (const ref of refs('dead.lab', 20)) void pull(ref);
  void pull('ubuntu:24.04');
  void pull('good.lab/tools:2');
  await drain();
  expect(begun).toEqual([...refs('dead.lab', 4), 'ubuntu:24.04', 'good.lab/tools:2']);
});

test('many registries are bounded together', async () => {
  const { pull, begun } = setup();
  for (let i = 0; i < 20; i += 1) for (const ref of refs(`r${i}.lab`, 4)) void pull(ref);
  await drain();
  expect(begun).toHaveLength(32);
});

test('one that fails fails all who share it, and gives its turn on', async () => {
  const { pull, begun, fail } = setup();
  const [first, ...others] = refs('localhost', 5);
  const shared = [pull(first!), pull(first!)].map((each) =>
    each.then(
      () => 'pulled',
      () => 'failed',
    ),
  );
  for (const ref of others) void pull(ref);
  await drain();
  fail(first!);
  expect(await Promise.all(shared)).toEqual(['failed', 'failed']);
  await drain();
  expect(begun).toEqual([first, ...others]);
});

test.for([
  ['ubuntu', 'docker.io'],
  ['library/ubuntu:24.04', 'docker.io'],
  ['lab.example/tools:1', 'lab.example'],
  ['localhost/tools', 'localhost'],
  ['127.0.0.1:5000/a/b@sha256:00', '127.0.0.1:5000'],
  ['tools:5000', 'docker.io'],
])('the registry of %s is %s', ([ref, registry]) => {
  expect(registryOf(ref!)).toBe(registry);
});
