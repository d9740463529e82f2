import { stat } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { onDisk } from '../lib/disk.ts';
import type { Log } from '../lib/log.ts';
import { errnoOf } from './errno.ts';
import { busyText, signIn } from './git-signs.ts';
import { type Look, makeLook } from './look.ts';
import { type Busy, makePatience } from './patience.ts';
import { unreadable } from './walk.ts';
import { findGitFolder, gitMark, type Revision, revisionOf } from './work-tree.ts';

/** One look at one folder and at the git work trees in and around it. `trouble`: it was read in spite of this. */
export type TreeLook =
  | (Extract<Look, { kind: 'seen' }> & { mark: string; trouble?: string })
  | { kind: 'unreadable'; message: string }
  | { kind: 'busy'; message: string };

/** Part of the folder, or all of it, that git looks after. Real paths. */
type WorkTree = { top: string; gitFolder: string };
export type Revised = { top: string; revision: Revision | null };

/** A specs folder, and git's word on whether it can be read now. */
export function makeTree(folder: string, clock: Clock, log: Log) {
  const look = makeLook(folder, clock);
  const patience = makePatience(clock, log);
  let workTrees: WorkTree[] = [];
  let revisions: { key: string; found: Promise<Revised[]> } | undefined;

  /** A disk that hangs would take all threads of the process one by one, hence one careful call before all others, at a
   * gate of its own (of what is in the folder) whatever else lies beside it. */
  const silent = (): Promise<Extract<Look, { kind: 'unreadable' }> | null> =>
    onDisk(`${folder}/.`, () => stat(folder)).then(
      () => null,
      (error: unknown) => (errnoOf(error) === 'ETIMEDOUT' ? unreadable(folder, error) : null),
    );
  const signNow = async (): Promise<Busy | null> => {
    for (const each of workTrees) {
      const sign = await signIn(each.gitFolder);
      if (sign !== null) return { ...each, sign };
    }
    return null;
  };
  const marksNow = async (): Promise<string> =>
    (await Promise.all(workTrees.map(({ gitFolder }) => gitMark(gitFolder)))).join(' ');
  const findWorkTrees = async (real: string, repositories: string[]): Promise<WorkTree[]> => {
    const tops = [real, ...repositories.filter((top) => top !== real)];
    const found = await Promise.all(tops.map(async (top) => ({ top, gitFolder: await findGitFolder(top) })));
    return found.flatMap(({ top, gitFolder }) => (gitFolder === null ? [] : [{ top, gitFolder }]));
  };

  return {
    folder,
    look: async (): Promise<TreeLook> => {
      const hung = await silent();
      if (hung !== null) return hung;
      const before = await signNow();
      const verdict = before && (await patience.judge(folder, before));
      if (before === null) patience.forget();
      if (verdict && 'wait' in verdict) return { kind: 'busy', message: verdict.wait };
      const mark = await marksNow();
      const seen = await look();
      if (seen.kind === 'unreadable') return seen;
      const known = JSON.stringify(workTrees);
      workTrees = await findWorkTrees(seen.real, seen.repositories);
      // A checkout that began, or came and went, while we looked: what we saw may be half of each.
      const after = await signNow();
      if (after?.sign.id !== before?.sign.id && after !== null) {
        return { kind: 'busy', message: busyText(folder, after.sign) };
      }
      const markAfter = await marksNow();
      if (JSON.stringify(workTrees) === known && markAfter !== mark)
        return { kind: 'busy', message: `${folder}: git has just changed the tree` };
      return { ...seen, mark: markAfter, ...(verdict && { trouble: verdict.inSpiteOf }) };
    },
    /** HEADs and their differences, asked for once per `key`: whatever changes them changes the key. */
    revisions: (key: string): Promise<Revised[]> => {
      if (revisions?.key !== key) {
        const all = workTrees.map(async ({ top }) => ({ top, revision: await revisionOf(top) }));
        revisions = { key, found: Promise.all(all) };
      }
      return revisions.found;
    },
  };
}

export type Tree = ReturnType<typeof makeTree>;
