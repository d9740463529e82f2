import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import type { SpecFileStore } from '../model/store.ts';
import { inData, makePrivateFolder } from './data-folder.ts';
import { checkedName } from './file-name.ts';
import { errnoOf } from './read-json.ts';
import { replaceFile, sweepTemporaries, syncFolder } from './replace-file.ts';

/** Specs may hold what is only for their owner, as `env` does. */
const MODE = 0o600;

/** Where the specs are that came through the API, as the sources read them and people see it. */
export const writtenSpecsFolder = (dataDir: string): string => inData(dataDir, 'specs');

/**
 * `<data>/.workdock/specs/<name>.yaml`. Makes the folder; only the holder of the data folder's lock may open it.
 * @throws NOT_PERSISTED
 */
export async function openSpecFiles(dataDir: string): Promise<SpecFileStore> {
  const folder = writtenSpecsFolder(dataDir);
  await makePrivateFolder(folder);
  await sweepTemporaries(folder);
  const pathOf = (name: string): string => join(folder, `${checkedName(name)}.yaml`);

  return {
    folder,
    pathOf,
    read: async (name) => {
      try {
        return await readFile(pathOf(name), 'utf8');
      } catch (cause) {
        if (errnoOf(cause) === 'ENOENT') return undefined;
        const hint = 'give the controller access to it, or mend the disk';
        throw new WorkdockError('NOT_PERSISTED', `cannot read ${pathOf(name)}: ${errnoOf(cause)}`, { hint, cause });
      }
    },
    write: async (name, text) => {
      const path = pathOf(name);
      try {
        // Only the last folder: what is above it may be a disk that is not mounted.
        await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
          if (errnoOf(error) !== 'EEXIST') throw error;
        });
        await replaceFile(path, text, { mode: MODE });
        await syncFolder(folder);
      } catch (cause) {
        const hint = 'free space or make the data folder writable, and ask again; the spec is as it was';
        throw new WorkdockError('NOT_PERSISTED', `cannot write ${path}: ${errnoOf(cause)}`, { hint, cause });
      }
    },
  };
}
