import { open, readFile, rename, stat } from 'node:fs/promises';
import type { WorkspaceEvent } from '../model/status.ts';
import { replaceFile } from './replace-file.ts';

/** A file is cut at this size: it becomes `<file>.1` in the place of the one before, and a new one begins. */
const CAP_BYTES = 256 * 1024;

/** What led to it, without when; what woke the pass is none of it: another try is as good as the one before. */
const ledBy = ({ because = [] }: WorkspaceEvent): string =>
  JSON.stringify(because.map(({ reason, message }) => [reason, message]));

/** Equal in a row, and led to by the same: one line with a count. All else is that of the last one. */
export const repeats = (last: WorkspaceEvent | undefined, next: WorkspaceEvent): boolean =>
  last !== undefined &&
  last.type === next.type &&
  last.reason === next.reason &&
  last.message === next.message &&
  ledBy(last) === ledBy(next);

/** Adds `next` to a list in place. */
export function append(events: WorkspaceEvent[], next: WorkspaceEvent): void {
  const last = events.at(-1);
  if (last !== undefined && repeats(last, next))
    events[events.length - 1] = { ...next, count: last.count + next.count };
  else events.push(next);
}

/** Lines that do not parse are left out: only a power cut can leave one, at the end. */
function parseLines(text: string): WorkspaceEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as WorkspaceEvent];
    } catch {
      return [];
    }
  });
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** The events of one file and its predecessor, oldest first. */
export const readEvents = async (path: string): Promise<WorkspaceEvent[]> => [
  ...parseLines(await textOf(`${path}.1`)),
  ...parseLines(await textOf(path)),
];

/** The last events of one file: those in its last `bytes`. */
export async function readTail(path: string, bytes: number): Promise<WorkspaceEvent[]> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return parseLines(from === 0 ? text : text.slice(text.indexOf('\n') + 1));
  } finally {
    await file.close();
  }
}

/**
 * Adds events to a file by writing it anew and renaming, so that `jq` never meets half a line and a count can grow. Not
 * synced: after a power cut the last events may be missing, and nothing is decided by them.
 */
export async function writeEvents(path: string, added: readonly WorkspaceEvent[]): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > CAP_BYTES) await rename(path, `${path}.1`);
  const events = size > CAP_BYTES ? [] : parseLines(await textOf(path));
  for (const event of added) append(events, event);
  await replaceFile(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''), { mode: 0o644, sync: false });
}
