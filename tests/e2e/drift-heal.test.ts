import { expect, test } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { randomSubnet } from '../support/prefix.ts';
import { until } from '../support/until.ts';

/** Issue 3, point 5. The resync is far away: what is healed in time was healed because of the engine's events. */
const HEAL_MS = 5_000;
const lateResync = 'resync: 10m\n';

async function labWith(...names: string[]): Promise<Lab> {
  const lab = makeLab(lateResync);
  lab.write('all.yaml', names.map((name) => workspaceYaml(name)).join('---\n'));
  await lab.up();
  for (const name of names) await settled(lab, name);
  return lab;
}

/** Running, and all that the pass had to say is said. */
async function settled(lab: Lab, name: string) {
  await lab.phase(name, 'Running');
  await until(() => lab.status(name)?.plan.length === 0, { deadlineMs: 15_000 });
}

const running = (lab: Lab, name: string) => async () => (await lab.inspect(name)).State.Status === 'running';

/** The workspace is as specified again, says so, and remembers what it was. */
async function told(lab: Lab, name: string, drift: RegExp) {
  await until(() => lab.events(name).some(({ reason, message }) => reason === 'Drift' && drift.test(message)), {
    what: () => JSON.stringify(lab.events(name)),
  });
  await until(() => lab.status(name)?.phase === 'Running' && lab.status(name)?.drift.length === 0);
  expect(lab.condition(name, 'Degraded')?.status).toBe('False');
  expect(lab.condition(name, 'Ready')?.status).toBe('True');
}

test('a container that was removed, stopped or killed by hand runs again', async () => {
  const lab = await labWith('rem', 'sto', 'kil');
  const [rem, sto, kil] = [await lab.inspect('rem'), await lab.inspect('sto'), await lab.inspect('kil')];
  await lab.sh('rem', 'echo kept > note');

  await lab.hand('rm', '-f', rem.Id);
  await until(running(lab, 'rem'), { deadlineMs: HEAL_MS });
  expect(await lab.sh('rem', 'cat note')).toBe('kept');
  await told(lab, 'rem', /container: absent instead of Running/);

  await lab.hand('stop', sto.Id);
  await until(running(lab, 'sto'), { deadlineMs: HEAL_MS });
  expect((await lab.inspect('sto')).Id, 'started again, not made again').toBe(sto.Id);
  await told(lab, 'sto', /state: Stopped instead of Running/);

  await lab.hand('kill', kil.Id);
  await until(running(lab, 'kil'), { deadlineMs: HEAL_MS });
  expect((await lab.inspect('kil')).Id).toBe(kil.Id);
  await told(lab, 'kil', /state: Stopped/);
});

test('a paused container goes on, a renamed one gets its name back', async () => {
  const lab = await labWith('pau', 'ren');
  const [pau, ren] = [await lab.inspect('pau'), await lab.inspect('ren')];

  await lab.hand('pause', pau.Id);
  await until(running(lab, 'pau'), { deadlineMs: HEAL_MS });
  expect((await lab.inspect('pau')).State.StartedAt).toBe(pau.State.StartedAt);
  await told(lab, 'pau', /state: Frozen/);

  await lab.hand('rename', ren.Id, `${lab.prefix}elsewhere`);
  await until(async () => (await lab.inspect('ren')).Id === ren.Id, { deadlineMs: HEAL_MS });
  expect((await lab.inspect('ren')).State.StartedAt, 'without a restart').toBe(ren.State.StartedAt);
  await told(lab, 'ren', /container\.name/);
  expect(await lab.mine()).toHaveLength(2);
});

