import { test } from 'vitest';
import { timestamp } from '../../src/lib/clock.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import { startByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { isUp } from '../../src/runtime/fake/engine.ts';
import { cases } from '../support/cases.ts';
import { aDesired } from '../support/fitted.ts';
import { makeRandom } from '../support/random.ts';
import { makeWorld } from '../support/world.ts';

const names = ['ada', 'bea', 'cleo'];
const home = (name: string) => ({ ...aDesired().home, place: { kind: 'folder' as const, name } });
type Fault = { on: 'call' | 'write'; when: 'before' | 'after'; kind: 'kill' | 'timeout'; left: number };

/** One person's workspace gets name after name, strangers take the names it left, and everything fails at times. */
async function walk(seed: number): Promise<void> {
  const random = makeRandom(seed);
  const state: { fault?: Fault | undefined; dead: boolean } = { dead: false };
  const fail = () => {
    const hint = '';
    throw state.dead ? new Error('killed') : new WorkdockError('ENGINE_TIMEOUT', 'lost', { hint });
  };
  const strike = (on: Fault['on'], when: Fault['when']) => {
    if (state.dead) fail();
    const { fault } = state;
    if (!fault || fault.on !== on || fault.when !== when) return;
    fault.left -= 1;
    if (fault.left >= 0 || (fault.kind === 'timeout' && on === 'write')) return;
    state.fault = undefined;
    state.dead = fault.kind === 'kill';
    fail();
  };
  const ups = () => [...w.engine.containers.values()].filter((c) => isUp(c) && c.homeSource === '/data/users/ada');
  const broken: string[] = [];
  const w = makeWorld({
    beforeCall: () => strike('call', 'before'),
    afterCall: () => {
      if (ups().length > 1) broken.push('two run on one home');
      strike('call', 'after');
    },
    beforeWrite: () => strike('write', 'before'),
    afterWrite: () => strike('write', 'after'),
  });
  let name = 'ada';
  let over: Partial<Desired> = {};
  const strangers = new Set<string>();
  const declare = (from?: string) => w.declare({ ...over, name, home: home('ada') }, from);
  const pass = async (each: string) => {
    await w.one(each);
    if (!state.dead) return;
    state.dead = false;
    w.restart();
  };
  declare();
  await w.settle(name);

  const rename = () => {
    // A name that nobody saw yet has nothing to take over, and one that is not free yet is a problem of the files.
    const next = random.pick(names);
    const isFree = w.intent(next) === undefined && !w.declarations.has(next);
    if (!isFree || w.intent(name) === undefined || w.intent(name)?.renamed?.open) return;
    w.declarations.delete(name);
    const from = name;
    name = next;
    declare(from);
  };
  const acts: (() => unknown)[] = [
    ...[rename, rename, rename],
    () => {
      const { declarations } = w;
      over = { env: { A: random.pick(['1', '2']) }, updatePolicy: random.pick(['OnStop', 'Now']) };
      const now = declarations.get(name);
      declare(now?.kind === 'valid' ? now.renamedFrom : undefined);
    },
    () => {
      const left = random.pick(names);
      const isTaken = w.intent(left) !== undefined || w.declarations.has(left);
      if (isTaken) return;
      strangers.add(left);
      w.declare({ name: left, home: home(`of-${left}`) });
    },
    () => {
      // A stranger that is removed for good.
      const gone = [...strangers].find((each) => w.intent(each) && !w.intent(each)!.adopted);
      if (gone === undefined || gone === name) return;
      strangers.delete(gone);
      w.declarations.delete(gone);
      for (const c of [...w.engine.containers.values()]) {
        if (c.homeSource === `/data/users/of-${gone}`) w.engine.containers.delete(c.id);
      }
      w.intents.forget(gone);
    },
    () => w.intent(name)?.lastGood && w.decide(stopByPerson(aDesired(), timestamp(w.clock.now())), name),
    () => w.intent(name)?.lastGood && w.decide(startByPerson(aDesired(), timestamp(w.clock.now()), undefined), name),
    () => w.hands.rm(`ws-${name}`),
    () => w.hands.kill(`ws-${name}`),
    () => w.hands.rename(`ws-${name}`, `mine-${random.below(100)}`),
    () => w.restart(),
    () => w.engine.crashing.add('*'),
  ];
  for (let step = 0; step < 40; step += 1) {
    state.fault = undefined;
    await random.pick(acts)();
    const [on, when] = [random.pick(['call', 'write'] as const), random.pick(['before', 'after'] as const)];
    if (random.chance(0.5)) state.fault = { on, when, kind: random.pick(['kill', 'timeout']), left: random.below(3) };
    for (let count = random.below(5); count > 0; count -= 1) {
      await pass(random.pick(names));
      await w.clock.advance(random.pick([0, 1_000, 5_000]));
    }
    if (broken[0]) throw new Error(broken[0]);
  }

  state.fault = undefined;
  w.engine.crashing.clear();
  over = { env: { END: 'yes' }, updatePolicy: 'Now' };
  const last = w.declarations.get(name);
  declare(last?.kind === 'valid' ? last.renamedFrom : undefined);
  for (let round = 0; round < 3; round += 1) for (const each of names) await w.settle(each);
  if (w.intent(name)?.mark?.run === 'Stopped') {
    await w.decide(startByPerson(aDesired(), timestamp(w.clock.now()), undefined), name);
  }
  for (let round = 0; round < 3; round += 1) {
    for (const each of names) await w.settle(each);
    await w.clock.advance(10_000);
  }
  const own = [...w.engine.containers.values()].filter((c) => c.homeSource === '/data/users/ada');
  const seen = own.map((c) => `${c.name} ${c.state} label ${c.workspace}`).join();
  const is = own.length === 1 && own[0]!.name === `ws-${name}` && own[0]!.state === 'running';
  if (!is) throw new Error(`${name} has: ${seen}\n${JSON.stringify([w.status(name), w.intent(name)], null, 1)}`);
  for (const each of names.filter((other) => other !== name && !strangers.has(other))) {
    if (w.intent(each) ?? w.status(each)) throw new Error(`something is left of ${each}`);
  }
  for (const each of strangers) {
    const theirs = [...w.engine.containers.values()].filter((c) => c.homeSource === `/data/users/of-${each}`);
    const fine = theirs.length === 1 && theirs[0]!.name === `ws-${each}` && theirs[0]!.state === 'running';
    if (!fine) throw new Error(`${each} has: ${theirs.map((c) => `${c.name} ${c.state}`).join()}`);
  }
}

test('whatever fails on the way, one workspace keeps its one container through all its names', {
  timeout: 60_000,
}, async () => {
  const only = process.env['WALK_SEED'];
  const first = only === undefined ? Date.now() % 1_000_000_000 : Number(only);
  const count = only === undefined ? Number(process.env['WALKS'] ?? cases(100)) : 1;
  for (let seed = first; seed < first + count; seed += 1) {
    await walk(seed).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
    });
  }
});
