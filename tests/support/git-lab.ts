import { join } from 'node:path';
import { makeLab } from './make-lab.ts';
import { makeRepository } from './repository.ts';
import { until } from './until.ts';

/** A lab that reads its specs from a repository of its own, asked once a second. `source`: more of that setting. */
export function makeGitLab({ source = '', more = '' } = {}) {
  const repository = makeRepository();
  const lab = makeLab(`source: {git: ${repository.root}, interval: 1s${source}}\n${more}`);
  const sourceReady = () => {
    const { host } = lab.summary();
    return host.conditions.find(({ type }) => type === 'SourceReady');
  };
  return {
    ...{ lab, repository, sourceReady },
    mirror: join(lab.data, '.workdock/git/mirror.git'),
    /** Commits a spec file and returns the commit. */
    push: (name: string, text: string, ...more_: string[]): string => {
      repository.write(join('specs', `${name}.yaml`), text);
      return repository.commit(`change ${name}`, ...more_);
    },
    /** Waits until this is the reason of SourceReady, and returns its message. */
    source: async (reason: string): Promise<string> => {
      await until(() => sourceReady()?.reason === reason, {
        deadlineMs: 30_000,
        what: () => JSON.stringify(sourceReady()),
      });
      return sourceReady()?.message ?? '';
    },
    /** Waits until the status of a workspace says that it is from this commit. */
    at: (name: string, commit: string) =>
      until(() => lab.status(name)?.source?.commit === commit, {
        deadlineMs: 30_000,
        what: () => JSON.stringify(lab.status(name)?.source),
      }),
  };
}
