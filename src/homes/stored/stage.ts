import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkdockError } from '../../lib/errors.ts';
import { entryName, type Work } from '../../model/homes.ts';
import { erase, removeEmpty } from './erase.ts';
import { runTool } from './host-tool.ts';
import { hiddenName, type Places } from './places.ts';
import { unpack } from './tar.ts';

/** A copy that came to nothing is not worth more of anybody's time: `trash empty` takes what is left. */
const TIDY_MS = 30_000;

/** A folder ready to become a home. */
export type Staged = { folder: string; tidy: () => Promise<void> };

const unusable = (archive: string, why: string) =>
  new WorkdockError('HOME_UNUSABLE', `${archive} cannot be unpacked: ${why}`, { hint: 'nothing was restored' });

/**
 * Unpacks an archive in a hidden folder of the trash, where nobody comes through, and on disk before it returns.
 * @throws HOME_UNUSABLE, with what was unpacked deleted.
 */
export async function stageArchive(
  places: Places,
  { home, archive }: { home: string; archive: string },
  { signal, tell }: Work,
): Promise<Staged> {
  if (!(await stat(archive)).isFile()) throw unusable(archive, 'it is not a file');
  await places.ensureTrash();
  const stage = join(places.trash, hiddenName('restore', entryName(home, Date.now())));
  await mkdir(stage, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw unusable(archive, `${stage} cannot be made (${error.code})`);
  });
  try {
    tell('unpacking');
    const { ok, said } = await unpack(archive, stage, signal);
    if (!ok) throw unusable(archive, said[0] ?? 'tar failed');
    const [first, ...others] = await readdir(stage, { withFileTypes: true });
    if (!first?.isDirectory() || others.length > 0) throw unusable(archive, 'it does not hold exactly one folder');
    await runTool({ argv: ['sync', '-f', stage], signal });
    return { folder: join(stage, first.name), tidy: () => removeEmpty(stage) };
  } catch (error) {
    await erase(stage, AbortSignal.timeout(TIDY_MS)).catch(() => undefined);
    throw error;
  }
}
