import type { Clock } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Desired } from './model/desired.ts';
import type { Intent } from './model/intent.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { StatusStore } from './model/store.ts';

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

const isReady = ({ conditions }: WorkspaceStatus): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

const refused = (message: string, hint: string): WorkdockError => new WorkdockError('REFUSED', message, { hint });

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
    return now?.phase === 'Running' && isReady(now) ? now.container?.id : undefined;
  };

  /** Its container once every look that was asked for is through and it is Ready. */
  async function ready(name: string, signal: AbortSignal): Promise<string> {
    const endMs = clock.monotonic() + MOST_WAIT_MS;
    for (;;) {
      if (!busy(name)) {
        const id = idOf(name);
        if (id !== undefined) return id;
        checked(name); // somebody may have stopped it meanwhile
        const error = status.get(name)?.last.error;
        if (error && ['IMAGE_NOT_FOUND', 'START_FAILED', 'NAME_TAKEN', 'OWNER_RESERVED'].includes(error.code)) {
          throw new WorkdockError(error.code as 'START_FAILED', error.message, { hint: error.hint });
        }
      }
      if (signal.aborted) throw refused(`nobody waits for ${name} any more`, '');
      if (clock.monotonic() > endMs) {
        const now = status.get(name);
        const text = `${name} is not Ready after ${MOST_WAIT_MS / 1000} s: ${now?.phase}, ${now?.message}`;
        throw new WorkdockError('WAIT_TIMEOUT', text, { hint: `workdock why ${name}` });
      }
      await new Promise<void>((resolve) => clock.timer(POLL_MS, resolve));
    }
  }

  return {
    /**
     * The full id of a running container. `again`: the one that was named before is gone or stopped, so that what the
     * status says is not believed.
     */
    enter: async (name: string, { start, again }: { start: boolean; again: boolean }, signal: AbortSignal) => {
      const { desired, shouldRun } = checked(name);
      const known = shouldRun && !again ? idOf(name) : undefined;
      if (known !== undefined) return { id: known, desired };
      if (!start) throw refused(`${name} does not run`, 'leave --no-start out to start it');
      if (shouldRun) look(name);
      else await wake(name);
      const id = await ready(name, signal);
      return { id, desired: checked(name).desired };
    },
  };
}
