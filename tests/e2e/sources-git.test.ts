import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeRepository, type Repository } from '../support/repository.ts';
import { type Case, type Stage, sourceCases } from '../support/source-cases.ts';
import { until } from '../support/until.ts';
import { type Says, saying } from '../support/watch-specs.ts';

const run = promisify(execFile);
const FIVE_MINUTES_MS = 300_000;
const start: Says = { ada: 100, bob: 100 };

type GitStage = Stage & { repo: Repository };

/** Ada and Bob at 100 on main, and a branch `other` on which both say 200, Cy is new, and Bob's file has moved. */
function inRepository(
  act: (stage: GitStage) => Promise<void> | void,
  more: Omit<Case, 'start' | 'act' | 'before'>,
): Case {
  const prepare = (root: string): Repository => {
    const repo = makeRepository(root);
    for (const name of ['ada', 'bob']) repo.write(`specs/${name}.yaml`, saying(name, 100));
    repo.commit('first');
    repo.git('checkout', '-qb', 'other');
    repo.write('specs/ada.yaml', saying('ada', 200));
    repo.remove('specs/bob.yaml');
    repo.write('specs/team/bob.yaml', saying('bob', 200));
    repo.write('specs/cy.yaml', saying('cy', 200));
    repo.commit('second');
    repo.git('checkout', '-q', 'main');
    return repo;
  };
  return {
    start: {},
    before: ({ above }) => void prepare(above),
    act: (stage) => act({ ...stage, repo: makeRepository(stage.above) }),
    ...more,
  };
}
const other: Says = { ada: 200, bob: 200, cy: 200 };
const busy = (sign: string) => new RegExp(`unsettled GitBusy .*\\.git/${sign} exists`);
/** Ada at 150 on main, so that taking `other` over is a conflict in her file, and goes well with the others. */
const disagree = ({ repo }: GitStage): void => {
  repo.write('specs/ada.yaml', saying('ada', 150));
  repo.commit('third');
};

/** A person is in the middle of it for longer than git may be waited for; what is in force stays, and both ways out. */
const unfinished = (sign: string, begin: (stage: GitStage) => void, end: (stage: GitStage) => void, then: Says): Case =>
  inRepository(
    async (stage) => {
      disagree(stage);
      await stage.says({ ada: 150, bob: 100 });
      begin(stage);
      await stage.tells(busy(sign));
      stage.pass(FIVE_MINUTES_MS);
      await stage.tells(/unsettled GitBusy .*for more than 5 minutes, and the files are in the middle of it/);
      end(stage);
      await stage.well();
    },
    {
      generations: [start, before, then].filter((says, i, all) => says !== all[i - 1]),
      tells: busy(sign),
    },
  );
const settle = ({ repo }: GitStage): void => {
  repo.write('specs/ada.yaml', saying('ada', 300));
  repo.git('add', '-A');
};
const before: Says = { ada: 150, bob: 100 };
const merged: Says = { ada: 300, bob: 200, cy: 200 };

const inTheMiddle: Record<string, Case> = {
  'a merge with a conflict, given up': unfinished(
    'MERGE_HEAD',
    ({ repo }) => repo.stops('merge', '-q', 'other'),
    ({ repo }) => void repo.git('merge', '--abort'),
    before,
  ),
  'a merge with a conflict, settled': unfinished(
    'MERGE_HEAD',
    ({ repo }) => repo.stops('merge', '-q', 'other'),
    (stage) => {
      settle(stage);
      stage.repo.git('commit', '-qm', 'merged');
    },
    merged,
  ),
  'a pull with a conflict, given up': unfinished(
    'MERGE_HEAD',
    ({ repo }) => repo.stops('pull', '-q', '--no-rebase', '.', 'other'),
    ({ repo }) => void repo.git('merge', '--abort'),
    before,
  ),
  'a rebase with a conflict, given up': unfinished(
    'rebase-merge',
    ({ repo }) => repo.stops('rebase', '-q', 'other'),
    ({ repo }) => void repo.git('rebase', '--abort'),
    before,
  ),
  'a rebase with a conflict, finished': unfinished(
    'rebase-merge',
    ({ repo }) => repo.stops('rebase', '-q', 'other'),
    (stage) => {
      settle(stage);
      stage.repo.git('-c', 'core.editor=true', 'rebase', '--continue');
    },
    merged,
  ),
  'a cherry-pick with a conflict, finished': unfinished(
    'CHERRY_PICK_HEAD',
    ({ repo }) => repo.stops('cherry-pick', 'other'),
    (stage) => {
      settle(stage);
      stage.repo.git('-c', 'core.editor=true', 'cherry-pick', '--continue');
    },
    merged,
  ),
  'a bisect that looks at an older commit': unfinished(
    'BISECT_START',
    ({ repo }) => void repo.git('bisect', 'start', 'HEAD', 'HEAD~1', '--', '.') + repo.git('checkout', '-q', 'HEAD~1'),
    ({ repo }) => void repo.git('bisect', 'reset'),
    before,
  ),
};

