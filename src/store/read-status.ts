import { join } from 'node:path';
import type { WorkspaceStatus } from '../model/status.ts';
import { readFolder } from './read-folder.ts';

/**
 * The status of every workspace as it was written last, without a controller: also from a copy of the state folder on
 * another machine. What cannot be read is left out; undefined when there is no such folder.
 */
export function readStatuses(stateDir: string): Promise<WorkspaceStatus[] | undefined> {
  return readFolder<WorkspaceStatus>(join(stateDir, 'status'), ({ name }) => typeof name === 'string');
}
