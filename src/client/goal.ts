import { WorkdockError } from '../lib/errors.ts';
import { workspaceConditions } from '../model/conditions.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { failedBefore } from '../model/update.ts';

/** What somebody waits for. `met` is never true of a status that judges an older generation of the spec. */
export type Goal = {
  text: string;
  met: (status: WorkspaceStatus) => boolean;
  /** Why it will not come to that any more. */
  failed?: (status: WorkspaceStatus) => WorkdockError | undefined;
};

/** False while the status is that of an older generation of the spec. */
export const isJudged = (status: WorkspaceStatus) => status.observedGeneration === status.generation;

const conditionGoal = (type: string, wanted: string): Goal => ({
  text: wanted === 'True' ? type : `${type}=${wanted}`,
  met: (status) => {
    const found = status.conditions.find((condition) => condition.type === type);
    const fresh = found?.observedGeneration === undefined || found.observedGeneration === status.generation;
    return isJudged(status) && fresh && (found?.status ?? 'Unknown') === wanted;
  },
});

export const ready: Goal = conditionGoal('Ready', 'True');

export const stopped: Goal = {
  text: 'Stopped',
  met: (status) => isJudged(status) && ['Stopped', 'Held', 'Resting'].includes(status.phase),
};

/**
 * Ready, and started anew since `before`: for a restart, whose workspace is ready when it is asked for. A new container
 * has to stay up first; when it does not, the one before it runs again, and nothing was taken over.
 */
export const restarted = (before: WorkspaceStatus | undefined): Goal => {
  const isAnew = (status: WorkspaceStatus) =>
    runOf(status) !== runOf(before) && status.container !== undefined && status.container.setAside === undefined;
  return {
    text: 'Ready',
    met: (status) => ready.met(status) && isAnew(status) && !failedBefore(status),
    failed: (status) => (isAnew(status) && failedBefore(status) ? putBack(status) : undefined),
  };
};
const putBack = ({ name, conditions }: WorkspaceStatus) => {
  const { message = '' } = conditions.find(({ type }) => type === 'UpdatePending') ?? {};
  return new WorkdockError('START_FAILED', `${name} was put back: ${message}`, { hint: `workdock why ${name}` });
};
const runOf = (status: WorkspaceStatus | undefined) => `${status?.container?.id} ${status?.container?.startedAt}`;

/** @throws USAGE unless the text is `Ready`, `Stopped` or `Condition=Type[=True|False|Unknown]`. */
export function parseGoal(text: string): Goal {
  if (/^ready$/i.test(text)) return ready;
  if (/^stopped$/i.test(text)) return stopped;
  const [, type, status = 'True'] = /^condition=([^=]+)(?:=(.+))?$/i.exec(text) ?? [];
  const known = workspaceConditions.find((each) => each.toLowerCase() === type?.toLowerCase());
  const value = ['True', 'False', 'Unknown'].find((each) => each.toLowerCase() === status.toLowerCase());
  if (known !== undefined && value !== undefined) return conditionGoal(known, value);
  const types = workspaceConditions.join(' ');
  const hint = `write --for=Ready, --for=Stopped or --for=Condition=Type[=Status]; types: ${types}`;
  throw new WorkdockError('USAGE', `nothing can be waited for as "${text}"`, { hint });
}
