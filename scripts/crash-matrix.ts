import { crashMatrix, isFailure, renderMatrix } from '../tests/support/crash-matrix.ts';

/**
 * `npm run crash-matrix [PART OF A SCENARIO'S NAME]`: kills the controller before, during and after every call that
 * changes something, and shows how long it took to converge after its restart. Exit 1 when anything went wrong.
 */
const rows = await crashMatrix({ only: process.argv[2] ?? '' });
process.stdout.write(`${renderMatrix(rows)}\n`);
const failures = rows.filter(isFailure);
for (const { scenario, call, when, result } of failures) {
  process.stderr.write(`\n${scenario}, ${when} ${call.number} ${call.what}: ${result}\n`);
}
process.exitCode = failures.length > 0 ? 1 : 0;
