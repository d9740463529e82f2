import { dirname } from 'node:path';
import type { Accepted, Intent } from '../model/intent.ts';
import { inData } from './data-folder.ts';
import { readFolder } from './read-folder.ts';
import { isRecord } from './read-json.ts';
import { writtenSpecsFolder } from './spec-files.ts';

/**
 * The spec that was last accepted of every name, read beside a controller or without one; a record that cannot be read
 * is left out. Undefined when the folder has no records: no controller ever ran here, or we may not look.
 */
export async function readAccepted(dataDir: string): Promise<Map<string, Accepted> | undefined> {
  const intents = await readFolder<Intent>(inData(dataDir, 'intents'), ({ revisions }) => isRecord(revisions));
  if (intents === undefined) return undefined;
  const written = writtenSpecsFolder(dataDir);
  return new Map(
    intents.flatMap(({ name, lastGood, renamed }) => {
      if (!lastGood) return [];
      const { desired, source } = lastGood;
      const former = renamed && { renamedFrom: renamed.from };
      return [[name, { desired, byProgram: dirname(source.path) === written, ...former }] as const];
    }),
  );
}