test('limits changed by hand are put back without a restart', async () => {
  const lab = await labWith('mem', 'cpu', 'pid', 'res');
  const before = new Map(
    [...(await Promise.all(['mem', 'cpu', 'pid', 'res'].map(lab.inspect)))].map((c) => [c.Name, c]),
  );
  await lab.hand('update', '--memory', '256m', '--memory-swap', '256m', `${lab.prefix}mem`);
  await lab.hand('update', '--cpus', '1.5', `${lab.prefix}cpu`);
  await lab.hand('update', '--pids-limit', '32', `${lab.prefix}pid`);
  await lab.hand('update', '--restart', 'always', `${lab.prefix}res`);
  await until(async () => (await lab.inspect('mem')).HostConfig.Memory === 2 ** 27, { deadlineMs: HEAL_MS });
  await until(async () => (await lab.inspect('cpu')).HostConfig.NanoCpus === 5e8, { deadlineMs: HEAL_MS });
  await until(async () => (await lab.inspect('pid')).HostConfig.PidsLimit === 64, { deadlineMs: HEAL_MS });
  const policy = async () => (await lab.inspect('res')).HostConfig.RestartPolicy?.Name;
  await until(async () => (await policy()) === 'no', { deadlineMs: HEAL_MS });
  for (const name of ['mem', 'cpu', 'pid', 'res']) {
    const now = await lab.inspect(name);
    expect(now.State.StartedAt).toBe(before.get(now.Name)?.State.StartedAt);
  }
  await told(lab, 'mem', /resources\.memory: 256Mi instead of 128Mi/);
  await told(lab, 'cpu', /resources\.cpu: 1\.5 instead of 0\.5/);
  await told(lab, 'pid', /resources\.pids: 32 instead of 64/);
  await told(lab, 'res', /restart: always instead of no/);
});

test('a container taken off its network, or put on another, is where it should be again', async () => {
  const lab = await labWith('off', 'on');
  const networks = async (name: string) => Object.entries((await lab.inspect(name)).NetworkSettings.Networks);
  const [, endpoint] = (await networks('off'))[0]!;
  const foreign = `${lab.prefix}foreign`;
  await lab.hand('network', 'create', '--internal', '--subnet', randomSubnet().subnet, foreign);
  try {
    await lab.hand('network', 'disconnect', `${lab.prefix}net`, `${lab.prefix}off`);
    await until(async () => (await networks('off')).length === 1, { deadlineMs: HEAL_MS });
    expect((await networks('off'))[0]?.[1].IPAddress, 'under its own address').toBe(endpoint.IPAddress);
    await told(lab, 'off', /network: none instead of/);

    await lab.hand('network', 'connect', foreign, `${lab.prefix}on`);
    await until(async () => (await networks('on')).length === 1, { deadlineMs: HEAL_MS });
    expect((await networks('on'))[0]?.[0]).toBe(`${lab.prefix}net`);
    await told(lab, 'on', /network: /);
  } finally {
    await lab.container('on').remove({ force: true });
    await lab.hand('network', 'rm', foreign);
  }
});

test('a container made by hand from another image, under our name and labels, is replaced', async () => {
  const lab = await labWith('img');
  const other = `${lab.prefix}other:1`;
  lab.afterwards(() => lab.hand('rmi', '--no-prune', other));
  await lab.hand('tag', 'workdock-test:latest', other);
  const { Config } = await lab.inspect('img');
  const labels = Object.entries({ ...Config.Labels, 'dev.workdock.nonce': 'by-hand' });
  expect((await lab.cli('suspend', 'img')).code).toBe(0);
  await lab.container('img').remove({ force: true });
  const flags = labels.flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  await lab.hand('run', '-d', '--name', `${lab.prefix}img`, ...flags, other, 'sleep', '600');
  const made = await lab.inspect('img');
  expect((await lab.cli('resume', 'img')).code).toBe(0);
  await until(async () => (await lab.inspect('img')).Config.Image === 'workdock-test:latest', {
    deadlineMs: HEAL_MS + 3_000, // the grace of the container made by hand
  });
  await until(async () => (await lab.mine()).length === 1, { deadlineMs: 10_000 });
  expect((await lab.inspect('img')).Id).not.toBe(made.Id);
  await told(lab, 'img', /image/);
});
