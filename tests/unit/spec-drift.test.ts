import { expect, test } from 'vitest';
import { digestOf } from '../../src/reconcilers/workspace/intents.ts';
import { parseFile } from '../../src/spec/parse.ts';
import { resolve } from '../../src/spec/resolve.ts';
import type { Site } from '../../src/spec/rules/rule.ts';
import { only, onlyTemplate, site, templateText, workspaceText } from '../support/spec-texts.ts';

const resolved = (lines: string[], rest: Partial<Site> = {}, template?: string) => {
  const found = template === undefined ? undefined : onlyTemplate(templateText('neuro', template));
  const result = resolve(only(workspaceText('ada', ...lines)), found, site(rest));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
};
const driftOf = (...args: Parameters<typeof resolved>) => {
  const { drift, driftIgnore } = resolved(...args).desired;
  return { drift, driftIgnore };
};

test('the short form means what it always meant, and the long form the same', () => {
  expect(driftOf([])).toEqual({ drift: 'Heal', driftIgnore: undefined });
  expect(driftOf(['drift: Report'])).toEqual({ drift: 'Report', driftIgnore: undefined });
  const [short, long] = [resolved(['drift: Report']), resolved(['drift: {policy: Report}'])];
  expect(long).toEqual(short);
  expect(resolved(['drift: {}']).desired).toEqual(resolved([]).desired);
  expect(resolved(['drift: {ignore: []}']).desired).toEqual(resolved([]).desired);
});

test('the order of ignored fields, and one said twice, is no change of meaning', () => {
  const one = resolved(['drift: {ignore: [network, resources.memory]}']).desired;
  const other = resolved(['drift: {policy: Heal, ignore: [resources.memory, network, resources.memory]}']).desired;
  expect(one.driftIgnore).toEqual(['resources.memory', 'network']);
  expect(digestOf(other)).toBe(digestOf(one));
});

test('policy and list are two values: each comes from the last layer that says it', () => {
  const defaults = { drift: { policy: 'Report', ignore: ['network'] } };
  const both = { drift: 'Report', driftIgnore: ['network'] };
  expect(driftOf([], { defaults })).toEqual(both);
  expect(driftOf(['drift: Heal'], { defaults })).toEqual({ ...both, drift: 'Heal' });
  expect(driftOf(['drift: {ignore: []}'], { defaults })).toEqual({ ...both, driftIgnore: undefined });
  const inTemplate = 'drift: {ignore: [resources.cpu]}';
  expect(driftOf(['template: neuro'], { defaults }, inTemplate)).toEqual({ ...both, driftIgnore: ['resources.cpu'] });
});

test('each of the two says where it stands', () => {
  const { origins } = resolved(['template: neuro', 'drift:', '  policy: Report'], {}, 'drift: {ignore: [network]}');
  expect(origins).toMatchObject({ 'spec.drift': 'ada.yaml:8', 'spec.drift.ignore': 'template neuro, neuro.yaml:5' });
  expect(resolved(['drift: Report']).origins).toMatchObject({ 'spec.drift': 'ada.yaml:6' });
  expect(resolved([]).origins).not.toHaveProperty('spec.drift.ignore');
});

const told = (line: string) =>
  parseFile('ada.yaml', workspaceText('ada', line)).problems.map(
    ({ file, line: at, column, message, suggestion = '' }) => `${file}:${at}:${column}: ${message} (${suggestion})`,
  );
const ignoring = (word: string) => told(`drift: {ignore: [${word}]}`)[0];

test.each([
  ['memory', 'resources.memory'],
  ['resources.memroy', 'resources.memory'],
  ['spec.resources.pids', 'resources.pids'],
  ['Resources.CPU', 'resources.cpu'],
  ['cpus', 'resources.cpu'],
  ['networks', 'network'],
  ['network.mode', 'network'],
  ['resources', 'resources.cpu, resources.memory, resources.pids'],
])('drift.ignore: [%s] is refused: did you mean %s?', (word, meant) => {
  expect(ignoring(word)).toBe(
    'ada.yaml:6:20: this item must be resources.cpu or resources.memory or resources.pids or network ' +
      `(did you mean ${meant}?)`,
  );
});

test.each([
  ['state', /a stop by hand looks like a crash.*workdock stop/],
  ['container', /without it nothing runs/],
  ['container.name', /a second one would be made/],
  ['restart', /the engine would start it/],
  ['image', /hands cannot change it/],
  ['env.PATH', /hands cannot change it/],
  ['storage.mounts', /hands cannot change it/],
  ['resources.shm', /hands cannot change it/],
  ['shm', /hands cannot change it/],
  ['network.address', /by it the host knows/],
  ['network.allow', /its rules are of the host/],
])('drift.ignore: [%s] is refused, with the reason', (word, reason) => {
  expect(ignoring(word)).toMatch(/^ada\.yaml:6:20: this item cannot be /);
  expect(ignoring(word)).toMatch(reason);
  expect(ignoring(word)).toMatch(/what can be ignored: resources\.cpu, resources\.memory, resources\.pids, network/);
});

test.each([
  ['drift: heal', /ada\.yaml:6:10: drift must be Heal or Report \(did you mean Heal\?\)/],
  ['drift: {policy: Repot}', /policy must be Heal or Report \(did you mean Report\?\)/],
  ['drift: {polcy: Heal}', /unknown field "polcy" \(did you mean policy\?\)/],
  ['drift: {ignored: [network]}', /unknown field "ignored" \(did you mean ignore\?\)/],
  ['drift: {ignore: network}', /ignore must be a list \(write a list/],
  ['drift: {ignore: [7]}', /this item must be/],
  ['drift: {ignore: [whatever]}', /this item must be resources\.cpu or .* \(\)$/],
  ['drift: [Heal]', /drift must be text or a map of fields/],
  ['drift: true', /drift must be text or a map of fields/],
  ['drift:', /drift is empty/],
])('%s is refused', (line, what) => {
  expect(told(line)).toHaveLength(1);
  expect(told(line)[0]).toMatch(what);
});
