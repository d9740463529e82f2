import { lstat, rmdir } from 'node:fs/promises';
import { WorkdockError } from '../../lib/errors.ts';
import { complaints, runTool } from './host-tool.ts';
import { refuseMounted, refuseSeenElsewhere } from './mounted-inside.ts';

/**
 * Deletes a folder with all that is in it, for good. Links are deleted and not followed, and nothing that is mounted
 * in it is touched. What cannot be deleted stays, and the error says why.
 * @throws REFUSED when something is mounted in it, PARTIAL_FAILURE when something is left.
 */
export async function erase(folder: string, signal: AbortSignal): Promise<void> {
  await refuseMounted(folder);
  await refuseSeenElsewhere(folder);
  const done = await runTool({ argv: ['rm', '-rf', '--one-file-system', '--', folder], signal });
  if (done.code === 0) return;
  const [first = `rm ended with ${done.code}`] = complaints(done);
  const hint = 'see what forbids it (lsattr -R shows what was made immutable); trash empty goes on with the rest';
  throw new WorkdockError('PARTIAL_FAILURE', `not all of it could be deleted: ${first}`, { hint });
}

/** An empty folder of ours. */
export const removeEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

/** Without following a link; undefined when nothing is there. */
export const lookAt = (path: string) =>
  lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
