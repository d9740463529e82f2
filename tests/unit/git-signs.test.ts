import { join } from 'node:path';
import { expect, test } from 'vitest';
import { busyText, signIn } from '../../src/sources/git-signs.ts';
import { makeRepository } from '../support/repository.ts';

/** Two branches that differ in one line, and one commit more on the other. */
function conflicting() {
  const repo = makeRepository();
  const wrote = (text: string) => {
    repo.write('ada.yaml', text);
    return repo.commit(text);
  };
  wrote('start\n');
  repo.git('checkout', '-qb', 'other');
  wrote('other\n');
  repo.write('cy.yaml', 'cy\n');
  repo.commit('cy');
  repo.git('checkout', '-q', 'main');
  wrote('ours\n');
  const told = async (): Promise<string | null> => {
    const sign = await signIn(join(repo.root, '.git'));
    return sign && busyText('specs', sign).replace(repo.root, '');
  };
  return { repo, told };
}

test('git am is not called a rebase, which would refuse to end it', async () => {
  const { repo, told } = conflicting();
  const patch = repo.git('format-patch', '-o', join(repo.root, '.git'), 'main..other~1');
  repo.stops('am', '-q', patch);
  expect(await told()).toBe(
    'specs: an am is not finished (/.git/rebase-apply exists): git am --continue or --abort ends it',
  );
  repo.git('am', '--abort');
  expect(await told()).toBeNull();
});

test('a rebase by patches is one', async () => {
  const { repo, told } = conflicting();
  repo.stops('rebase', '-q', '--apply', 'other');
  expect(await told()).toMatch(/a rebase is not finished .*: git rebase --continue or --abort/);
});

test.for(['cherry-pick', 'revert'])('between two commits of a row, %s goes on', async (what) => {
  const { repo, told } = conflicting();
  // Reverted in the same order: the first one stops, the second one is still to come.
  if (what === 'revert') {
    repo.git('merge', '-qs', 'ours', 'other');
    repo.stops('revert', 'other~1', 'other');
  } else repo.stops('cherry-pick', 'other~1', 'other');
  expect(await told()).toMatch(new RegExp(`a ${what} is not finished .*_HEAD exists`));
  repo.write('ada.yaml', 'settled\n');
  repo.commit('settled by hand');
  expect(await told()).toBe(
    `specs: a ${what} is not finished (/.git/sequencer exists): git ${what} --continue or --abort ends it`,
  );
  repo.git(what, '--quit');
  expect(await told()).toBeNull();
});
