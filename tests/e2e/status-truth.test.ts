import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Summary } from '../../src/model/status.ts';
import { watchActions } from '../support/engine-actions.ts';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** All JSON of the state folder, parsed: throws for a torn file. A file may go away between the list and the read. */
function readAll(lab: Lab): number {
  const paths = [join(lab.state, 'status.json')];
  for (const file of readdirSync(join(lab.state, 'status'))) {
    if (file.endsWith('.json')) paths.push(join(lab.state, 'status', file));
  }
  for (const path of paths) JSON.parse(readFileSync(path, 'utf8'));
  for (const file of readdirSync(join(lab.state, 'events'))) {
    if (file.endsWith('.ndjson')) lab.events(file.slice(0, -'.ndjson'.length));
  }
  return paths.length;
}

test('status files parse at every moment while ten workspaces churn', async () => {
  const lab = makeLab('resync: 1s\nguard: {disruptions: 100%}\n');
  const names = Array.from({ length: 10 }, (_, i) => `w${i}`);
  const write = (round: number) => {
    for (const name of names) {
      const state = round % 2 === 0 ? 'Running' : 'Stopped';
      lab.write(`${name}.yaml`, workspaceYaml(name, [`state: ${state}`, `env: {ROUND: "${round}"}`]));
    }
  };
  write(0);
  await lab.up();
  let reads = 0;
  for (let round = 0; round < 4; round += 1) {
    write(round);
    const phase = round % 2 === 0 ? 'Running' : 'Stopped';
    const seen = () => {
      reads += readAll(lab);
      return names.every((name) => lab.status(name)?.phase === phase && lab.status(name)?.generation === round + 1);
    };
    await until(seen, { deadlineMs: 60_000, everyMs: 2 });
    await until(() => names.every((name) => lab.summary().workspaces[name]?.phase === phase));
  }
  expect(reads).toBeGreaterThan(100);
});

test('lost or damaged status files come back, while the controller runs and after it was away', async () => {
  const lab = makeLab('resync: 1s\n');
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  const controller = await lab.up();
  for (const name of ['ada', 'bea']) await lab.phase(name, 'Running');
  await lab.cli('stop', 'bea', '--wait');
  const ids = [(await lab.inspect('ada')).Id, (await lab.inspect('bea')).Id];
  const file = (name: string) => join(lab.state, 'status', `${name}.json`);
  const whole = () => {
    const summary = JSON.parse(readFileSync(join(lab.state, 'status.json'), 'utf8')) as Summary;
    const phases = [lab.status('ada')?.phase, lab.status('bea')?.phase];
    return phases.join() === 'Running,Held' && Object.entries(summary.workspaces).length === 2;
  };
  await until(whole);
  rmSync(file('ada'));
  rmSync(join(lab.state, 'status.json'));
  await until(whole, { deadlineMs: 15_000 });
  writeFileSync(file('bea'), '{"schemaVersion": 1, "na');
  writeFileSync(join(lab.state, 'status.json'), '');
  await until(whole, { deadlineMs: 15_000 });

  rmSync(lab.state, { recursive: true });
  await until(async () => (await lab.cli('get', 'ada', 'bea')).code === 0, { deadlineMs: 15_000 });
  await until(whole, { deadlineMs: 15_000 });

  await controller.kill('SIGKILL');
  writeFileSync(file('ada'), '[]');
  writeFileSync(join(lab.state, 'status.json'), '\0\0\0');
  rmSync(file('bea'));
  const again = await lab.up();
  await until(whole, { deadlineMs: 15_000 });
  await again.kill('SIGKILL');
  rmSync(lab.state, { recursive: true });
  await lab.up();
  await until(whole, { deadlineMs: 15_000 });
  expect([(await lab.inspect('ada')).Id, (await lab.inspect('bea')).Id], 'a cache, never a workspace').toEqual(ids);
});

test('when nothing happens nothing is written and nothing is asked of the engine but to look', async () => {
  const lab = makeLab('resync: 1s\n');
  const names = ['ada', 'bea', 'cam', 'dan'];
  for (const name of names.slice(0, 3)) lab.write(`${name}.yaml`, workspaceYaml(name));
  lab.write('dan.yaml', workspaceYaml('dan', ['command: [sh, -c, "exit 0"]']));
  lab.write('bad.yaml', 'kind: Workspace\n');
  await lab.up();
  for (const name of names.slice(0, 3)) await lab.phase(name, 'Running');
  await lab.phase('dan', 'Stopped');
  await lab.cli('stop', 'cam', '--wait');
  await lab.hand('update', '--cpus', '1', `${lab.prefix}ada`);
  await until(async () => (await lab.inspect('ada')).HostConfig.NanoCpus === 5e8, { deadlineMs: 10_000 });
  const files = () =>
    readdirSync(lab.state, { recursive: true, withFileTypes: true })
      // How long everybody has been quiet is noted once a minute.
      .filter((entry) => entry.isFile() && entry.name !== 'idle.json')
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).ino} ${readFileSync(path, 'utf8')}`);
  let last = files();
  let since = performance.now();
  const calm = () => {
    const now = files();
    if (!isDeepStrictEqual(now, last)) since = performance.now();
    last = now;
    return performance.now() - since > 2_500;
  };
  await until(calm, { deadlineMs: 15_000, everyMs: 100 });
  const actions = await watchActions(lab);
  onTestFinished(actions.close);
  const before = files();
  await holdsFor(() => expect(files()).toEqual(before) ?? true, 10_000);
  expect(actions.seen()).toEqual([]);
});
