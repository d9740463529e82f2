import type { makeAccess } from './access.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Identity } from './model/fitted.ts';
import type { Runtime } from './model/runtime.ts';
import type { Service } from './model/service.ts';
import type { ExecAsk, ExecRequest } from './model/stream.ts';
import { threadVariables } from './model/threads.ts';

type Deps = {
  runtime: Pick<Runtime, 'exec'>;
  access: ReturnType<typeof makeAccess>;
  identityOf: (owner: string) => Promise<Identity>;
};
type Entered = Awaited<ReturnType<Deps['access']['enter']>>;

/** A container can be replaced, or stopped by a hand, between being named and being entered. */
const MOST_TRIES = 3;

/** What the container was not made with: the limits may have changed since, and a terminal is the client's. */
function requestOf({ desired }: Entered, { uid, gid }: Identity, ask: ExecAsk): ExecRequest {
  const { argv, terminal, stdin } = ask;
  const threads = Object.entries(threadVariables(desired.limits)).filter(([name]) => !Object.hasOwn(desired.env, name));
  return {
    ...{ argv, terminal, stdin },
    env: { ...Object.fromEntries(threads), TERM: 'xterm-256color', ...ask.env },
    workingDir: ask.workingDir ?? desired.home.mountPath,
    user: `${uid}:${gid}`,
  };
}

/** Runs commands in workspaces: finds the container, wakes it where it rests, and knows who its user is. */
export function makeExec({ runtime, access, identityOf }: Deps): Service['exec'] {
  return async (name, ask, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      const entered = await access.enter(name, { start: ask.start, again: attempt > 1 }, signal);
      const request = requestOf(entered, await identityOf(entered.desired.owner), ask);
      try {
        return await runtime.exec(entered.id, request);
      } catch (error) {
        const gone = error instanceof WorkdockError && error.code === 'ENGINE_CONFLICT';
        if (!gone || attempt === MOST_TRIES) throw error;
      }
    }
  };
}
