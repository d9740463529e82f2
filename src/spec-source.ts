import { join } from 'node:path';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Config } from './model/config.ts';
import type { SpecSource } from './model/source.ts';
import { makeFolderSource } from './sources/folder.ts';
import { makeGitSource } from './sources/git/source.ts';
import { joinSources } from './sources/join.ts';

/** Where the mirror of the repository lies: with the data, because it remembers the commit in force. */
export const gitFolder = (dataDir: string): string => join(dataDir, '.workdock', 'git');

/** Where the specs come from: the folders or the repository of the config, and what programs wrote (`written`). */
export function makeSpecSource(config: Config, written: string, deps: { clock: Clock; log: Log }): SpecSource {
  const { specs, source, settleMs, data } = config;
  const folders = (paths: string[]) => makeFolderSource({ folders: paths, settleMs, ...deps });
  if (source === null) return folders([...specs, written]);
  return joinSources([
    makeGitSource({ ...source, folder: gitFolder(data), env: process.env, ...deps }),
    folders([written]),
  ]);
}
