import { type Clock, timestamp } from '../lib/clock.ts';
import type { Summary, WorkspaceStatus, WorkspaceSummary } from '../model/status.ts';
import type { Rendered } from './json-adapter.ts';

export const rowOf = (status: WorkspaceStatus): WorkspaceSummary => ({
  phase: status.phase,
  ready: status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
  owner: status.owner,
  container: status.container?.name ?? null,
  image: status.container?.image ?? null,
  since: status.since,
  ...(status.idleSince !== undefined && { idleSince: status.idleSince }),
  ...(status.restsAt !== undefined && { restsAt: status.restsAt }),
  message: status.message,
});

/**
 * `status.json` as text: one line per workspace, in the order of names. The text of a row is kept with the row, so that
 * one change among 1,000 workspaces costs one row and a join.
 */
export function makeSummaryText(clock: Clock): (summary: Summary) => Rendered {
  const texts = new WeakMap<WorkspaceSummary, string>();
  const rowText = (name: string, row: WorkspaceSummary): string => {
    const known = texts.get(row) ?? `${JSON.stringify(name)}:${JSON.stringify(row)}`;
    texts.set(row, known);
    return known;
  };
  return ({ schemaVersion, writtenAt: _, workspaces, ...rest }) => {
    const names = Object.keys(workspaces).sort((a, b) => (a < b ? -1 : 1));
    const rows = names.map((name) => rowText(name, workspaces[name]!)).join(',\n');
    const key = `${JSON.stringify(rest).slice(1, -1)},"workspaces":{\n${rows}\n}}\n`;
    return { key, text: `{"schemaVersion":${schemaVersion},"writtenAt":"${timestamp(clock.now())}",${key}` };
  };
}
