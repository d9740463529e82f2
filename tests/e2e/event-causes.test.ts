import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const reasonOf = ({ reason }: { reason: string }) => reason;

test('an event says what led to it: an update at the next stop, hands, and an update that is rolled back', async () => {
  const lab = makeLab();
  const names = ['upd', 'hand', 'bad'] as const;
  const yaml = (name: string, extra: string[] = []) => workspaceYaml(name, ['stopGracePeriod: 1s', ...extra]);
  for (const name of names) lab.write(`${name}.yaml`, yaml(name));
  const controller = await lab.up();
  await Promise.all(names.map((name) => lab.phase(name, 'Running')));
  /** Each event since the last `count` ones: its reason, and those of what led to it. */
  const chains = (name: string, from: number) =>
    lab
      .events(name)
      .slice(from)
      .map(({ reason, because = [] }) => [reason, ...because.map(reasonOf)]);
  const counts = Object.fromEntries(names.map((name) => [name, lab.events(name).length]));
  const since = (name: string) => chains(name, counts[name]!);
  const has = (name: string, ...chain: string[]) => since(name).some((each) => each.join() === chain.join());

  // Waits for the stop; the one that is bad is made at once, does not stay up, and the one before comes back.
  lab.write('upd.yaml', yaml('upd', ['env: {A: b}']));
  lab.write('bad.yaml', yaml('bad', ['updatePolicy: Now', 'command: ["false"]']));
  await lab.hand('kill', (await lab.inspect('hand')).Id);
  await until(() => has('upd', 'SpecChanged'));
  await until(
    async () => (await lab.inspect('hand')).State.Running && has('hand', 'Started', 'Drift', 'StoppedByHand'),
  );
  await until(() => has('bad', 'Started', 'RevisionFailed', 'SpecChanged'), {
    what: () => JSON.stringify(since('bad')),
    deadlineMs: 30_000,
  });
  expect(has('bad', 'Stopped', 'SpecChanged'), JSON.stringify(since('bad'))).toBe(true);
  expect(has('bad', 'RevisionFailed', 'SpecChanged')).toBe(true);
  expect(has('bad', 'Restored', 'RevisionFailed', 'SpecChanged')).toBe(true);
  expect(has('hand', 'Drift', 'StoppedByHand')).toBe(true);
  const healed = lab.events('hand').findLast(({ reason }) => reason === 'Started');
  expect(healed?.trigger).toMatch(/^engine: /);
  expect(
    since('hand').map(([reason]) => reason),
    'the spec of nobody changed',
  ).not.toContain('SpecChanged');

  expect((await lab.cli('restart', 'upd', '--wait')).code).toBe(0);
  await until(() => has('upd', 'Created', 'Asked', 'SpecChanged'), { what: () => JSON.stringify(since('upd')) });
  const created = lab.events('upd').findLast(({ reason }) => reason === 'Created');
  expect(created?.because?.[1]?.message).toMatch(/^env\.A \(\S+\/upd\.yaml:7\)$/);

  const wide = (await lab.cli('events', 'bad', '-o', 'wide')).stdout;
  expect(wide).toMatch(
    /Restored .*\n +because RevisionFailed at \S+Z: .+\n +because SpecChanged at \S+Z: command \(\S+bad\.yaml:\d+\)/,
  );
  expect((await lab.cli('events', 'bad')).stdout).not.toContain('because');
  const why = (await lab.cli('why', 'hand')).stdout;
  expect(why).toMatch(/because {4}Drift at \S+: state: Stopped instead of Running\n +StoppedByHand at/);

  // What was decided is on record: another controller names it as well.
  await lab.hand('kill', (await lab.inspect('hand')).Id);
  await until(async () => (await lab.inspect('hand')).State.Running);
  await controller.kill('SIGKILL');
  await lab.up();
  const before = lab.events('hand').length;
  await until(async () => (await lab.cli('stop', 'hand')).code === 0);
  await until(() => chains('hand', before).some((each) => each.join() === 'Stopped,Asked'), {
    deadlineMs: 20_000,
    what: () => JSON.stringify(lab.events('hand').slice(before)),
  });
});
