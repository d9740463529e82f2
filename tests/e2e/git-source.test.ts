import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { makeGitLab } from '../support/git-lab.ts';
import { workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a commit becomes a running workspace, and the next one changes it', async () => {
  const { lab, push, at, source, repository } = makeGitLab();
  await lab.up();
  expect(await source('BranchMissing')).toMatch(/has no branch main: push it, or change source.branch$/);
  // Nobody knows yet whether there are any.
  expect((await lab.cli('get')).stderr).toMatch(
    /^workdock: no workspace is known\nworkdock: SourceReady: BranchMissing: /,
  );
  expect(await lab.cli('why', 'ada')).toMatchObject({
    code: 5,
    stderr: 'workdock: no workspace ada is known\n  hint: the specs were not read yet: see workdock doctor\n',
  });
  repository.write('README.md', 'about\n');
  const first = push('ada', `# a comment\n${workspaceYaml('ada')}`);
  await lab.phase('ada', 'Running');
  await at('ada', first);
  expect(lab.status('ada')?.source).toEqual({
    path: 'specs/ada.yaml',
    line: 2,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    commit: first,
    author: 'Ada L <ada@example.org>',
  });
  expect(await source('Settled')).toBe(`commit ${first.slice(0, 12)} of main`);
  const { stdout } = await lab.cli('describe', 'ada');
  expect(stdout).toContain(`specs/ada.yaml:2 at ${first.slice(0, 12)} by Ada L <ada@example.org>`);

  const before = (await lab.inspect('ada')).Id;
  const second = push('ada', workspaceYaml('ada', ['resources: {memory: 200Mi}']), '-c', 'user.name=Bob');
  await at('ada', second);
  await until(async () => (await lab.inspect('ada')).HostConfig.Memory === 200 * 2 ** 20, { deadlineMs: 20_000 });
  expect((await lab.inspect('ada')).Id).toBe(before);
  expect(lab.status('ada')?.source?.author).toBe('Bob <ada@example.org>');
});

test('a branch that vanishes, or a repository, changes nothing, also over a restart', async () => {
  const { lab, push, at, source, repository, sourceReady } = makeGitLab();
  const first = push('ada', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await at('ada', first);
  const container = (await lab.inspect('ada')).Id;

  repository.git('branch', '-m', 'main', 'other');
  expect(await source('BranchMissing')).toMatch(
    /has no branch main: push it, or change source.branch; commit [0-9a-f]{12} of main stays in force$/,
  );
  renameSync(repository.root, `${repository.root}-away`);
  expect(await source('FetchFailed')).toContain('check that source.git is a repository');
  expect(sourceReady()?.status).toBe('False');
  expect(controller.log()).toMatch(/asking .* failed .*the specs cannot be read/);
  await controller.kill('SIGKILL');
  await lab.docker.getContainer(container).stop({ t: 0 });
  await lab.up();
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 20_000 });
  expect((await lab.inspect('ada')).Id).toBe(container);
  expect(await source('FetchFailed')).toContain(`commit ${first.slice(0, 12)} of main stays in force`);
  expect((await lab.cli('doctor')).stdout).toMatch(/BAD +SourceReady +FetchFailed/);

  renameSync(`${repository.root}-away`, repository.root);
  repository.git('branch', '-m', 'other', 'main');
  const next = push('bob', workspaceYaml('bob', ['state: Stopped']));
  await at('bob', next);
  await source('Settled');
});

test('broken, doubled, templated and removed: as with folders', async () => {
  const { lab, push, at, repository } = makeGitLab();
  const template = [
    'apiVersion: workdock.dev/v1',
    'kind: WorkspaceTemplate',
    'metadata: {name: neuro}',
    'spec: {env: {LAB: neuro}}',
    '',
  ].join('\n');
  repository.write('specs/templates/neuro.yaml', template);
  push('team/ada', workspaceYaml('ada', ['template: neuro']));
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id, Config } = await lab.inspect('ada');
  expect(Config.Env).toContain('LAB=neuro');

  const broken = push('team/ada', workspaceYaml('ada', ['template: neuro', 'cpus: 3']));
  await at('ada', broken);
  await until(() => lab.condition('ada', 'SpecValid')?.status === 'False', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'SpecValid')?.message).toContain('specs/team/ada.yaml');
  expect((await lab.inspect('ada')).Id).toBe(Id);
  expect((await lab.inspect('ada')).State.Running).toBe(true);

  repository.write('specs/again.yaml', workspaceYaml('ada'));
  push('team/ada', workspaceYaml('ada'));
  await until(() => lab.condition('ada', 'Conflict')?.status === 'True', { deadlineMs: 10_000 });
  repository.remove('specs/again.yaml');
  repository.remove(join('specs', 'team'));
  repository.commit('nobody');
  await until(() => lab.condition('ada', 'SourceAbsent')?.status === 'True', { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).Id).toBe(Id);
  expect((await lab.inspect('ada')).State.Running).toBe(true);
  expect((await lab.cli('get')).code).toBe(0);
});

test('specs that programs write are obeyed beside the repository, also while it is gone', async () => {
  const { lab, push, source, repository } = makeGitLab();
  push('ada', workspaceYaml('ada', ['state: Stopped']));
  await lab.up();
  await lab.phase('ada', 'Stopped');
  renameSync(repository.root, `${repository.root}-away`);
  await source('FetchFailed');
  const spec = { owner: 'bob', state: 'Stopped' };
  await makeClient({ state: lab.state }).putSpec('bob', spec, { ifAbsent: true });
  await lab.phase('bob', 'Stopped');
  renameSync(`${repository.root}-away`, repository.root);
  await source('Settled');
});
