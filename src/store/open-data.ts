import { access } from 'node:fs/promises';
import type { InstanceStore } from '../model/store.ts';
import { inData } from './data-folder.ts';
import { type InstanceOptions, missingInstance, openInstance } from './instance.ts';
import { type FolderLock, lockDataFolder } from './lock.ts';

/**
 * The data folder in the only safe order: is it there at all, is it ours alone, who are we.
 * @throws DATA_FOLDER_MISSING  before anything was created.
 * @throws CONTROLLER_LOCKED, STATE_NEWER, NOT_PERSISTED
 */
export async function openDataFolder(
  dataDir: string,
  options: InstanceOptions,
): Promise<{ lock: FolderLock; instance: InstanceStore }> {
  if (options.expectExisting !== null) {
    await access(inData(dataDir, 'instance.json')).catch((error) => {
      throw missingInstance(dataDir, options.expectExisting, error);
    });
  }
  const lock = await lockDataFolder(dataDir);
  try {
    return { lock, instance: await openInstance(dataDir, options) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
