import { expect, test } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { hostAddresses, openHostService } from '../support/outside.ts';
import { until } from '../support/until.ts';

const reaches = (lab: Lab, name: string) => async (address: string, port: number) =>
  (await lab.sh(name, `nc -z -w 2 ${address} ${port} && echo yes || echo no`)) === 'yes';

test('a workspace reaches no neighbour and no host, but for what its spec allows, while it runs', async () => {
  const lab = makeLab('resync: 1s\n');
  const port = await openHostService();
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea', ['command: [nc, -lk, "8888"]']));
  lab.write('off.yaml', workspaceYaml('off', ['network: {mode: none}']));
  await lab.up();
  for (const name of ['ada', 'bea', 'off']) await lab.phase(name, 'Running');
  const { Gateway, IPAddress } = (await lab.inspect('bea')).NetworkSettings.Networks[`${lab.prefix}net`]!;
  await until(() => reaches(lab, 'bea')('127.0.0.1', 8888), { deadlineMs: 10_000 });
  expect(await reaches(lab, 'ada')(IPAddress, 8888)).toBe(false);
  const host = [...new Set([...hostAddresses(), Gateway])];
  for (const address of host) expect([address, await reaches(lab, 'ada')(address, port)]).toEqual([address, false]);
  expect(await lab.sh('off', 'ip -o link | grep -vc " lo:" || true')).toBe('0');

  const { State } = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada', [`network: {allow: ["${Gateway}:${port}"]}`]));
  await until(() => reaches(lab, 'ada')(Gateway, port), { deadlineMs: 15_000 });
  expect(await reaches(lab, 'bea')(Gateway, port), 'allowed to this one only').toBe(false);
  lab.write('ada.yaml', workspaceYaml('ada'));
  await until(async () => !(await reaches(lab, 'ada')(Gateway, port)), { deadlineMs: 15_000 });

  lab.write('ada.yaml', workspaceYaml('ada', ['network: {mode: none}']));
  await until(async () => (await lab.sh('ada', 'ip -o link | grep -vc " lo:" || true')) === '0', {
    deadlineMs: 10_000,
  });
  lab.write('ada.yaml', workspaceYaml('ada'));
  await until(async () => (await lab.sh('ada', 'ip -o -4 addr')).includes('eth'), { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).State.StartedAt, 'without a restart').toBe(State.StartedAt);
  expect(await reaches(lab, 'ada')(IPAddress, 8888)).toBe(false);
});

test('what the engine was told of a workspace is what the defaults promise', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const { HostConfig, Config, Mounts } = await lab.inspect('ada');
  expect(HostConfig).toMatchObject({
    ...{ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Privileged: false, Init: true, Binds: null },
    ...{ PublishAllPorts: false, PidsLimit: 64, IpcMode: 'private', RestartPolicy: { Name: 'no' } },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  });
  expect(Config.User).toMatch(/^2\d{4}:2\d{4}$/);
  expect(Mounts.map(({ Destination }) => Destination)).toEqual(['/home/user']);
  expect(await lab.sh('ada', 'awk "/^(NoNewPrivs|Seccomp):/{print \\$2}" /proc/self/status')).toBe('1\n2');
  expect(await lab.sh('ada', 'ps -o comm= -p 1; ulimit -c')).toMatch(/init\n0$/);
  const bomb = 'i=0; while [ $i -lt 200 ]; do sleep 5 & i=$((i+1)); done';
  expect(await lab.sh('ada', `sh -c '${bomb}' 2>&1; true`), 'more than 64 processes').toMatch(/fork/);
  expect(lab.status('ada')?.phase).toBe('Running');
});
