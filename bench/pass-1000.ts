import { sameJson } from '../src/lib/json.ts';
import type { Fitted } from '../src/model/fitted.ts';
import type { Runtime } from '../src/model/runtime.ts';
import { aDesired } from '../tests/support/fitted.ts';
import { makeWorld, type TestWorld } from '../tests/support/world.ts';
import { paired, type Row } from './lib/paired.ts';
import { cpuMs, heapBytes } from './lib/usage.ts';

const COUNT = 1_000;
const MIB = 2 ** 20;

/** A thousand running workspaces on the fake engine, in the state a controller leaves them in. */
async function makeThousand(): Promise<{ world: TestWorld; names: string[] }> {
  const world = makeWorld();
  const names = Array.from({ length: COUNT }, (_, n) => `user-${n}`);
  for (const name of names) {
    const home = { ...aDesired().home, place: { kind: 'folder' as const, name } };
    world.declare({ name, owner: name, home });
    await world.one(name);
  }
  await world.clock.advance(60_000);
  for (const name of names) await world.one(name);
  return { world, names };
}

/**
 * The peer: the plainest loop that would notice a difference. It looks at each container and compares state, revision,
 * limits and network with what it wants. No intents, no plan, no status, no reasons.
 */
async function plainPass(runtime: Runtime, wanted: Map<string, Fitted>): Promise<number> {
  let different = 0;
  for (const fitted of wanted.values()) {
    const { current } = await runtime.observe(fitted);
    const is = [current?.state, current?.hash, current?.limits, current?.networks];
    if (!sameJson(is, ['running', fitted.hash, fitted.limits, [fitted.networkName]])) different += 1;
  }
  return different;
}

/** What the peer has to remember of a thousand workspaces. */
async function wantedOf({ world, names }: Awaited<ReturnType<typeof makeThousand>>): Promise<Map<string, Fitted>> {
  const wanted = new Map<string, Fitted>();
  for (const name of names) {
    const { desired } = world.intent(name)!.lastGood!;
    const { allotment } = await world.parts().world.allot(desired);
    const hash = world.container(`ws-${name}`)!.hash;
    wanted.set(name, structuredClone({ ...desired, ...allotment, hash, clamps: [] }));
  }
  return wanted;
}

async function cpu(): Promise<Row> {
  const thousand = await makeThousand();
  const { world, names } = thousand;
  const wanted = await wantedOf(thousand);
  const ours = async () => {
    const calls = world.engine.calls.length;
    const changes = world.changes();
    for (const name of names) await world.one(name, 'resync');
    if (world.engine.calls.length !== calls || world.changes() !== changes) throw new Error('the pass was not quiet');
  };
  const peer = async () => {
    if ((await plainPass(world.runtime, wanted)) > 0) throw new Error('the peer sees a difference');
  };
  const row = { name: 'pass-1000', unit: 'ms CPU', ours: () => cpuMs(ours), peer: () => cpuMs(peer) };
  await paired({ ...row, name: 'pass-1000, warming up', pairs: 3 });
  return paired({ ...row, pairs: 11 });
}

/** Heap that a thousand workspaces keep, beyond the engine and the files, which both sides would need. */
async function heap(): Promise<Row> {
  const thousand = await makeThousand();
  const { world, names } = thousand;
  const ours = async () => {
    for (const name of names) await world.one(name);
    const before = heapBytes();
    for (const name of names) world.forget(name);
    world.restart();
    const size = before - heapBytes();
    // With their records gone they are taken over as they are, for the next round.
    for (const name of names) await world.one(name);
    return size / MIB;
  };
  const peer = async () => {
    const before = heapBytes();
    const wanted = await wantedOf(thousand);
    const size = heapBytes() - before;
    return wanted.size === COUNT ? size / MIB : Number.NaN;
  };
  return paired({ name: 'pass-1000', unit: 'MiB heap', ours, peer, pairs: 7 });
}

/** A pass over a thousand workspaces in which nothing changed. */
export const run = async (): Promise<Row[]> => [await cpu(), await heap()];
