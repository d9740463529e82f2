import { readFile, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';

/** The schema version every file of ours carries. */
export const SCHEMA_VERSION = 1;

export type JsonRecord = Record<string, unknown>;
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Something that had to be put aside; shown to people as an event or a condition. */
export type CorruptFile = { path: string; movedTo: string | null; message: string };

export type Read<T> = { kind: 'absent' } | { kind: 'ok'; value: T } | { kind: 'corrupt'; message: string };

export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/**
 * One JSON file of ours. Empty, torn, NULs, a list, an unknown shape: all `corrupt`, never a throw.
 * @throws STATE_NEWER  written by a later version: must be neither used nor overwritten.
 * @throws NOT_PERSISTED  the file is there and cannot be read (EACCES, EIO).
 */
export async function readJson<T>(path: string, valid: (value: JsonRecord) => boolean): Promise<Read<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return { kind: 'absent' };
    const hint = 'give the controller access to the folder, or mend the disk';
    throw new WorkdockError('NOT_PERSISTED', `cannot read ${path}: ${errnoOf(cause)}`, { hint, cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'corrupt', message: `${basename(path)} is not JSON` };
  }
  const version = isRecord(value) ? value['schemaVersion'] : undefined;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    const message = `${path} has schemaVersion ${version}; this workdock knows ${SCHEMA_VERSION}`;
    throw new WorkdockError('STATE_NEWER', message, { hint: 'run the newer workdock again; nothing was changed' });
  }
  if (isRecord(value) && version === SCHEMA_VERSION && valid(value)) return { kind: 'ok', value: value as T };
  return { kind: 'corrupt', message: `${basename(path)} does not have the shape of its kind` };
}

/** For `catch`: nothing, whatever went wrong, but for a file of a later version. */
export function unlessNewer(error: unknown): undefined {
  if (error instanceof WorkdockError && error.code === 'STATE_NEWER') throw error;
}

/** Renames a corrupt file to `<path>.corrupt-<time>`, so that a person can look at it. */
export async function putAside(path: string, atMs: number, message: string): Promise<CorruptFile> {
  const movedTo = `${path}.corrupt-${new Date(atMs).toISOString().replaceAll(':', '')}`;
  const moved = await rename(path, movedTo).then(
    () => true,
    () => false,
  );
  return { path, movedTo: moved ? movedTo : null, message };
}
