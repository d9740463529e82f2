import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal, inTerminal } from '../support/enter.ts';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';

/** One that begins now. */
async function begin(name: string) {
  lab.write(`${name}.yaml`, workspaceYaml(name, idleSpec('timeout: 4s, warnBefore: 3s')));
  await lab.phase(name, 'Running');
}

const WARNING = 'goes to rest in 3s; any key keeps it awake';
let lab: IdleLab;
beforeAll(async () => {
  lab = openIdleLab();
  await lab.up();
}, 60_000);
afterAll(() => lab.dispose());

test('a countdown is shown on a terminal, a key cancels it and that is said', async () => {
  await begin('ada');
  const { output } = await atTerminal(
    lab,
    ['shell', 'ada'],
    [
      { expect: `ada is idle and ${WARNING}` },
      { type: ' ' },
      { expect: 'ada stays awake: somebody is there' },
      { type: 'exit 0\n' },
    ],
  );
  expect(output.split('\n').filter((line) => line.includes('goes to rest in'))).toHaveLength(1);
  expect(lab.reasons('ada')).not.toContain('Rested');
});

test('a key in a terminal that is not ours cancels it too', async () => {
  await begin('bob');
  await inTerminal(
    lab,
    ['docker', 'exec', '-it', `${lab.prefix}bob`, 'sh'],
    [
      { expect: `bob is idle and ${WARNING}` },
      { type: '\n' },
      { expect: 'bob stays awake: somebody is there' },
      { type: 'exit\n' },
    ],
  );
  expect(lab.reasons('bob')).not.toContain('Rested');
});

test('nobody answers: the countdown runs out, it says goodbye, and it rests', async () => {
  await begin('eve');
  const { code } = await inTerminal(
    lab,
    ['docker', 'exec', '-it', `${lab.prefix}eve`, 'sh'],
    [{ expect: `eve is idle and ${WARNING}` }, { expect: 'eve goes to rest now; entering it again starts it' }],
  );
  expect(code).not.toBe(0);
  await lab.phase('eve', 'Resting');
  const rested = lab.events('eve').find(({ reason }) => reason === 'Rested');
  expect(Number(rested?.evidence?.['quietMs'])).toBeGreaterThanOrEqual(4_000);
});
