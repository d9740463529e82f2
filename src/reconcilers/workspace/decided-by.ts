import { sameJson } from '../../lib/json.ts';
import type { WorkspaceStatus } from '../../model/status.ts';

/** What people mean by a decision; figures, and when it is looked at next, are none. */
const decision = ({
  phase,
  conditions,
  pending,
  drift,
  ignored = [],
  plan,
  last: { because, waitsFor, error },
}: WorkspaceStatus) => ({
  ...{ phase, conditions, pending, drift, ignored, plan, because, waitsFor, error },
});

/**
 * The status with the pass that decided it, and what woke that one: a pass that only confirms what was decided, and did
 * nothing, is no news and writes nothing.
 */
export function decidedBy(next: WorkspaceStatus, previous: WorkspaceStatus | undefined): WorkspaceStatus {
  if (previous === undefined || !sameJson(decision(next), decision(previous))) return next;
  const { trigger, pass } = previous.last;
  return { ...next, last: { ...next.last, trigger, ...(pass && { pass }) } };
}
