import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cliReference } from '../../scripts/cli-reference.ts';
import { errorCodes } from '../../src/lib/errors.ts';
import { hostConditions, workspaceConditions } from '../../src/model/conditions.ts';

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

test('conditions.md has every condition type, and no other', () => {
  const text = read('docs/reference/conditions.md');
  const [workspace, reasons] = section(text, 'Of a workspace').split(/^\| reason/m);
  expect(rows(workspace!).map(([type]) => names(type!)[0])).toEqual([...workspaceConditions]);
  expect(rows(section(text, 'Of the host')).map(([type]) => names(type!)[0])).toEqual([...hostConditions]);
  const types: readonly string[] = workspaceConditions;
  for (const [, of] of rows(`| reason${reasons}`)) {
    expect(of!.split(', ').filter((type) => !types.includes(type))).toEqual([]);
  }
});

test('conditions.md has every reason the code gives, and none that it never gives', () => {
  const text = read('docs/reference/conditions.md');
  const documented = rows(section(text, 'Of a workspace').split(/^\| reason/m)[1]!).flatMap(([reason]) =>
    names(reason!),
  );
  const sources = globSync(['src/reconcilers/workspace/**/*.ts', 'src/*.ts', 'src/model/target.ts'])
    .map(read)
    .join('\n');
  const given = [
    ...sources.matchAll(/\bstatus: [^,]+, reason: '(\w+)'/g),
    ...sources.matchAll(/\breturn \{ reason: '(\w+)'/g),
    ...sources.matchAll(/\bno\('(\w+)'\)/g),
    ...sources.matchAll(/\bkind: 'hold', reason: '(\w+)'/g),
    ...sources.matchAll(/^ {2}\| '(\w+)'/gm),
  ].map((match) => match[1]!);
  expect(given.length).toBeGreaterThan(20);
  expect([...new Set(given)].filter((reason) => !documented.includes(reason))).toEqual([]);
  expect(documented.filter((reason) => !new RegExp(`'${reason}'`).test(sources))).toEqual([]);
});

test('cli.md is the help of every verb as it is now (node scripts/cli-reference.ts)', async () => {
  expect(read('docs/reference/cli.md')).toBe(await cliReference());
});

test('api.md has every route, and no other', () => {
  const documented = rows(read('docs/reference/api.md')).map(([route]) => names(route!)[0]!);
  const source = read('src/api/routes.ts');
  const routes = [...source.matchAll(/app\.(get|post)(?:<[^(]*>)?\(\s*['`]([^'`]+)['`]/g)].flatMap(([, method, path]) =>
    ['start', 'stop', 'restart']
      .map((verb) => `${method!.toUpperCase()} ${path!.replace(`\${name}`, verb)}`)
      .filter((route, at, all) => all.indexOf(route) === at),
  );
  expect(routes.length).toBeGreaterThan(10);
  expect([...documented].sort()).toEqual([...routes].sort());
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
