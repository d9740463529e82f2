import { expect, test } from 'vitest';
import { parseGoal, restarted } from '../../src/client/goal.ts';
import type { WorkspaceStatus } from '../../src/model/status.ts';
import { condition, workspace } from '../support/service.ts';

const old = { observedGeneration: 1 };
const rows: [string, string, Partial<WorkspaceStatus>, boolean][] = [
  ['Ready', 'running and ready', {}, true],
  ['ready', 'in lower case', {}, true],
  ['Ready', 'not ready', { conditions: [condition('Ready', 'False')] }, false],
  ['Ready', 'no condition yet', { conditions: [] }, false],
  ['Ready', 'ready in an older generation', { generation: 2 }, false],
  [
    'Ready',
    'judged, but the condition is older',
    { generation: 2, observedGeneration: 2, conditions: [condition('Ready', 'True', old)] },
    false,
  ],
  ['Stopped', 'held by a person', { phase: 'Held' }, true],
  ['Stopped', 'resting', { phase: 'Resting' }, true],
  ['Stopped', 'by the spec', { phase: 'Stopped' }, true],
  ['Stopped', 'running', {}, false],
  ['Stopped', 'engine unreachable', { phase: 'Unknown' }, false],
  ['Stopped', 'of an older generation', { phase: 'Held', generation: 2 }, false],
  ['Condition=UpdatePending', 'has it', { conditions: [condition('UpdatePending', 'True')] }, true],
  ['condition=updatepending=false', 'has it False', { conditions: [condition('UpdatePending', 'False')] }, true],
  ['Condition=UpdatePending=False', 'has it not', { conditions: [] }, false],
  ['Condition=UpdatePending=Unknown', 'has it not, which is Unknown', { conditions: [] }, true],
];

test.each(rows)('--for=%s: %s', (text, _, over, met) => {
  expect(parseGoal(text).met(workspace('ada', over))).toBe(met);
});

test.each(['', 'Running', 'Condition', 'Condition=', 'Condition=Nope', 'Condition=Ready=Maybe', 'Ready=False'])(
  '--for=%s is a usage error',
  (text) => {
    expect(() => parseGoal(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

const rolledBack = { ...condition('Degraded', 'True'), reason: 'RolledBack' };

test('a restart is done when another run is ready, not when the old one still is', () => {
  const before = workspace('ada');
  const later = { ...before.container!, startedAt: '2026-01-02T03:05:00.000Z' };
  expect(restarted(before).met(before)).toBe(false);
  expect(restarted(before).met({ ...before, container: later })).toBe(true);
  expect(restarted(before).met({ ...before, container: later, conditions: [condition('Ready', 'False')] })).toBe(false);
  const onTrial = { ...before, container: { ...later, setAside: 'ws-ada.old.1' } };
  expect(restarted(before).met(onTrial), 'it has to stay up first').toBe(false);
  const back = { ...before, container: later, conditions: [...before.conditions, rolledBack] };
  expect([restarted(before).met(back), restarted(before).failed?.(back)?.code]).toEqual([false, 'START_FAILED']);
  const [onTrialAgain, asBefore] = [
    { ...onTrial, conditions: back.conditions },
    { ...before, conditions: back.conditions },
  ];
  for (const status of [before, onTrial, onTrialAgain, asBefore])
    expect(restarted(before).failed?.(status)).toBeUndefined();
  expect(restarted(before).met({ ...before, container: { ...later, id: 'd'.repeat(64) } })).toBe(true);
});
