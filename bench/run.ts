import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Row } from './lib/paired.ts';
import { tableOf } from './lib/table.ts';

/** `bench/<name>.ts` exports `run`; loaded only when asked for, because most of them need an engine. */
const names = ['converge', 'reaction', 'pass-1000', 'cli-get', 'idle-read', 'exec'];
const results = fileURLToPath(new URL('results.json', import.meta.url));

/** Rows of benchmarks that were not run this time stay. */
function kept(ran: readonly string[]): Row[] {
  try {
    return (JSON.parse(readFileSync(results, 'utf8')) as Row[]).filter(({ name }) => !ran.includes(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(2);
}

const chosen = names.filter((name) => asked.length === 0 || asked.includes(name));
const rows: Row[] = [];
for (const name of chosen) {
  console.error(`${name} …`);
  const module = (await import(`./${name}.ts`)) as { run: () => Promise<Row[]> };
  rows.push(...(await module.run()));
}
console.log(tableOf(rows));
writeFileSync(results, `${JSON.stringify([...kept(chosen), ...rows], null, 2)}\n`);
