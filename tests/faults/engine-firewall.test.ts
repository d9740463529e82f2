import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type EngineLab, makeEngineLab, shareEngine } from '../support/engine-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const engine = shareEngine();

async function makeGuardedLab() {
  const lab = await makeEngineLab(await engine());
  const [command, ...args] = lab.engine.wrapper;
  const iptables = async (...rule: string[]) =>
    (await run(command!, [...args, 'iptables', '-w', '10', ...rule])).stdout.split('\n');
  /** In one step: between two the rules would come back. */
  const atOnce = async (lines: string[]) => {
    const going = run(command!, [...args, 'iptables-restore', '-w', '10', '--noflush']);
    going.child.stdin?.end(['*filter', ...lines, 'COMMIT', ''].join('\n'));
    await going;
  };
  const uid = () => lab.summary().controller.uid;
  const chain = (end: string) => `WD-${uid().slice(0, 8)}-${end}`;
  /** Our chains and the jumps into them, in their order. */
  const rules = async () => (await iptables('-S')).filter((line) => line.includes('WD-'));
  return { ...lab, iptables, atOnce, chain, rules };
}

/** Every program there is but iptables, which `put` adds and `take` takes away. */
function makeToolbox({ root }: EngineLab) {
  const folder = join(root, 'programs');
  mkdirSync(folder);
  const tools = ['iptables', 'iptables-restore'];
  const link = (from: string, name: string) => symlinkSync(join(from, name), join(folder, name));
  const homes = new Map<string, string>();
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => isAbsolute(path) && existsSync(path));
  const seen = new Set<string>();
  for (const from of folders) {
    for (const name of readdirSync(from).filter((name) => !seen.has(name))) {
      seen.add(name);
      if (tools.includes(name)) homes.set(name, from);
      else link(from, name);
    }
  }
  return {
    wrapper: ['env', `PATH=${folder}`],
    put: () => {
      for (const [name, from] of homes) link(from, name);
    },
    take: () => {
      for (const name of homes.keys()) rmSync(join(folder, name));
    },
  };
}
test('rules taken away by hand or by a restart of the engine are put back, and nobody is restarted', async () => {
  const lab = await makeGuardedLab();
  const { iptables, chain, rules } = lab;
  await lab.up();
  await lab.fill(2);
  const [containers, before] = [await lab.containers(), await rules()];
  expect(before.length).toBeGreaterThan(4);
  const isBack = () =>
    until(async () => (await rules()).join('\n') === before.join('\n'), {
      deadlineMs: 15_000,
      everyMs: 100,
    });

  await iptables('-F', chain('FWD'));
  await isBack();
  const own = [chain('FWD'), chain('IN')];
  await lab.atOnce(
    ['DOCKER-USER', 'INPUT', ...own].map((name) => `-F ${name}`).concat(own.map((name) => `-X ${name}`)),
  );
  await isBack();
  expect(await lab.containers()).toEqual(containers);
  await lab.untilHost('NetworkGuarded', 'True');

  await lab.engine.signal('SIGTERM');
  await lab.untilHost('NetworkGuarded', 'Unknown');
  await iptables('-F', 'DOCKER-USER');
  await lab.engine.start();
  await lab.untilHost('NetworkGuarded', 'True');
  await isBack();
});

test("without the engine's own chain nothing starts, what runs goes on, and its restart mends it", async () => {
  const lab = await makeGuardedLab();
  await lab.up();
  const names = await lab.fill(1);
  const containers = await lab.containers();
  await lab.atOnce(['-F DOCKER-USER', '-D FORWARD -j DOCKER-USER', '-X DOCKER-USER']);
  await lab.untilHost('NetworkGuarded', 'False');
  expect(lab.host('NetworkGuarded')?.reason).toBe('EngineChainMissing');
  lab.write('late.yaml', workspaceYaml('late'));
  await until(() => lab.status('late')?.last.waitsFor?.includes('DOCKER-USER'), { deadlineMs: 15_000 });
  const { late, ...others } = await lab.containers();
  expect(others).toEqual(containers);
  expect(late?.running ?? false).toBe(false);

  await lab.engine.signal('SIGTERM');
  await lab.engine.start();
  await lab.untilHost('NetworkGuarded', 'True');
  await Promise.all([...names, 'late'].map((name) => lab.phase(name, 'Running')));
});

test('without iptables nothing starts and what runs goes on; with it all start', async () => {
  const lab = await makeGuardedLab();
  const tools = makeToolbox(lab);
  tools.put();
  await lab.up({ wrapper: [...lab.engine.wrapper, ...tools.wrapper] });
  await lab.fill(2);
  const before = await lab.containers();

  tools.take();
  await lab.untilHost('NetworkGuarded', 'False');
  expect(lab.host('NetworkGuarded')?.reason).toBe('IptablesMissing');
  lab.write('late.yaml', workspaceYaml('late'));
  lab.write('apart.yaml', workspaceYaml('apart', ['network: {mode: none}']));
  await lab.hand('kill', before['user-0']?.id ?? '');
  const waits = (name: string) => until(() => lab.status(name)?.last.waitsFor?.includes('iptables is not installed'));
  await Promise.all(['late', 'user-0'].map(waits));
  await lab.phase('apart', 'Running');
  const meanwhile = await lab.containers();
  expect(meanwhile['user-1']).toEqual(before['user-1']);
  expect(meanwhile['user-0']?.running).toBe(false);
  expect(meanwhile['late']?.running ?? false).toBe(false);

  tools.put();
  await lab.untilHost('NetworkGuarded', 'True');
  await Promise.all(['late', 'user-0', 'user-1'].map((name) => lab.phase(name, 'Running')));
  expect((await lab.containers())['user-1']).toEqual(before['user-1']);
});
