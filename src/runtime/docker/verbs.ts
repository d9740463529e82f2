import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Limits } from '../../model/desired.ts';
import { containerOf, type Engine } from './connect.ts';
import { hasCpuQuota } from './container-view.ts';
import { liveLimits, quotaLimits } from './create-config.ts';
import { allow, statusOf, textOf } from './errors.ts';
import type { Find } from './find.ts';
import type { Names } from './names.ts';

type Deps = { engine: Engine; find: Find; names: Names; clock: Clock };

const REMOVAL_POLL_MS = 100;
const REMOVAL_LIMIT_MS = 60_000;

/** Verbs on one container by its full id. A verb that is already true is a success. */
export function makeVerbs({ engine, find, names, clock }: Deps) {
  const state = async (id: string) => (await find.inspect(id))?.State.Status;
  /** 409 also says "already so" (pause, unpause), and says it late: the state decides. */
  const orAlready = async (call: Promise<unknown>, id: string, states: (string | undefined)[]): Promise<void> => {
    try {
      await call;
    } catch (error) {
      if (!isConflict(error) || !states.includes(await state(id))) throw error;
    }
  };
  const rename = async (id: string, name: string): Promise<void> => {
    if ((await find.inspect(id))?.Name === `/${name}`) return;
    await engine.mutate(`rename to ${name}`, (docker, abortSignal) =>
      containerOf(docker, id).rename({ name, abortSignal }),
    );
  };
  /** Someone else's removal is in progress: wait until it is through. */
  const untilGone = async (id: string): Promise<void> => {
    const end = clock.monotonic() + REMOVAL_LIMIT_MS;
    while ((await find.inspect(id)) !== undefined) {
      if (clock.monotonic() > end)
        throw new WorkdockError('ENGINE_CONFLICT', `container ${id} is still being removed`, {
          hint: 'see the log of the engine; it is tried again',
        });
      await new Promise<void>((resolve) => clock.timer(REMOVAL_POLL_MS, resolve));
    }
  };

  return {
    update: async (id: string, limits: Partial<Limits>): Promise<void> => {
      const made = await find.inspect(id);
      const wanted = made && hasCpuQuota(made.HostConfig) ? quotaLimits(limits) : liveLimits(limits);
      await engine.mutate('update limits', (docker, abortSignal) =>
        containerOf(docker, id).update({ ...wanted, RestartPolicy: { Name: 'no' }, abortSignal }),
      );
    },
    stop: async (id: string, graceSeconds: number): Promise<void> => {
      const call = engine.stop(
        'stop container',
        (docker, abortSignal) => containerOf(docker, id).stop({ t: graceSeconds, abortSignal }),
        graceSeconds * 1000,
      );
      await allow(304, call);
    },
    pause: (id: string) =>
      orAlready(
        engine.mutate('pause container', (docker, abortSignal) => containerOf(docker, id).pause({ abortSignal })),
        id,
        ['paused'],
      ),
    unpause: (id: string) =>
      orAlready(
        engine.mutate('unpause container', (docker, abortSignal) => containerOf(docker, id).unpause({ abortSignal })),
        id,
        ['running'],
      ),
    setAside: (id: string, name: string, generation: number) => rename(id, names.aside(name, generation)),
    restore: (id: string, name: string) => rename(id, names.current(name)),
    /** Its anonymous volumes stay: no step deletes data. Fails on a running one. */
    remove: async (id: string): Promise<void> => {
      const call = engine.mutate('remove container', (docker, abortSignal) =>
        containerOf(docker, id).remove({ v: false, force: false, abortSignal }),
      );
      try {
        await allow(404, call);
      } catch (error) {
        if (!isRemoving(error)) throw error;
        await untilGone(id);
      }
    },
  };
}

const causeOf = (error: unknown) => (error instanceof WorkdockError ? error.cause : error);
const isConflict = (error: unknown) => [409, 500].includes(statusOf(causeOf(error)) ?? 0);
const isRemoving = (error: unknown) =>
  statusOf(causeOf(error)) === 409 && /removal of container .* is already in progress/.test(textOf(causeOf(error)));
