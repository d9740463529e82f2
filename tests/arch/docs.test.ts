import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cliReference } from '../../scripts/cli-reference.ts';
import { metricsPage } from '../../scripts/generate/metrics-page.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { errorCodes } from '../../src/lib/errors.ts';
import { families } from '../../src/metrics/families.ts';
import { makeMetrics } from '../../src/metrics/metrics.ts';
import { hostConditions, workspaceConditions } from '../../src/model/conditions.ts';
import { endReasons } from '../../src/model/status.ts';
import { stepReasons } from '../../src/reconcilers/workspace/tell.ts';

const read = (file: string) => readFileSync(file, 'utf8');
/** Cells of every table row below a heading, without the head. */
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
const section = (text: string, heading: string) => text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

test('errors.md has every code with its retry, HTTP status and exit code, and no other', () => {
  const documented = rows(read('docs/reference/errors.md')).map(([code, when, ...policy]) => {
    expect(when, code).not.toBe('');
    return [names(code!)[0]!, policy];
  });
  const inCode = Object.entries(errorCodes).map(([code, { retry, http, exit }]) => [
    code,
    [retry, `${http}`, `${exit}`],
  ]);
  expect(documented).toEqual(inCode);
});

const conditionsPage = read('docs/reference/conditions.md');
/** Types and reasons that one section of the page names. */
function page(heading: string) {
  const [types, reasons] = section(conditionsPage, heading).split(/^\| reason/m);
  return { types: rows(types!), reasons: rows(`| reason${reasons}`) };
}

test.each([
  ['Of a workspace', workspaceConditions],
  ['Of the host', hostConditions],
])('conditions.md, %s: every type, no other, and reasons only of these', (heading, inCode) => {
  const { types, reasons } = page(heading);
  expect(types.map(([type]) => names(type!)[0])).toEqual([...inCode]);
  const known: readonly string[] = inCode;
  expect(reasons.flatMap(([, of]) => of!.split(', ')).filter((type) => !known.includes(type))).toEqual([]);
});

/** Where reasons are given, and how they are written there. */
const given = [
  {
    heading: 'Of a workspace',
    files: [
      'src/reconcilers/workspace/**/*.ts',
      'src/allot.ts',
      'src/holds.ts',
      'src/model/target.ts',
      'src/model/idle.ts',
      'src/model/removal.ts',
    ],
    patterns: [
      /\bstatus: [^,]+, reason: '(\w+)'/g,
      /\breturn \{ reason: '(\w+)'/g,
      /\bno\('(\w+)'\)/g,
      /\breason === '(\w+)'/g,
      /\bkind: 'hold', reason: '(\w+)'/g,
      /\bpush\(\{ reason: '(\w+)'/g,
      /^ {2}\| '(\w+)'/gm,
      /^ {2}'([A-Z]\w+)',$/gm,
    ],
  },
  {
    heading: 'Of the host',
    files: ['src/reconcilers/host/**/*.ts', 'src/host-state.ts', 'src/model/source.ts'],
    patterns: [
      /\breason: '(\w+)'/g,
      /\? '(\w+)'/g,
      /(?<=\?.*): '(\w+)',$/gm,
      /\bfinding\('\w+', '\w+', '(\w+)'/g,
      /^ {2}'([A-Z]\w+)',$/gm,
      /\bdoubt\('(\w+)'/g,
    ],
  },
];

test.each(given)('conditions.md, $heading: every reason the code gives, and none it never gives', (where) => {
  const documented = page(where.heading).reasons.flatMap(([reason]) => names(reason!));
  const sources = globSync(where.files).map(read).join('\n');
  const inCode = where.patterns.flatMap((pattern) => [...sources.matchAll(pattern)].map((match) => match[1]!));
  const reasons = [...new Set(inCode)].filter(
    (word) => /^[A-Z][a-zA-Z]+$/.test(word) && !['True', 'False', 'Unknown'].includes(word),
  );
  expect(reasons.length).toBeGreaterThan(15);
  expect(reasons.filter((reason) => !documented.includes(reason))).toEqual([]);
  expect(documented.filter((reason) => !new RegExp(`'${reason}'`).test(sources))).toEqual([]);
});

test('conditions.md, Of an end: every reason in the order of the code', () => {
  const documented = rows(section(conditionsPage, 'Of an end')).map(([reason]) => names(reason!)[0]);
  expect(documented).toEqual([...endReasons]);
});

test('events.md has every reason, and no other', () => {
  const documented = rows(read('docs/reference/events.md')).flatMap(([reason]) => names(reason!));
  const given = globSync('src/**/*.ts').flatMap((file) =>
    [...read(file).matchAll(/type: '(?:Normal|Warning)', reason: '(\w+)'/g)].map((match) => match[1]!),
  );
  expect(given.length).toBeGreaterThan(8);
  expect(new Set(documented)).toEqual(new Set([...given, ...Object.values(stepReasons)]));
});

test('cli.md is the help of every verb as it is now (node scripts/cli-reference.ts)', async () => {
  expect(read('docs/reference/cli.md')).toBe(await cliReference());
});

test('api.md has every route, and no other', () => {
  const documented = rows(read('docs/reference/api.md')).map(([route]) => names(route!)[0]!);
  const source = globSync('src/api/*routes.ts').map(read).join('\n');
  const routes = [...source.matchAll(/app\.(get|post|put)(?:<[^(]*>)?\(\s*['`]([^'`]+)['`]/g)].flatMap(
    ([, method, path]) =>
      ['start', 'stop', 'restart']
        .map((verb) => `${method!.toUpperCase()} ${path!.replace(`\${name}`, verb)}`)
        .filter((route, at, all) => all.indexOf(route) === at),
  );
  expect(routes.length).toBeGreaterThan(10);
  expect(new Set(documented)).toEqual(new Set(routes));
});

test('metrics.md has every metric with type, labels and meaning, and the code makes these and no other', () => {
  const documented = rows(read('docs/reference/metrics.md')).map(([name, type, labels, help]) => [
    names(name!)[0],
    { type, labels: names(labels!), help },
  ]);
  const inCode = Object.entries(families).map(([name, { type, labels, help }]) => [name, { type, labels, help }]);
  expect(documented).toEqual(inCode);
  expect(read('docs/reference/metrics.md')).toBe(metricsPage());
  expect(new Set(makeMetrics(systemClock).names())).toEqual(new Set(Object.keys(families)));
});

test('links between documents lead somewhere', () => {
  const broken = globSync(['*.md', 'docs/**/*.md']).flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map((match) => join(dirname(file), match[1]!))
      .filter((target) => globSync(target).length === 0)
      .map((target) => `${file} -> ${target}`),
  );
  expect(broken).toEqual([]);
});
