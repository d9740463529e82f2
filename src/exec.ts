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
  /** Variables that the container has from `envFrom`. */
  secrets: (files: readonly string[]) => Promise<Record<string, string>>;
};
type Entered = Awaited<ReturnType<Deps['access']['enter']>>;

/** What a container of ours has from its create. */
const ownersEnv = ({ byHand, desired: { owner, home, env } }: Entered): Record<string, string> =>
  byHand ? { HOME: home.mountPath, USER: owner, LOGNAME: owner, ...env } : {};

/** A container can be replaced, or stopped by a hand, between being named and being entered. */
const MOST_TRIES = 3;

/** Runs commands in workspaces: finds the container, wakes it where it rests, and knows who its user is. */
export function makeExec({ runtime, access, identityOf, secrets }: Deps): Service['exec'] {
  /** Of the numbers of threads those that nobody has set: the limit may have changed since the container was made. */
  async function threads({ desired: { env, envFrom, limits }, cpus }: Entered): Promise<Record<string, string>> {
    const set = { ...env, ...(await secrets(envFrom).catch(() => ({}))) };
    const all = Object.entries(threadVariables({ nanoCpus: cpus === undefined ? limits.nanoCpus : cpus * 1e9 }));
    return Object.fromEntries(all.filter(([name]) => !Object.hasOwn(set, name)));
  }

  async function requestOf(entered: Entered, ask: ExecAsk): Promise<ExecRequest> {
    const { argv, terminal, stdin, workingDir, env } = ask;
    const { uid, gid } = await identityOf(entered.desired.owner);
    return {
      ...{ argv, terminal, stdin, user: `${uid}:${gid}`, ...(workingDir !== undefined && { workingDir }) },
      env: { ...ownersEnv(entered), ...(await threads(entered)), TERM: 'xterm-256color', ...env },
    };
  }

  return async (name, ask, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      const entered = await access.enter(name, { start: ask.start, again: attempt > 1 }, signal);
      const request = await requestOf(entered, ask);
      try {
        return await runtime.exec(entered.id, request);
      } catch (error) {
        const gone = error instanceof WorkdockError && error.code === 'ENGINE_CONFLICT';
        if (!gone || attempt === MOST_TRIES) throw error;
      }
    }
  };
}
