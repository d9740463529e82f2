import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { makeFolderSource } from '../../src/sources/folder.ts';
import { gitSource } from '../support/git-source.ts';
import { makeRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/scans.ts';
import { type SpecPlace, sourceContract } from './source.contract.ts';

/** Files below a folder `workspaces`. */
function folderOf(root: string) {
  const folder = join(root, 'workspaces');
  mkdirSync(folder);
  const at = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  return {
    folder,
    write: (path: string, text: string | Buffer) => writeFileSync(at(path), text),
    link: (path: string, target: string) => symlinkSync(target, at(path)),
    remove: (path: string) => rmSync(join(folder, path)),
  };
}

sourceContract('folder', (): SpecPlace => {
  const root = temporaryFolder();
  const { folder, ...files } = folderOf(root);
  return {
    ...files,
    publish: () => undefined,
    lose: () => renameSync(folder, join(root, 'away')),
    mend: () => renameSync(join(root, 'away'), folder),
    open: () => makeFolderSource({ folders: [folder], settleMs: 100, clock: systemClock, log: silentLog }),
  };
});

sourceContract('git', (): SpecPlace => {
  const { root, commit } = makeRepository();
  const { folder: _, ...files } = folderOf(root);
  return {
    ...files,
    publish: () => void commit(),
    lose: () => renameSync(root, `${root}-away`),
    mend: () => renameSync(`${root}-away`, root),
    open: () => gitSource({ url: root }),
  };
});
