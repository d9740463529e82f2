import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Says which tests were skipped and why, and leaves `passed failed skipped` for scripts/lib/suites.sh. */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that cannot be loaded has no test to fail, an error outside a test belongs to none: each counts as one.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    for (const test of tests) {
      const result = test.result();
      if (result.state !== 'skipped') continue;
      console.log(`skipped: ${test.fullName} (${result.note ?? 'no reason given'})`);
    }
    const counts = [count('passed'), count('failed') + count('pending') + broken, count('skipped')];
    const file = process.env['WORKDOCK_TEST_RESULT'];
    if (file) writeFileSync(file, `${counts.join(' ')}\n`);
  }
}
