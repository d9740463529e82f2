import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { parseRemote } from '../../src/lib/git-remote.ts';
import { silentLog } from '../../src/lib/log.ts';
import { type Scan, troubleOf } from '../../src/model/source.ts';
import { type GitSourceOptions, makeGitSource } from '../../src/sources/git/source.ts';
import { temporaryFolder } from './scans.ts';
import { until } from './until.ts';

type Options = Partial<Omit<GitSourceOptions, 'remote'>> & { url: string };

/** A git source that is not started yet; asks ten times a second. */
export function gitSource({ url, ...more }: Options) {
  const parsed = parseRemote(url, '/');
  if (!parsed.ok) throw new Error(parsed.message);
  return makeGitSource({
    folder: join(temporaryFolder(), 'git'),
    remote: parsed.remote,
    ...{ branch: 'main', folders: null, key: null, knownHosts: null, env: process.env },
    ...{ intervalMs: 100, clock: systemClock, log: silentLog },
    ...more,
  });
}

/** A running git source that writes down every scan. */
export async function watchGit(options: Options) {
  const scans: Scan[] = [];
  const source = gitSource(options);
  source.onScan(async (scan) => void scans.push(scan));
  await source.start();
  onTestFinished(() => source.close());
  const last = (): Record<string, string> => {
    const scan = scans.findLast(({ kind }) => kind === 'settled');
    if (scan?.kind !== 'settled') return {};
    return Object.fromEntries(scan.files.map((file) => [file.path, file.text ?? `(${file.error})`]));
  };
  const trouble = () => {
    const scan = scans.at(-1);
    return scan && troubleOf(scan);
  };
  return {
    ...{ source, scans, last, trouble },
    /** Waits until this text is in force and nothing is wrong. */
    has: (path: string, text: string | undefined) =>
      until(() => scans.at(-1)?.kind === 'settled' && trouble() === undefined && last()[path] === text, {
        what: () => `${path} is ${text}: ${JSON.stringify([last(), trouble()])}`,
        deadlineMs: 20_000,
      }),
    /** Waits until the source says that this is wrong, and returns its message. */
    fails: async (reason: string): Promise<string> => {
      const what = () => `${reason}: ${JSON.stringify(trouble())}`;
      await until(() => trouble()?.reason === reason, { what, deadlineMs: 20_000 });
      return trouble()?.message ?? '';
    },
    commits: (): (string | undefined)[] => {
      const scan = scans.findLast(({ kind }) => kind === 'settled');
      return scan?.kind === 'settled' ? scan.files.map(({ commit }) => commit) : [];
    },
  };
}