/** A git that writes as slowly as a network disk, and is killed in the middle. */
async function killedCheckout({ above, repo }: GitStage): Promise<void> {
  writeFileSync(join(above, '.git/info/attributes'), '*.yaml filter=slow\n');
  const slow = ['-C', above, '-c', 'filter.slow.smudge=sleep 0.4; cat'];
  const git = spawn('git', [...slow, 'checkout', '-q', 'other'], { stdio: 'ignore' });
  const ended = new Promise((done) => git.once('exit', done));
  // The first of the three files is there, the last is not.
  await until(() => repo.git('-c', 'core.fsmonitor=false', 'diff', '--name-only') !== '', { deadlineMs: 15_000 });
  git.kill('SIGKILL');
  await ended;
  rmSync(join(above, '.git/info/attributes'));
  if (!existsSync(join(above, '.git/index.lock'))) throw new Error('git was not killed in the middle');
}

const locks: Record<string, Case> = {
  'half a checkout of a git that was killed is never read, and what to do is said': inRepository(
    async (stage) => {
      await killedCheckout(stage);
      await stage.tells(busy('index.lock'));
      stage.pass(FIVE_MINUTES_MS);
      await stage.tells(
        /index.lock exists for more than 5 minutes, and the files are in the middle .* rm .*index.lock/,
      );
      rmSync(join(stage.above, '.git/index.lock'));
      stage.repo.git('checkout', '-qf', 'other');
    },
    { generations: [start, other], tells: busy('index.lock') },
  ),
  'a lock that was left although the files are whole: edits are read after a while, and that is told': inRepository(
    async (stage) => {
      writeFileSync(join(stage.above, '.git/index.lock'), '');
      stage.write('specs/ada.yaml', saying('ada', 300));
      await stage.tells(busy('index.lock'));
      stage.pass(FIVE_MINUTES_MS);
      await stage.says({ ada: 300, bob: 100 });
      await stage.tells(/settled GitBusy .*edits are read in spite of it, but nothing is removed: .*rm .*index.lock/);
      rmSync(join(stage.above, '.git/index.lock'));
      await stage.well();
    },
    { generations: [start, { ada: 300, bob: 100 }], tells: busy('index.lock') },
  ),
  'a lock that is made anew again and again is of a git that works': inRepository(
    async (stage) => {
      const lock = join(stage.above, '.git/index.lock');
      writeFileSync(lock, '');
      stage.write('specs/ada.yaml', saying('ada', 300));
      await stage.tells(busy('index.lock'));
      for (let i = 0; i < 3; i += 1) {
        stage.pass(FIVE_MINUTES_MS / 2);
        writeFileSync(`${lock}.${i}`, '');
        renameSync(`${lock}.${i}`, lock);
        await stage.looked();
      }
      rmSync(lock);
      await stage.says({ ada: 300, bob: 100 });
      if (stage.troubles.some((told) => told.includes('5 minutes'))) throw new Error(stage.troubles.join('\n'));
    },
    { generations: [start, { ada: 300, bob: 100 }], tells: busy('index.lock') },
  ),
};

