import { everySituation, isRight, playMatrix } from './matrix.ts';
import { matrixTable } from './print.ts';
import { TIMEOUT_MS } from './situation.ts';

/** `npm run bench:idle [-- WORDS…]`: all situations, or those whose name holds one of the words. */
const words = process.argv.slice(2);
const chosen = everySituation.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) {
  console.error(`no such situation; there are:\n  ${everySituation.map(({ name }) => name).join('\n  ')}`);
  process.exit(2);
}
const startMs = performance.now();
const tell = (text: string) => console.error(`${Math.round((performance.now() - startMs) / 1_000)}s ${text}`);
const rows = await playMatrix(tell, chosen);
console.log(`idle.timeout ${TIMEOUT_MS / 1_000}s; seconds after the begin of the watch\n\n${matrixTable(rows)}`);
process.exitCode = rows.every(({ situation, ours }) => isRight(situation, ours)) ? 0 : 1;
