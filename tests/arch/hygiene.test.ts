import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Every text file of the repository but lock files, as git sees them: also those not yet added. */
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && file !== 'package-lock.json' && !/\.(?:png|svg|gif|cast|gz|tar)$/.test(file));
const self = 'tests/arch/hygiene.test.ts';

/** `file:line` of each line that matches, in the files whose names match. */
function find(names: RegExp, pattern: RegExp): string[] {
  return files
    .filter((file) => names.test(file) && file !== self)
    .flatMap((file) => {
      const text = read(file);
      return text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : []));
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // deleted, and not yet from the index
  }
}

test('the checks below look at something', () => {
  expect(find(/^src\/.*\.ts$/, /\bimport\b/).length).toBeGreaterThan(100);
});

test('no path of a developer’s machine', () => {
  expect(
    find(/./, /\/home\/(?!user\b|ada\b|jovyan\b|\$|<)[a-z]|\/Users\/[a-z]|\/work\/(?:main|shared)|\/tmp\/x\//),
  ).toEqual([]);
});

test('the linter refuses `any`, nothing is unchecked, and the linter is silenced only with a reason', () => {
  const { linter } = JSON.parse(read('biome.json')) as { linter: { rules: { suspicious: Record<string, string> } } };
  expect(linter.rules.suspicious['noExplicitAny']).toBe('error');
  expect(find(/\.ts$/, /@ts-(?:ignore|expect-error|nocheck)|noExplicitAny|biome-ignore(?![^:]*: \S)/)).toEqual([]);
});

test('nothing is left for later in a comment', () => {
  expect(find(/\.(?:ts|sh|md|yaml|yml)$|^bin\//, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

/** May pause: `until` between two looks, and writers whose pauses are the input, as an editor's between two saves. */
const mayPause = [
  'tests/support/until.ts',
  'tests/support/holds-for.ts',
  'tests/support/saves.ts',
  'tests/e2e/folder-saves.test.ts',
];

test('tests do not sleep: they wait for a condition (support/until.ts)', () => {
  const sleeping = /setTimeout\(\s*(?:resolve|r|done|ok)\b|setTimeout\b.*timers\/promises|(?<![.\w])sleep\(/;
  const found = find(/^tests\/.*\.ts$/, sleeping);
  expect(found.filter((line) => !mayPause.some((file) => line.startsWith(file)))).toEqual([]);
});

test('no test runs alone, is skipped for good, or mocks', () => {
  expect(find(/^tests\/.*\.ts$/, /\b(?:test|it|describe)\.(?:only|skip|todo)\b|\bvi\.(?:mock|fn|spyOn|stub)/)).toEqual(
    [],
  );
});

test('no enum, and one class', () => {
  expect(find(/^src\/.*\.ts$/, /^\s*(?:export )?(?:const )?enum\s/)).toEqual([]);
  const classes = find(/^src\/.*\.ts$/, /^\s*(?:export )?(?:abstract )?class\s/);
  expect(classes).toEqual([expect.stringContaining('class WorkdockError')]);
});

test('nothing of ours kills by name or talks to a registry by host name', () => {
  expect(find(/./, /\bpkill\b|\bkillall\b/)).toEqual([]);
  expect(
    find(/^(?!docs\/).*\.(?:ts|sh)$|^scripts\/|^bin\/|Dockerfile$/, /registry\.npmjs\.org|docker\.io\/|ghcr\.io/),
  ).toEqual([]);
});
