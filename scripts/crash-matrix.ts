import { crashMatrix, isFailure, type Row, renderMatrix } from '../tests/support/crash-matrix.ts';

/**
 * `npm run crash-matrix [PART OF A SCENARIO'S NAME]`: kills the controller before, during and after every call of the
 * engine that changes something, and before and after everything that makes a write last, and shows how long it took to
 * converge after its restart. Exit 1 when anything went wrong.
 */
const beganMs = performance.now();
let done = 0;
const onRow = ({ scenario, when, what, result, reached }: Row, of: number) => {
  done += 1;
  const outcome = typeof result === 'string' ? 'FAILED' : reached ? `${result} ms` : 'not reached';
  process.stderr.write(`${done} of ${of}: ${scenario}, ${when} ${what}: ${outcome}\n`);
};
const rows = await crashMatrix({ only: process.argv[2] ?? '', onRow });
process.stdout.write(`${renderMatrix(rows)}\n`);
const failures = rows.filter(isFailure);
for (const { scenario, what, when, result } of failures) {
  process.stderr.write(`\n${scenario}, ${when} ${what}: ${result}\n`);
}
const killed = rows.filter(({ reached }) => reached).length;
const slowest = Math.max(0, ...rows.flatMap(({ result }) => (typeof result === 'number' ? [result] : [])));
const took = Math.round((performance.now() - beganMs) / 1_000);
process.stderr.write(`\n${killed} kills, ${failures.length} failures, slowest ${slowest} ms; took ${took} s\n`);
process.exitCode = failures.length > 0 ? 1 : 0;
