import { isRight, playMatrix } from './matrix.ts';
import { matrixTable } from './print.ts';
import { TIMEOUT_MS } from './situation.ts';

const startMs = performance.now();
const rows = await playMatrix((text) => console.error(`${Math.round((performance.now() - startMs) / 1_000)}s ${text}`));
console.log(`idle.timeout ${TIMEOUT_MS / 1_000}s; seconds after the begin of the watch\n\n${matrixTable(rows)}`);
process.exitCode = rows.every(({ situation, ours }) => isRight(situation, ours)) ? 0 : 1;
