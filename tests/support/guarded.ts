import { silentLog } from '../../src/lib/log.ts';
import type { Desired } from '../../src/model/desired.ts';
import { noteOf } from '../../src/model/held.ts';
import { makeChangeGuard } from '../../src/reconcilers/guard/change-guard.ts';
import type { Deps } from '../../src/reconcilers/workspace/world.ts';
import { isUp } from '../../src/runtime/fake/engine.ts';
import { aDesired } from './fitted.ts';
import { memoryInstance } from './memory-stores.ts';
import { makeWorld, type TestWorld } from './world.ts';

type Options = NonNullable<Parameters<typeof makeWorld>[0]> & { share?: number };

/** The fake world behind a guard of changes; `instance.json` and intents outlive a restart, the guard does not. */
export function makeGuarded({ share = 0.2, ...options }: Options = {}) {
  const instance = memoryInstance();
  const settings = { share, asked: 0 };
  let guard: ReturnType<typeof makeChangeGuard>;
  const around = (parts: Deps): Deps => ({
    ...parts,
    world: {
      ...parts.world,
      mayAccept: (declaration) => guard.mayAccept(declaration),
      held: (name) => guard.held().flatMap((list) => noteOf(list, name)),
    },
  });
  const w: TestWorld = makeWorld({ ...options, around });
  const begin = () => {
    guard = makeChangeGuard({
      ...{ instance, clock: w.clock, log: silentLog, share: settings.share },
      ...{ intents: w.intents.store, events: w.events.store },
      declarations: () => w.declarations.values(),
      waits: (name) => w.status(name)?.pending.some(({ cost }) => cost === 'nextStop') ?? true,
      running: async () => {
        settings.asked += 1;
        const up = new Set([...w.engine.containers.values()].filter(isUp).map(({ workspace }) => workspace));
        return { count: up.size, runs: (name) => up.has(name) };
      },
    });
  };
  begin();
  const passes = async () => {
    for (const name of w.declarations.keys()) await w.settle(name);
  };
  return {
    ...{ w, instance, settings },
    guard: () => guard,
    /** A settled scan: it is judged, and everybody has a pass. */
    scan: async () => {
      const moved = await guard.judge();
      await passes();
      return moved;
    },
    passes,
    /** The controller dies and comes back. */
    restart: () => {
      w.restart();
      begin();
    },
    declare: (name: string, over: Partial<Desired> = {}) => {
      const home = { ...aDesired().home, place: { kind: 'folder' as const, name } };
      return w.declare({ name, owner: name, home, ...over });
    },
    list: () => guard.held()[0],
    ids: () => Object.fromEntries([...w.engine.containers.values()].map((c) => [c.name, c.id])),
    memory: (name: string) => w.container(`ws-${name}`)?.limits.memoryBytes,
  };
}
