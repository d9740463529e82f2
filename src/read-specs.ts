import { realpath, stat } from 'node:fs/promises';
import { systemClock } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { SpecFile } from './model/source.ts';
import { makeLook, type Version } from './sources/look.ts';
import { readSpec } from './sources/read-spec.ts';

const toFile = ({ path, key, content }: Pick<Version, 'path' | 'key' | 'content'>): SpecFile =>
  'error' in content ? { path, sha256: key, error: content.error } : { path, sha256: key, text: content.text };

/**
 * The spec files of a folder, or the one file, as the controller would find them, once and without waiting for rest.
 * @throws WorkdockError NOT_FOUND when there is none, REFUSED when the folder cannot be read.
 */
export async function readSpecs(path: string): Promise<SpecFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new WorkdockError('NOT_FOUND', `there is no ${path}`, { hint: 'name a spec file or a folder' });
  if (!found.isDirectory()) {
    const content = (await readSpec(await realpath(path))) ?? { error: 'is gone' };
    return [toFile({ path, key: 'sha256' in content ? content.sha256 : '', content })];
  }
  const look = await makeLook(path, systemClock)();
  if (look.kind === 'unreadable') {
    throw new WorkdockError('REFUSED', look.message, { hint: 'the specs folder must be readable' });
  }
  return [...look.versions.values()].map(toFile);
}
