import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hangDisk } from '../support/hung-disk.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** More than Node has threads for files. */
const far = ['net-a', 'net-b', 'net-c', 'net-d', 'net-e', 'net-f'];

test('a disk of homes that hangs: its workspaces go on and can be stopped, and nobody else notices', async ({
  skip,
}) => {
  const lab = makeLab(
    'mountRoots: ["{root}"]\nresync: 1s\nidle: {interval: 1s}\nusers: {far: {uid: 41999, gid: 41999}}\n',
  );
  const disk = join(lab.root, 'net');
  mkdirSync(disk);
  for (const name of far) {
    const home = join(disk, name);
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, 41_999, 41_999);
    lab.write(`${name}.yaml`, workspaceYaml(name, [`storage: {home: {source: ${home}}}`], 'far'));
  }
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await Promise.all([...far, 'ada'].map((name) => lab.phase(name, 'Running')));
  if ((await hangDisk(disk)) === null) return skip('this machine mounts no FUSE');

  const start = performance.now();
  await until(() => performance.now() - start > 6_000, { deadlineMs: 10_000, everyMs: 200 }); // looks at all of them
  for (const name of far) expect(lab.status(name)?.phase).toBe('Running');
  // Files are read and written, the status is persisted, verbs are answered.
  lab.write('ada.yaml', workspaceYaml('ada', ['env: {A: b}', 'updatePolicy: Now']));
  await until(async () => (await lab.inspect('ada')).Config.Env.includes('A=b'), { deadlineMs: 20_000 });
  await lab.phase('ada', 'Running');
  expect((await lab.cli('stop', 'net-a', '--wait')).code).toBe(0);
  await lab.phase('net-a', 'Held');
  await until(() =>
    lab.events('net-a').some(({ reason, message }) => reason === 'HomeNote' && /ETIMEDOUT/.test(message)),
  );
  await until(() => /an update/.test(lab.note('ada')), { deadlineMs: 15_000 });
});
