import { type Container, isHandMade, type Observed } from '../../model/observed.ts';
import type { Target } from '../../model/target.ts';

/** How long a container must have run before its predecessor is thrown away (Kubernetes: minReadySeconds). */
export const PROVEN_AFTER_MS = 2_000;

export const isUp = (c: Container): boolean =>
  c.state === 'running' || c.state === 'paused' || c.state === 'restarting';

/** It has one of the names that a container of this workspace has. */
export const isNamed = ({ name }: Container, ownName: string): boolean =>
  name === ownName || name.startsWith(`${ownName}.old.`);

/**
 * What differs is somebody's doing and only reported. One set aside is a replacement of ours that is not through, one
 * under its former name a rename.
 */
export const isLeft = ({ fitted, reachedBefore }: Target, { current, aside, ownName }: Observed): boolean =>
  fitted.drift === 'Report' &&
  reachedBefore &&
  aside === undefined &&
  (current === undefined || isNamed(current, ownName));

export const leftText = (name: string) => `drift: Report leaves it as it is; workdock restart ${name} undoes it`;

/** A person's restart is owed while the container they meant should run and was neither replaced nor started again. */
export const restartOwed = ({ restart, run }: Target, c: Container): boolean =>
  restart !== undefined &&
  (run === 'Running' || run === 'Frozen') &&
  restart.id === c.id &&
  restart.startedAt === (c.startedAt ?? '');

/** What shells and the engine's init mean by some codes (sysexits of POSIX sh: 126, 127; 128 + signal). */
const codes: Record<number, string> = {
  126: 'its command cannot be run',
  127: 'its command was not found',
  137: 'killed',
};

/**
 * What needs a new container waits until this one stops. One that was taken over as it runs waits under
 * `updatePolicy: Now` too: nobody edited anything since.
 */
export const waitsForStop = (target: Target, c: Container): boolean =>
  isUp(c) && (target.fitted.updatePolicy === 'OnStop' || isHandMade(c)) && !restartOwed(target, c);

export const exitText = (code: number): string => `exit code ${code}${codes[code] ? ` (${codes[code]})` : ''}`;

const ranForMs = (c: Container, at: number): number =>
  c.startedAt === undefined ? 0 : (isUp(c) || !c.finishedAt ? at : Date.parse(c.finishedAt)) - Date.parse(c.startedAt);

/** It started and stayed, or it did what it had to do: the container set aside for it is not needed any more. */
export const isProven = ({ fitted }: Target, c: Container, at: number): boolean =>
  c.startedAt !== undefined &&
  // A start in the future: the clock was set back. Waiting for it to come round would prove nothing more.
  (Math.abs(ranForMs(c, at)) >= PROVEN_AFTER_MS ||
    (fitted.command.kind !== 'Keep' && c.state === 'exited' && c.exitCode === 0));

/** What it mounts is there and nothing forbids a start: what is stopped now can be started again. */
export const canStart = (target: Target, observed: Observed): boolean =>
  observed.home.kind === 'ready' && canFollow(target, observed);

/** A successor could be started: as above, but a home that is absent and not missed (`homeBlock`) is made with it. */
export const canFollow = ({ startBlock }: Target, { home, missingMounts }: Observed): boolean =>
  startBlock === undefined && (home.kind === 'ready' || home.kind === 'absent') && missingMounts.length === 0;

/**
 * Another revision is wanted: another hash, or (by hand) another image under the same hash. A tag that moved is no
 * reason by itself, but a person's restart takes the new image along.
 */
export function differs(target: Target, c: Container, imageId: string | null): boolean {
  const { hash, image } = target.fitted;
  if (c.hash !== hash || c.imageRef !== image.ref) return true;
  if (!restartOwed(target, c)) return false;
  return imageId === null ? image.pullPolicy === 'Always' : imageId !== c.imageId;
}

/** A tag that points to another image than the container was made from; who restarts it takes that along. */
export const offerOf = ({ current, imageId }: Observed, target: Pick<Target, 'fitted'> | undefined) => {
  const { ref } = target?.fitted.image ?? {};
  if (!current || imageId === null || current.imageRef !== ref || current.imageId === imageId) return undefined;
  return `${ref} now points to another image; workdock restart takes it`;
};

/**
 * The new container of a replacement started and did not stay, and there is one to go back to. An end counts only
 * under a target that was reached (started by us): one stopped by a person within its first seconds has not failed. A
 * start that fails is judged where it fails, by the engine's code.
 */
export const rolloutFailed = (target: Target, { at, current, aside }: Observed): boolean =>
  aside !== undefined &&
  current !== undefined &&
  target.run === 'Running' &&
  current.hash === target.fitted.hash &&
  !isUp(current) &&
  // Somebody removes it by hand, which kills it first: it is made again.
  current.state !== 'removing' &&
  !isProven(target, current, at) &&
  current.startedAt !== undefined &&
  target.reachedBefore;

export const KILLED = 137;
export const TERMINATED = 143;

/** As after `docker kill` or `docker stop`. One alone says nothing of a program; the kernel's for memory does. */
export const endedAsByHand = ({ exitCode, oomKilled }: Container): boolean =>
  (exitCode === KILLED || exitCode === TERMINATED) && !oomKilled;

/**
 * The engine's word for it stands for ever once any process of any run was killed. One that only keeps the place
 * (`keeps`) is too small for the kernel to choose, unless everybody goes at once; a command of its own is what runs
 * out, again and again. `ranOutBefore`: the engine said so of this container while it ran.
 */
export const killedByMemory = (c: Container, { keeps, ranOutBefore }: { keeps: boolean; ranOutBefore: boolean }) =>
  c.oomKilled && c.exitCode === KILLED && !(keeps && ranOutBefore);

/** An end by itself that the restart policy leaves alone. `Keep` has no end of its own, so any end is healed. */
export function hasCompleted(target: Target, c: Container): boolean {
  const { command, restartPolicy } = target.fitted;
  if (command.kind === 'Keep' || c.state !== 'exited' || !target.reachedBefore || restartOwed(target, c)) return false;
  return restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && c.exitCode === 0);
}
