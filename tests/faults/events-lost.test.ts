import { expect, onTestFinished, test } from 'vitest';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { openSocketProxy } from '../support/socket-proxy.ts';
import { until } from '../support/until.ts';

const RESYNC_MS = 5_000;
/** A look of its own follows every resync; the rest is for a busy machine. */
const HEALED_MS = 3 * RESYNC_MS;

/** A lab whose controller speaks to the engine through a proxy. */
async function makeProxiedLab() {
  const proxy = await openSocketProxy();
  const lab = openLab('resync: 5s\n', { DOCKER_HOST: proxy.host });
  onTestFinished(async () => {
    await lab.dispose();
    await proxy.close();
  }, 60_000);
  const startedAt = async (name: string) => (await lab.inspect(name)).State.StartedAt;
  return { ...lab, proxy, startedAt };
}

/** 400 events, more than the 256 that the engine keeps. */
async function makeNoise({ docker, prefix }: Lab) {
  const name = (index: number) => `${prefix}noise-${index}`;
  const noise = await docker.createContainer({ name: name(0), Image: 'workdock-test:latest' });
  for (let index = 1; index < 400; index += 1) await noise.rename({ name: name(index) });
  await noise.remove();
}

test('without any events drift is healed all the same, by the look that follows every resync', async () => {
  const lab = await makeProxiedLab();
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  await lab.up();
  await Promise.all(['ada', 'bea'].map((name) => lab.phase(name, 'Running')));
  const before = await lab.startedAt('ada');
  lab.proxy.refuseEvents(true);
  await until(() => lab.proxy.eventStreams() === 0);

  const { Id } = await lab.inspect('ada');
  await lab.hand('kill', Id);
  await until(async () => (await lab.startedAt('ada')) > before, { deadlineMs: HEALED_MS });
  const bea = await lab.inspect('bea');
  await lab.hand('rm', '-f', bea.Id);
  const isBack = async () => (await lab.inspect('bea')).Id !== bea.Id && (await lab.inspect('bea')).State.Running;
  await until(isBack, { deadlineMs: HEALED_MS });
  await lab.hand('update', '--memory', '256m', '--memory-swap', '256m', Id);
  await until(async () => (await lab.inspect('ada')).HostConfig.Memory === 128 * 2 ** 20, { deadlineMs: HEALED_MS });
  lab.write('cyd.yaml', workspaceYaml('cyd'));
  await lab.phase('cyd', 'Running');
  expect((await lab.cli('stop', 'cyd', '--wait')).code, 'verbs need no events').toBe(0);
  expect((await lab.inspect('ada')).Id).toBe(Id);
});

test('a stream that breaks is opened again, and what happened meanwhile is seen at once', async () => {
  const lab = await makeProxiedLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await until(() => lab.proxy.eventStreams() === 1);
  lab.proxy.refuseEvents(true);
  const { Id } = await lab.inspect('ada');
  await until(() => lab.proxy.eventStreams() === 0);
  await makeNoise(lab);
  const before = await lab.startedAt('ada');
  await lab.hand('kill', Id);
  lab.proxy.refuseEvents(false);
  await until(() => lab.proxy.eventStreams() === 1, { deadlineMs: 35_000 });
  await until(async () => (await lab.startedAt('ada')) > before, { deadlineMs: HEALED_MS });
  await lab.phase('ada', 'Running');
  expect(await lab.mine()).toHaveLength(1);
});
