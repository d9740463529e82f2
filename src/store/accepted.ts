import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Accepted, Intent } from '../model/intent.ts';
import { inData } from './data-folder.ts';
import { nameOf } from './file-name.ts';
import { isRecord, readJson } from './read-json.ts';
import { writtenSpecsFolder } from './spec-files.ts';

/**
 * The spec that was last accepted of every name, read beside a controller or without one; a record that cannot be read
 * is left out. Undefined when the folder has no records: no controller ever ran here, or we may not look.
 */
export async function readAccepted(dataDir: string): Promise<Map<string, Accepted> | undefined> {
  const folder = inData(dataDir, 'intents');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const files = names.filter((entry) => nameOf(entry) !== undefined).map((entry) => `${folder}/${entry}`);
  const read = await Promise.all(
    files.map((file) => readJson<Intent>(file, ({ revisions }) => isRecord(revisions)).catch(() => undefined)),
  );
  const good = read.flatMap((found) => (found?.kind === 'ok' && found.value.lastGood ? [found.value.lastGood] : []));
  const written = writtenSpecsFolder(dataDir);
  return new Map(
    good.map(({ desired, source }) => [desired.name, { desired, byProgram: dirname(source.path) === written }]),
  );
}
