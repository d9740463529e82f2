import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const example = (name: string): unknown => parse(readFileSync(`examples/ci/${name}`, 'utf8'));

test('the examples for CI are YAML, run the check that is tested, and have the whole history', () => {
  expect(example('github.yaml')).toMatchObject({
    on: 'pull_request',
    permissions: { contents: 'read', 'pull-requests': 'write' },
    jobs: {
      plan: {
        steps: expect.arrayContaining([
          expect.objectContaining({ with: expect.objectContaining({ 'fetch-depth': 0 }) }),
          expect.objectContaining({ run: './ci/check HEAD > plan.md' }),
        ]),
      },
    },
  });
  expect(example('gitlab.yaml')).toMatchObject({
    workdock: {
      variables: { GIT_DEPTH: 0 },
      script: expect.arrayContaining(['./ci/check "$CI_COMMIT_SHA" > plan.md']),
    },
  });
  expect(statSync('examples/ci/check').mode & 0o111).toBe(0o111);
});
