import type { ApiClient } from '../client/client.ts';
import type { Goal } from '../client/goal.ts';
import { waitFor } from '../client/wait-for.ts';
import type { WorkspaceStatus } from '../model/status.ts';

/** Long enough for a stop with the built-in grace of 30 s, or a first start from an image that is there. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * The status that meets `goal`.
 * @throws NOT_FOUND, WAIT_TIMEOUT
 */
export async function until(
  client: ApiClient,
  name: string,
  { goal, timeoutMs = DEFAULT_TIMEOUT_MS }: { goal: Goal; timeoutMs?: number | undefined },
): Promise<WorkspaceStatus> {
  let found: WorkspaceStatus | undefined;
  const met = (status: WorkspaceStatus) => {
    if (goal.met(status)) found = status;
    return found !== undefined;
  };
  const wait = { goalOf: () => ({ ...goal, met }), timeoutMs, onMet: () => undefined };
  const [failure] = await waitFor(client, [name], wait);
  if (found === undefined) throw failure;
  return found;
}
