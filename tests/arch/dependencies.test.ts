import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Every folder may import itself, lib and model; these may import more. Only files directly in src/ import all. */
const also: Record<string, string[]> = { commands: ['client', 'spec'], library: ['client', 'spec'] };

/** Packages with one home. A package that is not named here may be imported anywhere below src/. */
const homes: Record<string, string[]> = {
  dockerode: ['runtime/docker'],
  'tar-fs': ['runtime/docker'],
  chokidar: ['sources'],
  lowdb: ['store'],
  yaml: ['spec'],
  ajv: ['spec'],
  fastify: ['api'],
  commander: ['commands', ''],
  pino: ['lib'],
  'prom-client': ['metrics'],
  typebox: ['spec', 'api'],
  ws: ['api', 'client'],
};

type Import = { file: string; to: string };
const patterns = [
  /^(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'/gm, // static, also `import type` and re-exports, over several lines
  /^import\s*'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'/g, // dynamic, and types written as import('x').Y
];
const imports = (file: string): Import[] => {
  const text = readFileSync(file, 'utf8');
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => ({ file, to: match[1]! })));
};
/** `ajv` for ajv/dist/x.js, `@a/b` for @a/b/c. */
const packageOf = (to: string) => /^(?:@[^/]+\/)?[^/]+/.exec(to)![0];
const files = globSync('src/**/*.ts');
const all = files.flatMap(imports);
/** `runtime/docker` for src/runtime/docker/connect.ts, '' for src/cli.ts. */
const folder = (path: string) => dirname(path).split('/').slice(1).join('/');
const top = (path: string) => folder(path).split('/')[0]!;

test('the patterns see every way to import', () => {
  const seen = (file: string, to: string) => all.some((each) => each.file === file && each.to === to);
  expect(seen('src/cli.ts', './program.ts'), 'static').toBe(true);
  expect(seen('src/commands/io.ts', '../client/client.ts'), 'type only').toBe(true);
  expect(seen('src/verbs.ts', './commands/get.ts'), 'dynamic').toBe(true);
  expect(all.length).toBeGreaterThan(files.length);
});

test('folders import only themselves, lib, model and what is listed', () => {
  const bad = all
    .filter(({ file, to }) => to.startsWith('.') && folder(file) !== '')
    .map(({ file, to }) => ({ file, to: join(dirname(file), to) }))
    .filter(({ file, to }) => {
      const from = top(file);
      const fine = from === 'lib' ? ['lib'] : from === 'model' ? ['lib', 'model'] : [from, 'lib', 'model'];
      return folder(to) === '' || ![...fine, ...(also[from] ?? [])].includes(top(to));
    });
  expect(bad.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test('adapters do not know each other', () => {
  const inRuntime = all.filter(({ file, to }) => file.startsWith('src/runtime/') && to.startsWith('.'));
  const bad = inRuntime.filter(({ file, to }) => {
    const target = folder(join(dirname(file), to));
    return target.startsWith('runtime/') && target.split('/')[1] !== folder(file).split('/')[1];
  });
  expect(bad).toEqual([]);
});

test('packages stay in their home', () => {
  const bad = all.filter(({ file, to }) => {
    const allowed = homes[packageOf(to)];
    return (
      allowed !== undefined && !allowed.some((home) => folder(file) === home || folder(file).startsWith(`${home}/`))
    );
  });
  expect(bad.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test('every package is declared, and everything declared for running is used', () => {
  const declared = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
  const used = all.map(({ to }) => to).filter((to) => !to.startsWith('.') && !to.startsWith('node:'));
  expect(new Set(used.map(packageOf))).toEqual(new Set(Object.keys(declared.dependencies)));
});

test('what decides is pure: no clock, no file, no process, no adapter', () => {
  const pure = /^src\/(?:spec\/(?:parse|resolve)|reconcilers\/workspace\/(?:fit|decide|plan))\.ts$/;
  const bad = all.filter(({ file, to }) => pure.test(file) && /^node:(?!crypto|path)|clock\.ts$/.test(to));
  const time = files.filter(
    (file) => pure.test(file) && /Date\.now|new Date\(\)|performance\.now/.test(readFileSync(file, 'utf8')),
  );
  expect([...bad, ...time]).toEqual([]);
});
