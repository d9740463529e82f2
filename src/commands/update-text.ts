import type { WorkspaceStatus } from '../model/status.ts';
import { failedBefore } from '../model/update.ts';

/** One word for a table: an update that is on its way, failed, waits, or could be had. */
export function updateCell(status: WorkspaceStatus): string {
  const { conditions, update } = status;
  const is = (wanted: string) => conditions.some(({ type, status }) => type === wanted && status === 'True');
  if (update && update.outcome === undefined) return 'going';
  if (failedBefore(status)) return 'failed';
  if (is('UpdatePending')) return 'pending';
  return is('UpdateAvailable') ? 'available' : '-';
}
