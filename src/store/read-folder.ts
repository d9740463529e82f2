import { readdir } from 'node:fs/promises';
import { nameOf } from './file-name.ts';
import { type JsonRecord, readJson, unlessNewer } from './read-json.ts';

/**
 * What the files `<name>.json` of a folder hold, read beside a controller or without one. What cannot be read is left
 * out; undefined when there is no such folder, or we may not look.
 * @throws STATE_NEWER  of what a later version wrote nobody may think that it is not there.
 */
export async function readFolder<T>(folder: string, valid: (value: JsonRecord) => boolean): Promise<T[] | undefined> {
  const entries = await readdir(folder).catch(() => undefined);
  if (entries === undefined) return undefined;
  const files = entries.filter((entry) => nameOf(entry) !== undefined).map((entry) => `${folder}/${entry}`);
  const read = await Promise.all(files.map((file) => readJson<T>(file, valid).catch(unlessNewer)));
  return read.flatMap((found) => (found?.kind === 'ok' ? [found.value] : []));
}
