import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { getCommand } from '../../src/commands/get.ts';
import type { Io } from '../../src/commands/io.ts';
import { phases } from '../../src/model/status.ts';
import { serveApi } from '../support/api.ts';
import { condition, memoryService, workspace } from '../support/service.ts';

/** Runs `get` over a real API and gives the lines it printed. */
async function get(
  statuses: ReturnType<typeof workspace>[],
  over: Partial<Io> = {},
  args: string[] = [],
  host: Parameters<ReturnType<typeof memoryService>['setHost']>[0] = { conditions: [] },
) {
  const service = memoryService(statuses);
  service.setHost(host);
  const { state } = await serveApi(service);
  const lines: string[] = [];
  const io: Io = {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(`err: ${line}`),
    env: {},
    cwd: '/',
    colour: false,
    now: () => Date.parse('2026-01-02T04:04:05.000Z'),
    exitWith: () => undefined,
    ...over,
  };
  await getCommand({ io, client: async () => makeClient({ state }) }).parseAsync(args, { from: 'user' });
  return lines;
}

test('on a terminal problems are red, what runs is green, and the message ends at the edge', async () => {
  const ill = workspace('eve', { phase: 'Failed', message: 'no image lab:1 on this engine, and none to pull' });
  expect(await get([workspace('ada'), ill], { colour: true, width: 73 })).toEqual([
    'NAME  OWNER  PHASE    SINCE  CPU  MEM/LIMIT  IDLE  RESTS  MESSAGE',
    'eve   eve    \u001b[31mFailed\u001b[0m   1h     2    1.2Gi/8Gi  -     -      no image lab:1…',
    'ada   ada    \u001b[32mRunning\u001b[0m  1h     2    1.2Gi/8Gi  -     -',
  ]);
});

test('the order is that of the phases, then of the names', async () => {
  const mixed = [...phases]
    .reverse()
    .flatMap((phase) => ['b', 'a'].map((name) => workspace(`${name}-${phase.toLowerCase()}`, { phase })));
  const names = await get(mixed, {}, ['-o', 'name']);
  expect(names).toEqual(phases.flatMap((phase) => ['a', 'b'].map((name) => `${name}-${phase.toLowerCase()}`)));
});

test('a problem comes before what is only on its way, whatever the phase beside it', async () => {
  const broken = (name: string, ...conditions: ReturnType<typeof condition>[]) => workspace(name, { conditions });
  const names = await get(
    [
      workspace('ada'),
      workspace('bea', { phase: 'Pending' }),
      workspace('eve', { phase: 'Failed' }),
      broken('fay', condition('UpdatePending', 'True')),
      broken('zoe', condition('SpecValid', 'False')),
      broken('yan', condition('Degraded', 'True')),
    ],
    {},
    ['-o', 'name'],
  );
  expect(names).toEqual(['eve', 'yan', 'zoe', 'bea', 'ada', 'fay']);
});

test('wide adds generation, update, container, image and home, and cuts nothing', async () => {
  const stale = workspace('ada', {
    generation: 3,
    observedGeneration: 2,
    home: '/data/users/ada',
    message: 'm'.repeat(99),
  });
  const [head, row] = await get([stale], { width: 40 }, ['-o', 'wide']);
  expect(head).toMatch(/GENERATION +UPDATE +CONTAINER +IMAGE +HOME +MESSAGE$/);
  expect(row).toMatch(/2 of 3 +- +cccccccccccc +img +\/data\/users\/ada +m{99}$/);
});

test('what is not known yet is a dash', async () => {
  const { limits: _limits, memoryInUseBytes: _memory, ...rest } = workspace('new', { phase: 'Pending' });
  const [, row] = await get([rest]);
  expect(row?.split(/ +/)).toEqual(['new', 'new', 'Pending', '1h', '-', '-', '-', '-']);
});

test('a lab without workspaces is told how to get the first, beside the data', async () => {
  expect(await get([])).toEqual(['err: workdock: no workspaces; `workdock new NAME` writes the first']);
});

test('before the specs were read nobody says that there are none', async () => {
  const { observedGeneration: _, ...unread } = condition('Ready', 'Unknown', { reason: 'NoScanYet', message: 'soon' });
  const host = { conditions: [{ ...unread, type: 'SourceReady' as const }] };
  expect(await get([], {}, [], host)).toEqual(['err: workdock: no workspace is known: the specs were not read yet']);
});

test('wide has a word for every kind of update', async () => {
  const ready = condition('Ready', 'True');
  const order = { at: '2026-01-02T03:04:05.000Z', readyBy: '2026-01-02T03:06:05.000Z' };
  const pending = [ready, condition('UpdatePending', 'True')];
  const lines = await get(
    [
      workspace('ada', { conditions: pending }),
      workspace('bea', { conditions: [ready, condition('UpdateAvailable', 'True')] }),
      workspace('cleo', { conditions: pending, update: order }),
      workspace('dora', { conditions: [...pending, condition('Degraded', 'True', { reason: 'RolledBack' })] }),
      workspace('eve', { update: { ...order, outcome: 'updated' } }),
    ],
    {},
    ['-o', 'wide'],
  );
  const column = lines[0]!.split(/ {2,}/).indexOf('UPDATE');
  expect(
    Object.fromEntries(
      lines
        .slice(1)
        .map((line) => line.split(/ {2,}/))
        .map((row) => [row[0], row[column]]),
    ),
  ).toEqual({
    ...{ ada: 'pending', bea: 'available', cleo: 'going', dora: 'failed', eve: '-' },
  });
});
