import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { randomSubnet } from '../support/prefix.ts';
import { until } from '../support/until.ts';

/** More than two resyncs of this lab: time enough for a controller that would act. */
const QUIET_MS = 3_000;
const HEAL_MS = 5_000;
/** For what is only told. */
const LATE_MS = 15_000;
const MIB = 2 ** 20;

const ignoring = 'drift: {ignore: [network, resources.memory]}';
const policies = { hea: [], rep: ['drift: Report'], ign: [ignoring], net: [ignoring], aut: ['drift: {policy: Heal}'] };
type Name = keyof typeof policies;
const names = Object.keys(policies) as Name[];

test('three policies and the same hands: undone, reported, left; and the file still has its effect', async () => {
  const lab = makeLab('resync: 1s\n');
  const foreign = `${lab.prefix}foreign`;
  lab.afterwards(() => lab.hand('network', 'rm', foreign));
  await lab.hand('network', 'create', '--internal', '--subnet', randomSubnet().subnet, foreign);
  const write = (more: Partial<Record<Name, string[]>> = {}) =>
    lab.write(
      'all.yaml',
      names.map((name) => workspaceYaml(name, [...policies[name], ...(more[name] ?? [])])).join('---\n'),
    );
  write();
  let controller = await lab.up();
  for (const name of names) {
    await lab.phase(name, 'Running');
    await until(() => lab.status(name)?.plan.length === 0, { deadlineMs: 15_000 });
  }
  const before = new Map(await Promise.all(names.map(async (name) => [name, await lab.inspect(name)] as const)));

  const look = async (name: Name) => {
    const { Id, State, HostConfig, NetworkSettings } = await lab.inspect(name);
    const { Memory, MemorySwap, NanoCpus, PidsLimit } = HostConfig;
    const networks = Object.keys(NetworkSettings.Networks)
      .sort((a, b) => a.localeCompare(b))
      .map((each) => each.replace(lab.prefix, ''));
    return { Id, StartedAt: State.StartedAt, Memory, MemorySwap, NanoCpus, PidsLimit, networks };
  };
  /** What is said of hands, and what is done about them; not what the idle rule thinks of it. */
  const said = (name: Name) =>
    JSON.stringify(lab.events(name).filter(({ reason }) => ['Drift', 'DriftIgnored', 'Updated'].includes(reason)));
  /** Of which fields it was said that they are ignored. */
  const told = (name: Name) =>
    lab
      .events(name)
      .filter(({ reason }) => reason === 'DriftIgnored')
      .flatMap(({ message }) => [...message.matchAll(/([a-z.]+): \S+/g)].map(([, field]) => field));
  /** Memory and swap apart: an update that names the present value again would make one of them the other. */
  const more = (name: Name) =>
    lab.hand('update', '--memory', '200m', '--memory-swap', '300m', '--cpus', '0.4', `${lab.prefix}${name}`);
  for (const name of ['hea', 'rep', 'ign', 'aut'] as const) {
    await more(name);
    await lab.hand('network', 'connect', foreign, `${lab.prefix}${name}`);
  }
  await lab.hand('network', 'disconnect', `${lab.prefix}net`, `${lab.prefix}net`);

  // Heal, in either form.
  for (const name of ['hea', 'aut'] as const) {
    await until(async () => JSON.stringify(await look(name)).includes('"networks":["net"]'), { deadlineMs: HEAL_MS });
    await until(async () => (await look(name)).Memory === 128 * MIB, { deadlineMs: HEAL_MS });
    expect(await look(name)).toMatchObject({ MemorySwap: 128 * MIB, NanoCpus: 5e8 });
  }
  // Report.
  await until(() => lab.status('rep')?.drift.length === 3, {
    deadlineMs: LATE_MS,
    what: () => JSON.stringify(lab.status('rep'), null, 1),
  });
  // Ignored, but the cpu, which is not among it.
  await until(async () => (await look('ign')).NanoCpus === 5e8, { deadlineMs: HEAL_MS });
  const left = { Memory: 200 * MIB, MemorySwap: 300 * MIB, networks: ['foreign', 'net'] };
  expect(await look('ign')).toMatchObject(left);
  expect(await look('rep')).toMatchObject({ ...left, NanoCpus: 4e8 });
  await until(() => lab.status('ign')?.ignored?.length === 2 && lab.status('ign')?.drift.length === 0, {
    deadlineMs: LATE_MS,
  });
  await until(() => lab.status('net')?.ignored?.length === 1, { deadlineMs: LATE_MS });
  for (const name of ['ign', 'net']) {
    expect(lab.status(name)).toMatchObject({ phase: 'Running', pending: [], drift: [], plan: [], message: '' });
    expect(lab.condition(name, 'Ready')?.status).toBe('True');
    expect(lab.condition(name, 'Degraded')?.status).toBe('False');
  }

  // Nothing more happens and nothing more is said, at any look.
  const all = async () => JSON.stringify(await Promise.all(names.map(look)));
  await until(() => told('ign').length === 2 && told('net').length === 1, { deadlineMs: LATE_MS });
  const [there, words] = [await all(), names.map(said)];
  await holdsFor(async () => (await all()) === there, QUIET_MS);
  expect(names.map(said)).toEqual(words);

  // It can be seen, and is no difference.
  const shown = /resources\.memory {2}300Mi instead of 128Mi {2}\(changed by hand, ignored by drift\.ignore\)/;
  const plan = await lab.cli('plan', 'ign', '--exit-code');
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(shown)]);
  expect((await lab.cli('plan', 'rep', '--exit-code')).code).toBe(1);
  for (const verb of ['describe', 'why']) expect((await lab.cli(verb, 'ign')).stdout, verb).toMatch(shown);
  expect((await lab.cli('describe', 'net')).stdout).toMatch(/network {2}none instead of \S+net {2}\(changed by hand/);
  expect((await lab.cli('describe', 'ign')).stdout).toMatch(
    /drift\.ignore +resources\.memory, network +\S*all\.yaml:\d+/,
  );

  // The controller comes back, and once without its state.
  for (const lose of [false, true]) {
    await controller.kill('SIGTERM');
    if (lose) rmSync(lab.state, { recursive: true });
    controller = await lab.up();
    await until(() => lab.status('ign')?.ignored?.length === 2 && lab.status('rep')?.drift.length === 3, {
      deadlineMs: 15_000,
      what: () => JSON.stringify([lab.status('ign'), lab.status('rep')], null, 1),
    });
    expect(await all()).toBe(there);
    await until(() => told('ign').length >= 2, { deadlineMs: LATE_MS });
    expect(told('ign'), lose ? 'a new log' : 'not told again').toEqual(['resources.memory', 'network']);
  }

  // Another field of the file changes: the ignored ones stay. Then they change themselves.
  write({ ign: ['resources: {pids: 99}'], net: ['resources: {pids: 99}'] });
  await until(async () => (await look('ign')).PidsLimit === 99 && (await look('net')).PidsLimit === 99, {
    deadlineMs: LATE_MS,
  });
  expect(await look('ign')).toMatchObject(left);
  expect((await look('net')).networks).toEqual([]);
  write({ ign: ['resources: {memory: 160Mi}'], net: ['network: {mode: none}'] });
  await until(async () => (await look('ign')).MemorySwap === 160 * MIB, { deadlineMs: HEAL_MS });
  expect(await look('ign')).toMatchObject({ Memory: 160 * MIB, networks: left.networks });
  await until(() => lab.status('net')?.ignored === undefined && lab.status('ign')?.ignored?.length === 1, {
    deadlineMs: LATE_MS,
  });
  write();
  await until(async () => (await look('net')).networks.join() === 'net', { deadlineMs: HEAL_MS });
  // Hands that come before the pass has remembered what it reached are still undone once.
  await until(() => lab.status('net')?.observedGeneration === 4 && lab.status('net')?.plan.length === 0, {
    deadlineMs: LATE_MS,
    what: () => JSON.stringify(lab.status('net'), null, 1),
  });
  await until(async () => (await look('ign')).Memory === 128 * MIB, { deadlineMs: HEAL_MS });

  // An address that is not its own is not left to anybody.
  const addressOf = ({ NetworkSettings }: Awaited<ReturnType<typeof lab.inspect>>) =>
    NetworkSettings.Networks[`${lab.prefix}net`]?.IPAddress;
  const own = addressOf(before.get('net')!)!;
  await lab.hand('network', 'disconnect', `${lab.prefix}net`, `${lab.prefix}net`);
  await until(() => lab.status('net')?.ignored?.length === 1, { deadlineMs: LATE_MS });
  const other = own.replace(/\d+$/, '99');
  await lab.hand('network', 'connect', '--ip', other, `${lab.prefix}net`, `${lab.prefix}net`);
  await until(async () => addressOf(await lab.inspect('net')) === own, { deadlineMs: HEAL_MS });

  // All that without a restart of anybody.
  for (const name of names) {
    const { Id, State } = before.get(name)!;
    expect(await look(name), name).toMatchObject({ Id, StartedAt: State.StartedAt });
  }
  // A network that is gone keeps nobody down.
  expect((await lab.cli('stop', 'ign', '--wait', '10s')).code).toBe(0);
  await lab.hand('network', 'disconnect', foreign, `${lab.prefix}rep`);
  await lab.hand('network', 'rm', foreign);
  expect((await lab.cli('start', 'ign', '--wait', '15s')).stderr).toBe('');
  expect((await look('ign')).networks).toEqual(['net']);
  await lab.hand('update', '--memory', '200m', '--memory-swap', '200m', `${lab.prefix}ign`);
  await until(() => lab.status('ign')?.ignored?.length === 1, { deadlineMs: LATE_MS });
  // A container that is made anew has what the file says.
  await lab.container('ign').remove({ force: true });
  await until(async () => (await look('ign').catch(() => undefined))?.Memory === 128 * MIB, { deadlineMs: 15_000 });
});
