import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { otherRoots, sameRoot } from '../model/roots.ts';
import type { SpecFile } from '../model/source.ts';
import type { Version } from './look.ts';
import { makeSettle } from './settle.ts';
import { makeTree, type Revised, type Tree, type TreeLook } from './tree.ts';
import { commitOf, type Revision } from './work-tree.ts';

type Seen = Extract<TreeLook, { kind: 'seen' }>;

/** What all folders together gave. `nextMs`: when the next look is due because something has not come to rest. */
export type Gathered =
  | { kind: 'unreadable'; message: string }
  | { kind: 'busy'; message: string }
  /** Still in motion, nothing to say. */
  | { kind: 'moving'; nextMs: number | undefined }
  /** At rest. `key` is equal for equal files, `files` makes them. */
  | {
      kind: 'settled';
      nextMs: number | undefined;
      key: string;
      files: () => SpecFile[];
      roots: Record<string, string>;
      /** A folder cannot be read and stands as it was, or one was read in spite of something. */
      trouble?: { kind: 'unreadable' | 'inSpiteOf'; message: string };
    };

type Options = { folders: string[]; settleMs: number; clock: Clock; log: Log };

const fileOf = ({ path, real, key, content }: Version, revision: Revision | null): SpecFile => {
  const commit = revision && commitOf(real, revision);
  // Of a file that differs from the commit nobody knows who changed it.
  const author = revision && commit === revision.commit ? { author: revision.author } : {};
  const about = commit === null ? { path } : { path, commit, ...author };
  if ('error' in content) return { ...about, sha256: key, error: content.error };
  return { ...about, sha256: content.sha256, text: content.text };
};

/** Folders may overlap; a real file counts once, under the folder that is named first. */
function merge(looks: Seen[]): Map<string, Version> {
  const merged = new Map<string, Version>();
  const reals = new Set<string>();
  for (const version of looks.flatMap((look) => [...look.versions.values()])) {
    if (!reals.has(version.real)) merged.set(version.path, version);
    reals.add(version.real);
  }
  return merged;
}

const revisionKey = ({ revision }: Revised): string =>
  revision ? `${revision.commit} ${[...revision.changed].join(' ')}` : '';

/** That of the innermost repository. */
function revisionFor(real: string, all: Revised[]): Revision | null {
  const around = all.filter(({ top }) => real.startsWith(`${top}/`));
  return around.sort((a, b) => b.top.length - a.top.length)[0]?.revision ?? null;
}

/** Looks at all folders as one source: one snapshot, taken when all of it is at rest. */
export function makeGather(
  { folders, settleMs, clock, log }: Options,
  onSeen: (tree: Tree, look: Seen) => Promise<void>,
) {
  const trees = folders.map((folder) => makeTree(folder, clock, log));
  const settle = makeSettle(settleMs);
  const lastFull = new Map<Tree, string>();
  const lastSeen = new Map<Tree, Seen>();
  let firstLookMs: number | undefined;
  let lastMark: string | undefined;
  let lastRoots: Record<string, string> | undefined;
  let moves = 0;
  let takes = 0;

  /** Empty where there were files, and another folder than that: a mount is gone, not the files. */
  const unmounted = (tree: Tree, look: Seen): boolean => {
    if (look.versions.size > 0) lastFull.set(tree, look.root);
    // The same folder emptied by hand is believed: what that means for whom is decided with all removals together.
    return look.versions.size === 0 && !sameRoot(lastFull.get(tree) ?? look.root, look.root);
  };
  const lookAt = async (tree: Tree): Promise<TreeLook> => {
    const look = await tree.look();
    if (look.kind !== 'seen') return look;
    await onSeen(tree, look);
    if (!unmounted(tree, look)) return look;
    const message = `${tree.folder} is empty and not the folder it was: mount its disk, or restart if it is meant`;
    return { kind: 'unreadable', message };
  };

  return async (): Promise<Gathered> => {
    const looks: Seen[] = [];
    const closed: string[] = [];
    for (const tree of trees) {
      const look = await lookAt(tree);
      // Other folders may be of the same repository: what git changes counts as a whole.
      if (look.kind === 'busy') return look;
      if (look.kind === 'unreadable') closed.push(look.message);
      else lastSeen.set(tree, look);
      if (lastSeen.has(tree)) looks.push(lastSeen.get(tree)!);
    }
    // A folder that cannot be read stands as it was and does not hold up the others, once all of them were read.
    const nobody = closed.length === trees.length || looks.length < trees.length;
    if (nobody) return { kind: 'unreadable', message: closed.join('; ') };
    const now = { monotonicMs: clock.monotonic(), wallMs: clock.now() };
    const mark = looks.map((look) => look.mark).join('|');
    const restart = lastMark !== undefined && lastMark !== mark;
    lastMark = mark;
    firstLookMs ??= now.monotonicMs;
    const { moved, applied, calm, leaving, nextMs } = settle.update(merge(looks), now, restart);
    if (moved) moves += 1;
    if (applied) takes += 1;
    const asked = trees.map((tree) => tree.revisions(`${moves} ${mark}`)); // ready by the time the files have settled
    const youngMs = firstLookMs + settleMs - now.monotonicMs;
    const roots = Object.fromEntries(trees.map((tree, i) => [tree.folder, looks[i]!.root]));
    // In another folder nothing is missing only once it is known what is: until then its name is not given away.
    const isOther = leaving && lastRoots !== undefined && otherRoots(lastRoots, roots).length > 0;
    if (!calm || isOther || youngMs > 0) return { kind: 'moving', nextMs: nextMs ?? youngMs };

    lastRoots = roots;
    const revisions = (await Promise.all(asked)).flat();
    const files = (): SpecFile[] =>
      settle.snapshot().map((version) => fileOf(version, revisionFor(version.real, revisions)));
    const key = [takes, ...revisions.map(revisionKey), ...Object.values(roots)].join('|');
    const settled = { kind: 'settled' as const, nextMs, key, files, roots };
    if (closed.length > 0) return { ...settled, trouble: { kind: 'unreadable', message: closed.join('; ') } };
    const inSpiteOf = looks.flatMap(({ trouble }) => trouble ?? []);
    if (inSpiteOf.length === 0) return settled;
    return { ...settled, trouble: { kind: 'inSpiteOf', message: inSpiteOf.join('; ') } };
  };
}
