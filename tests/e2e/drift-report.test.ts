import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** More than two resyncs of these labs: time enough for a controller that would act. */
const QUIET_MS = 3_000;

type Case = { hand: (id: string, prefix: string) => string[]; drift: RegExp; phase: string };
const cases: Record<string, Case> = {
  rem: { hand: (id) => ['rm', '-f', id], drift: /container absent -> Running/, phase: 'Pending' },
  sto: { hand: (id) => ['stop', id], drift: /state Stopped -> Running/, phase: 'Stopped' },
  kil: { hand: (id) => ['kill', id], drift: /state Stopped -> Running/, phase: 'Stopped' },
  pau: { hand: (id) => ['pause', id], drift: /state Frozen -> Running/, phase: 'Frozen' },
  ren: { hand: (id, prefix) => ['rename', id, `${prefix}elsewhere`], drift: /container\.name/, phase: 'Pending' },
  lim: {
    hand: (id) => ['update', '--cpus', '1', '--memory', '256m', '--memory-swap', '256m', id],
    drift: /resources\.cpu 1 -> 0\.5, resources\.memory 256Mi -> 128Mi/,
    phase: 'Running',
  },
};

test('under drift: Report what hands did is said, and left as it is', async () => {
  const lab = makeLab('resync: 1s\n');
  const names = Object.keys(cases);
  lab.write('all.yaml', names.map((name) => workspaceYaml(name, ['drift: Report'])).join('---\n'));
  await lab.up();
  for (const name of names) {
    await lab.phase(name, 'Running');
    await until(() => lab.status(name)?.plan.length === 0, { deadlineMs: 15_000 });
  }
  const ids = new Map<string, string>();
  for (const name of names) ids.set(name, (await lab.inspect(name)).Id);
  for (const [name, { hand }] of Object.entries(cases)) await lab.hand(...hand(ids.get(name)!, lab.prefix));
  const look = async (name: string) => {
    const found = await lab.docker
      .getContainer(ids.get(name)!)
      .inspect()
      .catch(() => null);
    return found && [found.Name, found.State.Status, found.State.StartedAt, found.HostConfig.NanoCpus].join();
  };
  const after = await Promise.all(names.map(look));
  for (const [name, { drift, phase }] of Object.entries(cases)) {
    const degraded = () => lab.condition(name, 'Degraded');
    await until(() => degraded()?.reason === 'Drift' && drift.test(degraded()?.message ?? ''), {
      what: () => JSON.stringify(lab.status(name), null, 1),
    });
    expect(degraded()?.status).toBe('True');
    expect(lab.status(name)?.drift.every((change) => change.drift)).toBe(true);
    expect(lab.status(name)?.phase, name).toBe(phase);
    const said = () => lab.events(name).filter(({ reason }) => reason === 'Drift');
    await until(() => said().length > 0, { what: () => `${name} ${JSON.stringify(lab.events(name))}` });
  }
  const told = names.map((name) => JSON.stringify(lab.events(name)));
  await holdsFor(async () => JSON.stringify(await Promise.all(names.map(look))) === JSON.stringify(after), QUIET_MS);
  expect(
    names.map((name) => JSON.stringify(lab.events(name))),
    'said once',
  ).toEqual(told);
  const rows = await lab.json<{ name: string; steps: { op: string }[] }[]>('plan');
  expect(rows.find(({ name }) => name === 'sto')?.steps.map(({ op }) => op)).toEqual(['start']);
  expect((await lab.cli('why', 'sto')).stdout).toMatch(/drift/i);

  // Back to Heal: what was only said is mended.
  lab.write('all.yaml', names.map((name) => workspaceYaml(name)).join('---\n'));
  for (const name of names) {
    await until(() => lab.status(name)?.phase === 'Running' && lab.status(name)?.drift.length === 0, {
      deadlineMs: 20_000,
      what: () => JSON.stringify(lab.status(name), null, 1),
    });
  }
  expect((await lab.inspect('ren')).Id).toBe(ids.get('ren'));
  expect((await lab.mine()).length).toBe(names.length);
});
