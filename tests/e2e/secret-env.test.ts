import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const [FIRST, SECOND] = ['hunter2-first-value', 'hunter2-second-value'];
const spec = ['envFrom: [{file: ada.env}]'];

/** Everything the controller wrote or says. */
async function said(lab: Lab, log: string): Promise<string> {
  const folders = [lab.state, join(lab.data, '.workdock')];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  );
  const verbs = [
    ['get', '-o', 'json'],
    ['describe', 'ada'],
    ['why', 'ada'],
    ['events', 'ada'],
    ['plan', '-o', 'json'],
  ];
  const replies = await Promise.all(verbs.map(async (verb) => JSON.stringify(await lab.cli(...verb))));
  const { Config } = await lab.inspect('ada');
  return [...files, ...replies, JSON.stringify(Config.Labels), log].join('\n');
}

test('values of a secrets file are inside and nowhere else; another value waits for the next stop', async () => {
  const lab = makeLab('resync: 1s\nsecretsRoot: secrets\n');
  const file = join(lab.root, 'secrets', 'ada.env');
  mkdirSync(join(lab.root, 'secrets'));
  writeFileSync(file, `TOKEN=${FIRST}\n`, { mode: 0o600 });
  lab.write('ada.yaml', workspaceYaml('ada', spec));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  expect(await lab.sh('ada', 'echo $TOKEN')).toBe(FIRST);
  expect(await said(lab, controller.log())).not.toContain('hunter2');

  writeFileSync(file, `TOKEN=${SECOND}\n`);
  await until(() => lab.condition('ada', 'UpdatePending')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.status('ada')?.pending.map(({ field }) => field)).toEqual(['envFrom']);
  expect(await said(lab, controller.log())).not.toContain('hunter2');
  expect((await lab.cli('restart', 'ada', '--wait')).code).toBe(0);
  await until(async () => (await lab.sh('ada', 'echo $TOKEN')) === SECOND, { deadlineMs: 10_000 });
});

test('a secrets file that others can read, or that is missing, is a condition with what to do', async () => {
  const lab = makeLab('resync: 1s\nsecretsRoot: secrets\n');
  const file = join(lab.root, 'secrets', 'ada.env');
  mkdirSync(join(lab.root, 'secrets'));
  lab.write('ada.yaml', workspaceYaml('ada', spec));
  lab.write('bea.yaml', workspaceYaml('bea', ['envFrom: [{file: ../../etc/passwd}]']));
  await lab.up();
  const ready = () => lab.condition('ada', 'Ready');
  await until(() => ready()?.reason === 'SecretUnusable', { deadlineMs: 10_000, what: () => JSON.stringify(ready()) });
  expect(ready()?.message).toContain(file);
  writeFileSync(file, `TOKEN=${FIRST}\n`, { mode: 0o644 });
  await until(() => ready()?.message.includes(`chmod 600 ${file}`), { deadlineMs: 10_000 });
  expect(await lab.mine()).toHaveLength(0);
  chmodSync(file, 0o600);
  await lab.phase('ada', 'Running', 15_000);
  const { Id } = await lab.inspect('ada');

  // Unusable later: what runs goes on, and is also healed with the container it has.
  chmodSync(file, 0o640);
  await lab.hand('kill', Id);
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).Id).toBe(Id);
  expect(lab.condition('bea', 'SpecValid')?.status).toBe('False');
});
