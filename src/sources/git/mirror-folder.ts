import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';

/** What a git that was killed leaves behind, by the name of the file or folder. */
const leftover = /^(?:.*\.lock|gc\.pid|tmp_.*|tmp_objdir-.*|incoming-.*)$/;

/**
 * Removes the locks and halves of a killed git. Nobody else works in the mirror: it belongs to the holder of the data
 * folder's lock, whose calls of git come one after the other.
 */
export async function sweepLeftovers(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (leftover.test(entry.name)) await rm(path, { recursive: true, force: true });
    // Loose objects are many and have no locks.
    else if (entry.isDirectory() && !/^[0-9a-f]{2}$/.test(entry.name)) await sweepLeftovers(path);
  }
}

/** The config that git gets in the place of the user's: which repositories it may read although others own them. */
export async function writeConfig(path: string, trusted: readonly string[]): Promise<void> {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  await writeFile(path, `[safe]\n${trusted.map((each) => `\tdirectory = ${quoted(each)}\n`).join('')}`, {
    mode: 0o600,
  });
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Out of the way, the one before it gone: a damaged mirror is good for a look, and for nothing else. */
export async function putAside(folder: string): Promise<void> {
  const aside = `${folder}.broken`;
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
}

/** Only the last folder: what is above it may be a disk that is not mounted. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
}
