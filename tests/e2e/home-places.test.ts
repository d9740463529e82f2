import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('numbers of owners come from the config or the range, and are theirs for good', async () => {
  const lab = makeLab('resync: 1s\nusers: {ada: {uid: 31001, gid: 31002, groups: [31003]}}\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['user: {groups: [2001]}']));
  lab.write('bea.yaml', workspaceYaml('bea'));
  lab.write('bea-two.yaml', workspaceYaml('bea-two', ['storage: {home: {name: bea-two}}'], 'bea'));
  const controller = await lab.up();
  for (const name of ['ada', 'bea', 'bea-two']) await lab.phase(name, 'Running');
  expect(await lab.sh('ada', 'id -u; id -g; id -G | tr " " "\n" | sort')).toBe('31001\n31002\n2001\n31002\n31003');
  const uid = await lab.sh('bea', 'id -u');
  expect(await lab.sh('bea-two', 'whoami; id -u')).toBe(`bea\n${uid}`);
  expect(Number(uid)).toBeGreaterThanOrEqual(20_000);
  for (const file of ['bea.yaml', 'bea-two.yaml']) lab.remove(file);
  lab.write('cam.yaml', workspaceYaml('cam'));
  await controller.kill('SIGTERM');
  await lab.up();
  await lab.phase('cam', 'Running');
  expect(await lab.sh('cam', 'id -u'), 'never given twice').not.toBe(uid);
});

test('owners named like accounts of the image are refused', async () => {
  const lab = makeLab('resync: 1s\n');
  for (const name of ['root', 'daemon', 'www-data']) {
    lab.write(`${name}.yaml`, workspaceYaml(`of-${name}`, [], name));
  }
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  for (const name of ['root', 'daemon', 'www-data']) {
    await until(() => lab.status(`of-${name}`)?.phase === 'Failed', {
      deadlineMs: 10_000,
      what: () => JSON.stringify(lab.status(`of-${name}`), null, 1),
    });
    expect(lab.status(`of-${name}`)?.message).toMatch(new RegExp(`${name}.*account|account.*${name}`));
  }
  expect(await lab.mine()).toHaveLength(1);
});

test('a home can be a host folder below mountRoots, or a volume of the engine', async () => {
  const lab = makeLab('resync: 1s\nmountRoots: ["{root}/homes"]\nusers: {ada: {uid: 31001}, vol: {uid: 31004}}\n');
  const source = join(lab.root, 'homes', 'ada');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'note'), 'from the host');
  chownSync(source, 31_001, 31_001);
  const volume = `${lab.prefix}volume`;
  lab.afterwards(() => lab.hand('volume', 'rm', volume));
  lab.write('ada.yaml', workspaceYaml('ada', [`storage: {home: {source: ${source}}}`]));
  lab.write('out.yaml', workspaceYaml('out', ['storage: {home: {source: /etc}}']));
  lab.write('vol.yaml', workspaceYaml('vol', [`storage: {home: {volume: ${volume}}}`]));
  await lab.up();
  await lab.phase('ada', 'Running');
  expect(await lab.sh('ada', 'cat note')).toBe('from the host');
  await lab.phase('vol', 'Running');
  expect(await lab.sh('vol', 'echo kept > note; pwd')).toBe('/home/user');
  await lab.hand('rm', '-f', `${lab.prefix}vol`);
  await until(async () => (await lab.sh('vol', 'cat note')) === 'kept', { deadlineMs: 10_000 });
  for (const [name, uid] of [
    ['ada', 31_001],
    ['vol', 31_004],
  ]) {
    const about = await until(() =>
      lab.sh(`${name}`, 'cd .workdock; cat about.txt; stat -c %u about.txt').catch(() => ''),
    );
    expect(about).toMatch(new RegExp(`^Workspace ${name}:[^]*\\n${uid}$`));
  }
  await until(async () => /not by workdock/.test(await lab.sh('vol', 'cat .workdock/last-stop.txt')));
  await until(() => lab.condition('out', 'SpecValid')?.status === 'False' || lab.status('out')?.phase === 'Failed');
  expect((await lab.cli('describe', 'out')).stdout, 'with the line to add').toMatch(/mountRoots.*\/etc/);
  expect(await lab.mine()).toHaveLength(2);
});
