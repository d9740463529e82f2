import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';

test('without a controller plan compares the files with what was last accepted, and asks nobody', async () => {
  const lab = makeLab();
  for (const name of ['ada', 'bea', 'old']) lab.write(`${name}.yaml`, workspaceYaml(name, ['state: Stopped']));
  expect((await lab.cli('plan')).code, 'nothing to compare with').toBe(4);
  const controller = await lab.up();
  for (const name of ['ada', 'bea', 'old']) await lab.phase(name, 'Stopped');
  await controller.kill('SIGTERM');

  const same = await lab.cli('plan', '--exit-code');
  expect([same.code, same.stdout]).toEqual([0, 'no difference\n']);
  expect(same.stderr).toMatch(/no controller answers; compared with what it last accepted/);

  lab.write(
    'ada.yaml',
    workspaceYaml('ada', ['resources: {cpu: 250m, shm: 2Gi}', 'env: {A: "1"}', 'updatePolicy: Now']),
  );
  lab.write('new.yaml', workspaceYaml('new'));
  lab.remove('old.yaml');
  const { code, stdout } = await lab.cli('plan', '--exit-code');
  expect(code).toBe(1);
  expect(stdout).toMatchInlineSnapshot(`
    "ada
      state  Stopped -> Running  (starts)  built-in
      resources.cpu  0.5 -> 0.25  (nothing, changed while it runs)  specs/ada.yaml:6
      resources.shm  1Gi -> 2Gi  (a restart: the container is made anew, the home stays)  specs/ada.yaml:6
      updatePolicy  OnStop -> Now  (nothing, changed while it runs)  specs/ada.yaml:8
      env.A  unset -> 1  (a restart: the container is made anew, the home stays)  specs/ada.yaml:7
    new
      container  absent -> Running  (made and started)  specs/new.yaml:1
    old
      container  Stopped -> absent  (stopped, and later removed; not at once)
      waits: no file declares it: stopped after 1m, its container removed 7d later; its home stays
    "
  `);
  expect((await lab.json<object[]>('plan', 'old'))[0]).toMatchObject({
    changes: [{ field: 'container', to: 'absent' }],
    waitsFor: expect.stringMatching(/^no file declares it: stopped after 1m, .* its home stays$/),
  });
  expect((await lab.cli('plan', 'nobody')).code).toBe(5);
});

test('plan of a path tells what those files would change, beside a controller too', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada', ['state: Stopped']));
  await lab.up();
  await lab.phase('ada', 'Stopped');
  const review = join(lab.root, 'review.yaml');
  writeFileSync(review, workspaceYaml('ada', ['state: Stopped', 'env: {A: "1"}']));
  expect((await lab.cli('plan', './review.yaml')).stdout).toMatch(
    /^ada\n {2}env\.A {2}unset -> 1 {2}\(a restart: .*\) {2}\.\/review\.yaml:7\n$/,
  );
  expect((await lab.cli('plan')).stdout, 'what is in force has not changed').toBe('no difference\n');
  writeFileSync(review, workspaceYaml('ada', ['state: stopped']));
  expect((await lab.cli('plan', 'review.yaml')).stdout).toMatch(/ada\n {2}waits: .*review.yaml:6:10 state must be/);
  rmSync(review);
  expect((await lab.cli('plan', 'review.yaml')).code).toBe(5);
});