const checkout = (folder: string, branch: string) => run('git', ['-C', folder, 'checkout', '-q', branch]);
const kinds: Record<string, Case> = {
  'checkouts, a reset and a stash are one change each': inRepository(
    async ({ above, repo, says, write }) => {
      await checkout(above, 'other');
      await says(other);
      repo.git('reset', '-q', '--hard', 'main');
      await says(start);
      write('specs/ada.yaml', saying('ada', 300));
      await says({ ada: 300, bob: 100 });
      repo.git('stash', '-q');
      await says(start);
      repo.git('stash', 'pop', '-q');
    },
    { generations: [start, other, start, { ada: 300, bob: 100 }, start, { ada: 300, bob: 100 }] },
  ),
  'a fast-forward by pull': inRepository(({ repo }) => void repo.git('pull', '-q', '--ff-only', '.', 'other'), {
    generations: [start, other],
  }),
  'a revert': inRepository(
    async ({ repo, says }) => {
      repo.git('merge', '-q', '--ff-only', 'other');
      await says(other);
      repo.git('revert', '--no-edit', 'HEAD');
    },
    { generations: [start, other, start] },
  ),
  'git mv is nothing at all': inRepository(
    async ({ above, repo, looked }) => {
      mkdirSync(join(above, 'specs/lab'));
      repo.git('mv', 'specs/ada.yaml', 'specs/lab/grace.yaml');
      repo.commit('moved');
      await looked();
    },
    { generations: [start] },
  ),
  'cloned anew in its place': inRepository(
    async ({ above, repo, at }) => {
      execFileSync('git', ['clone', '-q', '--branch', 'other', above, at('clone')], { stdio: 'ignore' });
      rmSync(at('specs'), { recursive: true });
      renameSync(at('clone/specs'), at('specs'));
      repo.git('symbolic-ref', 'HEAD', 'refs/heads/other');
      repo.git('reset', '-q');
    },
    { generations: [start, other], tells: /^$|unreadable|settled/ },
  ),
  'a linked work tree, with its own lock': {
    ...inRepository(() => undefined, { generations: [] }),
    folders: ['linked/specs'],
    before: (stage) => {
      const { above, at } = stage;
      inRepository(() => undefined, { generations: [] }).before?.(stage);
      rmSync(at('linked'), { recursive: true, force: true });
      makeRepository(above).git('worktree', 'add', '-q', at('linked'), '-b', 'third', 'main');
    },
    act: async ({ above, at, tells }) => {
      const lock = join(above, '.git/worktrees/linked/index.lock');
      writeFileSync(lock, '');
      writeFileSync(at('linked/specs/ada.yaml'), saying('ada', 300));
      await tells(/worktrees\/linked\/index.lock exists/);
      rmSync(lock);
    },
    generations: [start, { ada: 300, bob: 100 }],
    tells: /worktrees\/linked/,
  },
  'clones and submodules in the folder, each with its own lock': {
    start: { 'specs/bob.yaml': saying('bob', 100) },
    before: ({ at }) => {
      const repo = makeRepository(at('origin'));
      repo.write('ada.yaml', saying('ada', 100));
      repo.commit();
      const outer = makeRepository(at('specs'));
      outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', at('origin'), 'sub');
      outer.commit();
    },
    act: async ({ at, tells }) => {
      const lock = at('specs/.git/modules/sub/index.lock');
      writeFileSync(lock, '');
      writeFileSync(at('specs/sub/ada.yaml'), saying('ada', 300));
      await tells(/modules\/sub\/index.lock exists/);
      rmSync(lock);
    },
    generations: [start, { ada: 300, bob: 100 }],
    tells: /modules\/sub/,
  },
  'a sparse checkout has what it has': inRepository(
    async ({ repo, says }) => {
      repo.git('checkout', '-q', 'other');
      await says(other);
      repo.git('sparse-checkout', 'set', '--no-cone', '/*', '!/specs/team/');
      await says({ ada: 200, cy: 200 });
      repo.git('sparse-checkout', 'disable');
    },
    { generations: [start, other, { ada: 200, cy: 200 }, other] },
  ),
};

sourceCases({ ...kinds, ...locks, ...inTheMiddle });
