import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeGitLab } from '../support/git-lab.ts';
import { workspaceYaml } from '../support/make-lab.ts';
import { temporaryFolder } from '../support/scans.ts';

const launcher = resolve('bin/workdock');

/** Runs a program somewhere; never throws. */
async function runIn(cwd: string, program: string, args: string[], env: Record<string, string> = {}) {
  const options = { cwd, env: { ...process.env, NO_COLOR: '1', ...env } };
  const done = await promisify(execFile)(program, args, options).catch((error: unknown) => error);
  const { code, stdout, stderr } = done as { code?: number; stdout: string; stderr: string };
  return { code: code ?? 0, stdout, stderr };
}

test('plan of a commit: from a checkout and from the mirror, beside the controller and without it', async () => {
  const { lab, push, at, repository } = makeGitLab();
  for (const name of ['ada', 'old']) repository.write(`specs/${name}.yaml`, workspaceYaml(name, ['state: Stopped']));
  const first = push('bea', workspaceYaml('bea'));
  const controller = await lab.up();
  for (const name of ['ada', 'bea', 'old']) await at(name, first);
  await lab.phase('bea', 'Running');
  repository.git('checkout', '-qb', 'review');
  repository.remove('specs/old.yaml');
  repository.write('specs/bea.yaml', workspaceYaml('bea', ['env: {A: "1"}', 'resources: {cpu: 250m}']));
  repository.write('specs/new.yaml', workspaceYaml('new'));
  repository.write('specs/broken.yaml', workspaceYaml('broken', ['cpus: 3']));
  const review = push('ada', workspaceYaml('ada', ['state: Stopped', 'resources: {shm: 2Gi}']));

  const here = (...args: string[]) =>
    runIn(repository.root, launcher, ['--config', join(lab.root, 'workdock.yaml'), ...args]);
  const found = await here('plan', '--git', 'review', '--exit-code');
  expect(found.stderr).toContain(
    `review, commit ${review.slice(0, 12)} by Ada L <ada@example.org>; compared with what`,
  );
  expect(found.code).toBe(1);
  expect(found.stdout).toMatchInlineSnapshot(`
    "ada
      resources.shm  1Gi -> 2Gi  (nothing, nobody is in it)  specs/ada.yaml:7
    bea
      resources.cpu  0.5 -> 0.25  (nothing, changed while it runs)  specs/bea.yaml:7
      env.A  unset -> 1  (at next stop)  specs/bea.yaml:6
    broken
      waits: specs/broken.yaml:6:3 unknown field "cpus"; did you mean spec.resources.cpu?
    new
      container  absent -> Running  (made and started)  specs/new.yaml:1
    old
      container  Stopped -> absent  (stopped, and later removed; not at once)
      waits: no file declares it: stopped after 1m, its container removed 7d later; its home stays
    "
  `);
  expect(await here('plan', '--git', first, '--exit-code')).toMatchObject({ code: 0, stdout: 'no difference\n' });
  expect((await here('plan', 'bea', '--git', first)).stdout).toBe('no difference\n');
  expect((await here('plan', 'nobody', '--git', 'review')).code).toBe(5);
  expect(JSON.parse((await here('plan', 'ada', '--git', 'HEAD', '-o', 'json')).stdout)).toMatchObject([
    { name: 'ada', changes: [{ field: 'resources.shm', from: '1Gi', to: '2Gi' }] },
  ]);
  expect((await here('plan', '--git', 'review~1', '--base', first)).stdout).toBe('no difference\n');
  expect((await here('plan', '--git', 'nowhere')).stderr).toMatch(
    /no commit nowhere in the checkout .*fetch-depth: 0/s,
  );
  expect((await here('plan', '--git', '--upload-pack=x')).code).toBe(2);
  expect((await here('validate', '--git', 'review')).stderr).toMatch(/specs\/broken.yaml:6:\d+: .*cpus/);
  expect((await here('validate', '--git', 'main')).code).toBe(0);

  // Not in a checkout: the mirror has what the branch had.
  for (const revision of ['main', 'HEAD', first, first.slice(0, 9)])
    expect(await lab.cli('plan', '--git', revision, '--exit-code')).toMatchObject({
      code: 0,
      stdout: 'no difference\n',
    });
  expect((await lab.cli('plan', '--git', review)).stderr).toMatch(
    /^workdock: no commit [0-9a-f]{40} in \. .* or the mirror of the controller/,
  );
  expect((await lab.cli('plan', repository.root, '--git', review)).stdout).toContain('resources.shm');
  await controller.kill('SIGTERM');
  rmSync(lab.specs, { recursive: true });
  expect((await lab.cli('validate')).stderr).toBe('3 workspaces, 0 templates: ok\n');
  expect((await lab.cli('plan')).stdout).toBe('no difference\n');
}, 120_000);

