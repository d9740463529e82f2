import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceStatus } from '../model/status.ts';
import { nameOf } from './file-name.ts';
import { readJson } from './read-json.ts';

/**
 * The status of every workspace as it was written last, without a controller: also from a copy of the state folder on
 * another machine. What cannot be read is left out; undefined when there is no such folder.
 */
export async function readStatuses(stateDir: string): Promise<WorkspaceStatus[] | undefined> {
  const folder = join(stateDir, 'status');
  const entries = await readdir(folder).catch(() => undefined);
  if (entries === undefined) return undefined;
  const files = entries.filter((entry) => nameOf(entry) !== undefined).map((entry) => join(folder, entry));
  const read = await Promise.all(
    files.map((file) => readJson<WorkspaceStatus>(file, ({ name }) => typeof name === 'string').catch(() => undefined)),
  );
  return read.flatMap((found) => (found?.kind === 'ok' ? [found.value] : []));
}
