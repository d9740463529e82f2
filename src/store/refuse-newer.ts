import { join } from 'node:path';
import { inData } from './data-folder.ts';
import { readFolder } from './read-folder.ts';
import { readJson, unlessNewer } from './read-json.ts';

const any = (): boolean => true;

/**
 * Before anything is opened: opening puts aside, completes and rewrites, and a refusal must leave all as it is.
 * @throws STATE_NEWER when some file of either folder was written by a later version.
 */
export async function refuseNewer(folders: { data: string; state: string }): Promise<void> {
  const files = [
    inData(folders.data, 'uids.json'),
    join(folders.state, 'status.json'),
    join(folders.state, 'idle.json'),
  ];
  for (const file of files) await readJson(file, any).catch(unlessNewer);
  for (const folder of [inData(folders.data, 'intents'), join(folders.state, 'status')]) await readFolder(folder, any);
}
