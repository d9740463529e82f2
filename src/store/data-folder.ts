import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import { errnoOf } from './read-json.ts';

export const inData = (dataDir: string, ...rest: string[]): string => join(dataDir, '.workdock', ...rest);

/** Makes the folder of our own records; only the controller's account may look into it. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const hint = 'make the data folder writable for the controller, or choose another with --data';
    throw new WorkdockError('NOT_PERSISTED', `cannot create ${path}: ${errnoOf(cause)}`, { hint, cause });
  }
}

export const damaged = (path: string, message: string, hint: string): WorkdockError =>
  new WorkdockError('DATA_FOLDER_MISSING', `${path} cannot be used: ${message}`, { hint });
