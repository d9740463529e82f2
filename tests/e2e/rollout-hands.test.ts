import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a docker rm -f or a docker kill right after a restart is healed, and not taken for a failed change', async () => {
  const lab = makeLab('resync: 10m\n');
  const names = ['gone', 'killed'];
  const write = (name: string, colour: string) =>
    lab.write(`${name}.yaml`, workspaceYaml(name, [`env: {COLOUR: ${colour}}`]));
  for (const name of names) write(name, 'red');
  await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  const before = new Map<string, string>();
  for (const name of names) before.set(name, (await lab.inspect(name)).Id);
  for (const name of names) write(name, 'blue');
  for (const name of names) {
    await until(() => lab.condition(name, 'UpdatePending')?.status === 'True', { deadlineMs: 10_000 });
  }
  const hit = async (name: string, ...hand: string[]) => {
    expect((await lab.cli('restart', name)).code).toBe(0);
    const anew = async () => {
      const { Id, State } = await lab.inspect(name);
      return State.Running && Id !== before.get(name) ? Id : undefined;
    };
    const Id = await until(anew, { deadlineMs: 10_000 });
    expect((await lab.mine()).filter(({ Labels }) => Labels['dev.workdock.name'] === name)).toHaveLength(2);
    await lab.hand(...hand, `${lab.prefix}${name}`);
    return Id;
  };
  const removed = await hit('gone', 'rm', '-f');
  const blue = (name: string) => async () => {
    const found = await lab.inspect(name).catch(() => undefined);
    return found?.State.Running === true && found.Config.Env.includes('COLOUR=blue');
  };
  await until(blue('gone'), { deadlineMs: 10_000, what: () => JSON.stringify(lab.events('gone'), null, 1) });
  expect((await lab.inspect('gone')).Id).not.toBe(removed);
  const killed = await hit('killed', 'kill');
  await until(blue('killed'), { deadlineMs: 10_000, what: () => JSON.stringify(lab.events('killed'), null, 1) });
  expect((await lab.inspect('killed')).Id, 'started again').toBe(killed);
  await until(async () => (await lab.mine()).length === names.length, { deadlineMs: 15_000 });
  for (const name of names) {
    expect(lab.condition(name, 'Degraded')?.status).toBe('False');
    expect(lab.events(name).map(({ reason }) => reason)).not.toContain('RevisionFailed');
  }
});
