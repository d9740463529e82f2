import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PlanRow } from '../../src/model/service.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const template = `apiVersion: workdock.dev/v1
kind: WorkspaceTemplate
metadata: {name: lab}
spec:
  resources: {cpu: 250m}
`;

const write = (lab: Lab, ...more: string[]) => lab.write('ada.yaml', workspaceYaml('ada', ['template: lab', ...more]));

test('plan tells of each field what, from where, at which cost, and what whoever works there would lose', async () => {
  const lab = makeLab('resync: 10m\n');
  lab.write('lab.yaml', template);
  write(lab, 'env: {COLOUR: red, OLD: "1"}');
  await lab.up();
  await lab.phase('ada', 'Running');
  expect((await lab.cli('plan')).stdout).toBe('no difference\n');

  write(lab, 'env: {COLOUR: blue}', 'resources: {shm: 128Mi}');
  await until(() => lab.status('ada')?.pending.length === 3, { deadlineMs: 10_000 });
  const clean = (await lab.cli('plan', 'ada')).stdout.replaceAll(`${lab.root}/`, '');
  expect(clean).toMatchInlineSnapshot(`
    "ada
      resources.shm  1Gi -> 128Mi  (at next stop)  specs/ada.yaml:8
      env.COLOUR  red -> blue  (at next stop)  specs/ada.yaml:7
      env.OLD  1 -> unset  (at next stop)  specs/ada.yaml:1
      loses at the next stop  nothing: all there is lies in the home or in mounts
    "
  `);

  const root = ['exec', '--user', '0', `${lab.prefix}ada`, 'sh', '-c'];
  await lab.hand(
    ...root,
    'mkdir -p /opt/tool/bin; head -c 3145728 /dev/zero > /opt/tool/bin/x; echo a >> /etc/profile',
  );
  await lab.sh('ada', 'head -c 1000000 /dev/zero > ~/thesis');
  await lab.hand('exec', '--detach', `${lab.prefix}ada`, 'sleep', '4711');
  const { code, stdout } = await lab.cli('plan', 'ada', '--exit-code');
  expect(code).toBe(1);
  expect(stdout).toMatch(/loses at the next stop {2}3Mi in the container itself: \/etc\/profile, \/opt\/tool\n/);
  expect(stdout).toMatch(/ends at the next stop {2}sleep 4711 \(pid [0-9]+\)\n/);
  expect(stdout).not.toContain('thesis');
  const [row] = await lab.json<PlanRow[]>('plan', 'ada');
  expect(row?.loses).toMatchObject({
    when: 'nextStop',
    layer: {
      more: 0,
      entries: [
        { path: '/etc/profile', kind: 'changed' },
        { path: '/opt/tool', kind: 'added' },
      ],
    },
    processes: [expect.stringMatching(/^sleep 4711/)],
  });
  expect(row?.changes).toContainEqual({
    ...{
      field: 'env.COLOUR',
      from: 'red',
      to: 'blue',
      cost: 'nextStop',
      drift: false,
      origin: `${lab.specs}/ada.yaml:7`,
    },
  });
});

test('a change that comes at once, one by hand, one of a template', async () => {
  const lab = makeLab('resync: 10m\n');
  lab.write('lab.yaml', template);
  write(lab, 'env: {COLOUR: red}');
  await lab.up();
  await lab.phase('ada', 'Running');
  // The brake keeps everything as it is, so that plan shows what would be done without it.
  expect((await lab.cli('suspend', '--all')).code).toBe(0);
  await lab.hand('update', '--memory', '96m', '--memory-swap', '96m', `${lab.prefix}ada`);
  lab.write('lab.yaml', template.replace('250m', '300m'));
  write(lab, 'updatePolicy: Now', 'env: {COLOUR: blue}');
  const both = async () => /blue[\s\S]* 0\.3 /.test((await lab.cli('plan', 'ada')).stdout);
  await until(both, { deadlineMs: 10_000 });
  const stdout = (await lab.cli('plan', 'ada')).stdout.replaceAll(`${lab.root}/`, '');
  expect(stdout).toMatch(/resources\.cpu {2}0\.25 -> 0\.3 {2}\(nothing, .*\) {2}template lab, specs\/lab\.yaml:5\n/);
  expect(stdout).toMatch(/env\.COLOUR {2}red -> blue {2}\(a restart: .*anew.*\) {2}specs\/ada\.yaml:8\n/);
  expect(stdout).toMatch(/loses {2}nothing: all there is lies in the home or in mounts\n/);
  expect(stdout).toMatch(/will stop: the spec changed\n/);
  expect(stdout).toMatch(/resources\.memory {2}96Mi -> 128Mi {2}\(nothing; changed by hand\)\n/);
  writeFileSync(join(lab.root, 'review.yaml'), workspaceYaml('ada', ['state: Stopped']));
  expect((await lab.cli('plan', './review.yaml')).stdout).toMatch(
    /state {2}Running -> Stopped .* \.\/review\.yaml:6\n/,
  );
});
