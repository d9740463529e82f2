import { renameSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeGitLab } from '../support/git-lab.ts';
import { holdsFor } from '../support/holds-for.ts';
import { workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const quick = 'resync: 1s\ndeletion: {grace: 1s, removeAfter: 2s}\n';

test('a commit without its file removes it, not while the repository is away, and a revert calls it off', async () => {
  const { lab, push, source, repository } = makeGitLab({ more: quick });
  for (const name of ['ada', 'bea', 'cleo']) push(name, workspaceYaml(name));
  await lab.up();
  for (const name of ['ada', 'bea', 'cleo']) await lab.phase(name, 'Running');
  const before = await lab.inspect('ada');
  const absence = () => lab.condition('ada', 'SourceAbsent');
  repository.remove('specs/ada.yaml');
  const commit = repository.commit('ada leaves');
  await until(() => absence()?.reason === 'AwaitsRemoval', { deadlineMs: 20_000 });
  expect(absence()?.message).toContain(`(commit ${commit.slice(0, 12)} of main)`);
  repository.git('revert', '--no-edit', commit);
  await lab.phase('ada', 'Running');
  expect((await lab.inspect('ada')).Id).toBe(before.Id);

  repository.remove('specs/bea.yaml');
  repository.commit('bea leaves');
  await until(() => lab.condition('bea', 'SourceAbsent')?.status === 'True', { deadlineMs: 20_000 });
  renameSync(repository.root, `${repository.root}-away`);
  await source('FetchFailed');
  const last = () => lab.condition('bea', 'SourceAbsent')?.reason;
  await until(() => last() === 'Unclear', { deadlineMs: 10_000 });
  await holdsFor(() => last() === 'Unclear', 4_000);
  renameSync(`${repository.root}-away`, repository.root);
  await until(() => lab.status('bea') === undefined, { deadlineMs: 20_000 });
  expect((await lab.mine()).length).toBe(2);
});