test('the example for a CI: plan against a copy of the last status, then validate; neither asks anybody', async () => {
  const { lab, push, at, repository } = makeGitLab();
  const settings = readFileSync(join(lab.root, 'workdock.yaml'), 'utf8').replace(/^source:.*\n/m, '');
  repository.write('workdock.yaml', settings);
  repository.write('specs/bea.yaml', workspaceYaml('bea', ['state: Stopped']));
  const first = push('ada', workspaceYaml('ada', ['state: Stopped']));
  await lab.up();
  for (const name of ['ada', 'bea']) await at(name, first);
  const copy = join(temporaryFolder(), 'state');
  mkdirSync(copy);
  cpSync(join(lab.state, 'status'), join(copy, 'status'), { recursive: true });

  repository.git('checkout', '-qb', 'review');
  const review = push('ada', workspaceYaml('ada', ['env: {A: "a|b `c` @all <b>"}', 'updatePolicy: Now']));
  const clone = join(temporaryFolder(), 'clone');
  execFileSync('git', ['clone', '-q', '--branch', 'review', repository.root, clone]);
  // Nothing of the machine that runs the controller is there.
  const ci = (more: Record<string, string>, ...args: string[]) =>
    runIn(clone, resolve('examples/ci/check'), args, { WORKDOCK: launcher, DOCKER_HOST: 'tcp://127.0.0.1:1', ...more });
  const found = await ci({ WORKDOCK_STATE: copy });
  expect(found.code).toBe(0);
  const stable = (text: string) =>
    text.replaceAll(review.slice(0, 12), 'REVIEW').replaceAll(first.slice(0, 12), 'FIRST');
  expect(stable(found.stdout)).toMatchInlineSnapshot(`
    "<!-- workdock plan -->
    ### workdock plan: \`HEAD, commit REVIEW by Ada L <ada@example.org>\`

    Compared with \`the last status (FIRST)\`.

    1 workspace would change.

    | workspace | field | from | to | what it costs its user | from where |
    |---|---|---|---|---|---|
    | \`ada\` | \`state\` | \`Stopped\` | \`Running\` | starts | \`built-in\` |
    | \`ada\` | \`updatePolicy\` | \`OnStop\` | \`Now\` | nothing, nobody is in it | \`specs/ada.yaml:7\` |
    | \`ada\` | \`env.A\` |  | \`\`a\\|b \`c\` @all <b>\`\` | nothing, nobody is in it | \`specs/ada.yaml:6\` |
    "
  `);
  const based = await ci({ BASE: 'origin/main', WORKDOCK_STATE: join(clone, 'none') }, review);
  // Without a status nobody knows that it is down.
  expect(based.stdout).toContain('a restart: the container is made anew');
  expect(based.stdout).toContain(`Compared with \`origin/main, commit ${first.slice(0, 12)}\`.`);

  // The change that brings the first specs: the branch it goes into has no folder of them yet.
  const inClone = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=E', '-c', 'user.email=e@example.org', ...args])
      .toString()
      .trim();
  const empty = inClone('commit-tree', '-m', 'begin', inClone('hash-object', '-t', 'tree', '-w', '/dev/null'));
  const begun = await ci({ BASE: empty, WORKDOCK_STATE: join(clone, 'none') });
  expect(begun).toMatchObject({ code: 0, stdout: expect.stringContaining('| `ada` | `container` | `absent` |') });
  expect(begun.stdout).toContain(`Compared with \`${empty}, commit ${empty.slice(0, 12)} (it has no folder specs)\`.`);
  expect((await runIn(clone, launcher, ['plan', '--git', empty, '--base', review])).stderr).toMatch(
    /has no folder specs: restore it, or change `specs`/,
  );

  writeFileSync(join(clone, 'specs/bea.yaml'), workspaceYaml('bea', ['cpus: 3']));
  writeFileSync(join(clone, 'specs/ada.yaml'), workspaceYaml('ada', ['state: Stopped']));
  inClone('commit', '-qam', 'wrong');
  const wrong = await ci({ WORKDOCK_STATE: copy });
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toMatch(/specs\/bea.yaml:6:\d+/);
  expect(wrong.stdout).toContain('**1 problem**: what has one keeps its last good spec.');

  const shallow = join(temporaryFolder(), 'shallow');
  execFileSync('git', ['clone', '-q', '--depth=1', '--branch=review', `file://${repository.root}`, shallow]);
  const short = await runIn(shallow, launcher, ['plan', '--git', 'HEAD'], { WORKDOCK_STATE: copy });
  expect(short).toMatchObject({ code: 5, stderr: expect.stringContaining('fetch-depth: 0') });
  const blind = await runIn(shallow, launcher, ['plan', '--git', 'HEAD']);
  expect(blind).toMatchObject({ code: 7, stderr: expect.stringContaining('--base') });
}, 120_000);
