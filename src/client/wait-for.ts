import { shortSpan } from '../lib/age.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import type { ApiClient } from './client.ts';
import type { Goal } from './goal.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** A file saved a moment ago may not have been read yet; longer than any settle time people set. */
const UNKNOWN_NAME_MS = 5_000;
/** More names than this would make a URL longer than servers take. */
const NAMES_IN_URL = 100;

export type Wait = {
  goalOf: (name: string) => Goal;
  timeoutMs: number;
  onMet: (name: string, goal: Goal) => void;
  /** How long a name may be unknown (5 s). */
  unknownNameMs?: number;
};

/**
 * Asks again with growing pauses until every name met its goal or the time is up.
 *
 * @returns one error for each name that did not: WAIT_TIMEOUT, or NOT_FOUND for a name that never appeared.
 * @throws CONTROLLER_UNREACHABLE when the first question gets no answer; later ones may (a controller restarts).
 */
export async function waitFor(client: ApiClient, names: string[], wait: Wait): Promise<WorkdockError[]> {
  const { unknownNameMs = UNKNOWN_NAME_MS } = wait;
  const begin = performance.now();
  const spent = () => performance.now() - begin;
  const failures: WorkdockError[] = [];
  const last = new Map<string, WorkspaceStatus>();
  let open = [...names];
  let asked = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const statuses = await client.list(open.length > NAMES_IN_URL ? [] : open).catch((error: unknown) => {
      if (asked && error instanceof WorkdockError && error.code === 'CONTROLLER_UNREACHABLE') return [];
      throw error;
    });
    asked = true;
    for (const status of statuses) last.set(status.name, status);
    const met = open.filter((name) => statuses.some((each) => each.name === name && wait.goalOf(name).met(each)));
    for (const name of met) wait.onMet(name, wait.goalOf(name));
    open = open.filter((name) => !met.includes(name));
    for (const status of statuses.filter(({ name }) => open.includes(name))) {
      const failure = wait.goalOf(status.name).failed?.(status);
      if (failure === undefined) continue;
      failures.push(failure);
      open = open.filter((name) => name !== status.name);
    }
    const late = spent() >= wait.timeoutMs;
    const gone = open.filter((name) => !last.has(name) && (late || spent() >= unknownNameMs));
    failures.push(...gone.map((name) => unknownName(name)));
    open = open.filter((name) => !gone.includes(name));
    if (open.length === 0) return failures;
    if (late) return [...failures, ...open.map((name) => timedOut(last.get(name)!, wait))];
    await pauseFor(Math.min(pause, wait.timeoutMs - spent()));
  }
}

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const unknownName = (name: string) =>
  new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: '`workdock get` lists them' });

function timedOut({ name, phase, message }: WorkspaceStatus, { goalOf, timeoutMs }: Wait): WorkdockError {
  const now = message === '' ? phase : `${phase}, ${message}`;
  const text = `${name} is not ${goalOf(name).text} after ${shortSpan(timeoutMs / 1000)}: ${now}`;
  return new WorkdockError('WAIT_TIMEOUT', text, { hint: `workdock why ${name}` });
}
