import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configJsonSchema, workspaceJsonSchema } from '../src/spec/emit-schema.ts';
import { configPage } from './generate/config-page.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { specPage } from './generate/spec-page.ts';

/** What follows from the code: `npm run gen` writes it, `--check` fails when it differs. */
const files: Record<string, () => string> = {
  'schema/workspace.v1.json': () => `${JSON.stringify(workspaceJsonSchema(), null, 2)}\n`,
  'schema/config.v1.json': () => `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  'docs/reference/spec.md': specPage,
  'docs/reference/config.md': configPage,
  'docs/reference/metrics.md': metricsPage,
};

const root = new URL('../', import.meta.url);
const checkOnly = process.argv.includes('--check');
const stale = Object.entries(files).filter(([name, make]) => {
  const path = fileURLToPath(new URL(name, root));
  const wanted = make();
  if (read(path) === wanted) return false;
  if (!checkOnly) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wanted);
  }
  return true;
});

for (const [name] of stale) {
  console.log(
    `${checkOnly ? 'differs from the code' : 'written'}: ${relative('.', fileURLToPath(new URL(name, root)))}`,
  );
}
if (checkOnly && stale.length > 0) {
  console.error('run `npm run gen` and commit what it writes');
  process.exitCode = 1;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
