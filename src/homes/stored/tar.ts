import { basename, dirname } from 'node:path';
import { complaints, type Done, runTool } from './host-tool.ts';

/** Owners as numbers, and whatever else a home may have; what is mounted in it is not part of it. */
const faithful = [
  ...['--numeric-owner', '--acls', '--xattrs', '--xattrs-include=*', '--sparse', '--one-file-system'],
] as const;
/** Files changed while they were read, or differ from the archive. */
const DIFFERS = 1;
const MOST_NAMED = 20;

type Ask = { home: string; signal: AbortSignal };
export type Outcome = { ok: boolean; differs: boolean; said: string[] };

const outcome = (done: Done): Outcome => ({
  ok: done.code === 0 || done.code === DIFFERS,
  differs: done.code === DIFFERS,
  said: complaints(done).slice(0, MOST_NAMED),
});

/** Packs the folder under its own name into an open file. */
export const pack = async ({ home, signal }: Ask, stdout: number): Promise<Outcome> =>
  outcome(
    await runTool({
      argv: ['tar', '-C', dirname(home), ...faithful, '-cz', '-f', '-', '--', basename(home)],
      ...{ signal, stdout },
    }),
  );

/** Reads all of an archive and compares it with the folder it was made of, byte by byte. */
export const compare = async ({ home, signal }: Ask, archive: string): Promise<Outcome> =>
  outcome(await runTool({ argv: ['tar', '-C', dirname(home), ...faithful, '-dz', '-f', archive], signal }));

/** Unpacks into an empty folder, never outside it: tar itself sees to names with `..` and to links that lead away. */
export const unpack = async (archive: string, folder: string, signal: AbortSignal): Promise<Outcome> => {
  const keeping = ['--same-owner', '--same-permissions', '--numeric-owner', '--acls', '--xattrs', '--xattrs-include=*'];
  const done = await runTool({ argv: ['tar', '-C', folder, ...keeping, '-xz', '-f', archive], signal });
  return { ...outcome(done), ok: done.code === 0 };
};

/** Paths in a folder of what was made, written to or changed otherwise since then; links are not followed. */
export async function changedSince(
  { home, signal }: Ask,
  epochMs: number,
): Promise<{ paths: string[]; more: boolean }> {
  const since = `@${(epochMs / 1_000).toFixed(3)}`;
  const { stdout } = await runTool({ argv: ['find', home, '-xdev', '-newerct', since, '-printf', '%P\\0'], signal });
  const paths = stdout
    .split('\0')
    .slice(0, -1)
    .map((path) => path || '.');
  return { paths: paths.slice(0, MOST_NAMED), more: paths.length > MOST_NAMED };
}
