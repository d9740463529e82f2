import type { Clock } from './lib/clock.ts';
import { type ErrorCode, WorkdockError } from './lib/errors.ts';
import type { Desired } from './model/desired.ts';
import type { Intent } from './model/intent.ts';
import { isHandMade } from './model/observed.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { StatusStore } from './model/store.ts';
import type { HoldReason } from './model/target.ts';

type Deps = {
  status: Pick<StatusStore, 'get'>;
  clock: Clock;
  /** As verbs may act on it, or REFUSED. */
  subject: (name: string) => { desired: Desired; intent: Intent };
  /** Writes the mark of an access, fsynced, and wakes the loop. */
  wake: (name: string) => Promise<void>;
  /** Asks the loop to look now. */
  look: (name: string) => void;
  /** A pass over the name is due or on its way. */
  busy: (name: string) => boolean;
};

const POLL_MS = 25;
/** A start takes about 0.3 s, one with an image to pull or a container to make anew longer. */
const MOST_WAIT_MS = 120_000;
/** What keeps it from starting may pass: an engine restarts, a disk is mounted. Longer than this nobody is kept. */
const MOST_TROUBLE_MS = 15_000;
/** Another try of the same would not help. */
const finalErrors: string[] = ['IMAGE_NOT_FOUND', 'START_FAILED', 'NAME_TAKEN', 'OWNER_RESERVED'] satisfies ErrorCode[];

const readyOf = ({ conditions }: WorkspaceStatus) => conditions.find(({ type }) => type === 'Ready');

const refused = (message: string, hint: string): WorkdockError => new WorkdockError('REFUSED', message, { hint });

/** Reasons to leave it as it is that may pass: a folder that is read or mounted again. */
const passingHolds: string[] = ['SourceUnsettled', 'SourceAbsent', 'DataFolderMissing'] satisfies HoldReason[];
/** Nobody but a person, or another spec, starts it. */
const lastingReasons: string[] = ['Refused', 'NeverValid', 'Conflict'] satisfies HoldReason[];

/** Why it does not come up by itself, as the last look found; undefined while it is on its way. */
function troubleOf(now: WorkspaceStatus): WorkdockError | undefined {
  const { name, phase, message, last } = now;
  const { error, waitsFor } = last;
  if (error) return new WorkdockError(error.code as ErrorCode, error.message, { hint: error.hint });
  const held = phase === 'Failed' || passingHolds.includes(readyOf(now)?.reason ?? '');
  const why = waitsFor ?? (held ? message : undefined);
  const hint = `workdock why ${name}`;
  return why === undefined ? undefined : new WorkdockError('WAIT_TIMEOUT', `${name} does not start: ${why}`, { hint });
}

/** Its command is through, what differs is only reported, or its spec cannot be had here. */
function staysDown(now: WorkspaceStatus): WorkdockError | undefined {
  const { status, reason = '', message } = readyOf(now) ?? {};
  if (status === 'True') return undefined;
  if (lastingReasons.includes(reason)) return refused(`${now.name} cannot run: ${message}`, `workdock why ${now.name}`);
  if (reason !== 'Completed' && reason !== 'Drift') return undefined;
  return refused(`${now.name} is not started by itself: ${message}`, `workdock start ${now.name}`);
}

/** Getting into a workspace: at once where it runs, after a start where it rests, never where somebody forbade it. */
export function makeAccess({ status, clock, subject, wake, look, busy }: Deps) {
  /** The mark in force, as the run state function sees it. */
  const markOf = ({ desired, intent }: { desired: Desired; intent: Intent }) =>
    intent.mark?.forState === desired.state ? intent.mark : undefined;

  const checked = (name: string) => {
    const found = subject(name);
    const mark = markOf(found);
    if (found.desired.state === 'Stopped') {
      throw refused(`spec.state of ${name} is Stopped`, 'set spec.state: Running in its file');
    }
    if (mark?.by === 'stop' && mark.run === 'Stopped') {
      throw refused(`${name} is held: stopped by a person at ${mark.at}`, `workdock start ${name}`);
    }
    const shouldRun = mark ? mark.run === 'Running' : found.desired.state === 'Running';
    return { ...found, shouldRun };
  };

  const idOf = (name: string): string | undefined => {
    const now = status.get(name);
    return now?.phase === 'Running' && readyOf(now)?.status === 'True' ? now.container?.id : undefined;
  };

  const timedOut = (name: string) => {
    const now = status.get(name);
    const text = `${name} is not Ready after ${MOST_WAIT_MS / 1000} s: ${now?.phase}, ${now?.message}`;
    return new WorkdockError('WAIT_TIMEOUT', text, { hint: `workdock why ${name}` });
  };

  /** Its container once every look that was asked for is through and it is Ready. */
  async function ready(name: string, signal: AbortSignal): Promise<string> {
    const beginMs = clock.monotonic();
    let wellMs = beginMs;
    for (;;) {
      if (signal.aborted) throw WorkdockError.wrap(signal.reason, 'REFUSED', `nobody waits for ${name} any more`, '');
      const now = clock.monotonic();
      if (!busy(name)) {
        // Somebody may have forbidden it meanwhile; put to rest in this very moment, it is wanted all the same.
        const id = checked(name).shouldRun ? idOf(name) : void (await wake(name));
        if (id !== undefined) return id;
        const found = status.get(name);
        const down = found && staysDown(found);
        if (down) throw down;
        const trouble = found && troubleOf(found);
        if (!trouble) wellMs = now;
        else if (finalErrors.includes(trouble.code) || now - wellMs > MOST_TROUBLE_MS) throw trouble;
      }
      if (now - beginMs > MOST_WAIT_MS) throw timedOut(name);
      await new Promise<void>((resolve) => clock.timer(POLL_MS, resolve));
    }
  }

  return {
    /**
     * The full id of a running container. `again`: the one that was named before is gone or stopped, so that what the
     * status says is not believed. `cpus`: its limit in force. `byHand`: nothing in it was set
     * for the owner, as it was taken over.
     */
    enter: async (name: string, { start, again }: { start: boolean; again: boolean }, signal: AbortSignal) => {
      const { desired, shouldRun } = checked(name);
      const entered = (id: string, as: Desired) => {
        const { limits, container } = status.get(name) ?? {};
        return { id, desired: as, cpus: limits?.cpus, byHand: container?.id === id && isHandMade(container) };
      };
      const known = shouldRun && !again ? idOf(name) : undefined;
      if (known !== undefined) return entered(known, desired);
      if (!start) throw refused(`${name} does not run`, 'leave --no-start out to start it');
      if (shouldRun) look(name);
      else await wake(name);
      const id = await ready(name, signal);
      return entered(id, checked(name).desired);
    },
  };
}
