import type { Clock } from '../lib/clock.ts';
import { type Look, makeLook } from './look.ts';
import { findGitFolder, gitBusy, gitMark, type Revision, revisionOf } from './work-tree.ts';

/** One look at one folder and at the git work tree around it. */
export type TreeLook =
  | (Extract<Look, { kind: 'seen' }> & { mark: string })
  | { kind: 'unreadable'; message: string }
  | { kind: 'busy'; message: string };

/** A specs folder, and git's word on whether it can be read now. `forced` reads in spite of it. */
export function makeTree(folder: string, clock: Clock) {
  const look = makeLook(folder, clock);
  let gitFolder: string | null = null;
  let revision: { key: string; found: Promise<Revision | null> } | undefined;

  const busyNow = async (): Promise<string | null> => {
    const sign = gitFolder === null ? null : await gitBusy(gitFolder);
    return sign === null ? null : `${folder}: git is at work (${gitFolder}/${sign} exists)`;
  };
  const markNow = (): Promise<string> => (gitFolder === null ? Promise.resolve('') : gitMark(gitFolder));

  return {
    folder,
    look: async (forced: boolean): Promise<TreeLook> => {
      const busyBefore = forced ? null : await busyNow();
      if (busyBefore !== null) return { kind: 'busy', message: busyBefore };
      const mark = await markNow();
      const seen = await look();
      if (seen.kind === 'unreadable') return seen;
      const found = await findGitFolder(seen.real);
      const sameGit = found === gitFolder;
      gitFolder = found;
      // A checkout that began, or came and went, while we looked: what we saw may be half of each.
      const busyAfter = forced ? null : await busyNow();
      if (busyAfter !== null) return { kind: 'busy', message: busyAfter };
      const markAfter = await markNow();
      if (sameGit && markAfter !== mark) return { kind: 'busy', message: `${folder}: git has just changed the tree` };
      return { ...seen, mark: markAfter };
    },
    /** HEAD and its differences, asked for once per `key`: whatever changes them changes the key. */
    revision: (key: string): Promise<Revision | null> => {
      if (revision?.key !== key)
        revision = { key, found: gitFolder === null ? Promise.resolve(null) : revisionOf(folder) };
      return revision.found;
    },
  };
}

export type Tree = ReturnType<typeof makeTree>;
