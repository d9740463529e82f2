import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGitHttp } from '../support/git-http.ts';
import { watchGit } from '../support/git-source.ts';
import { makeRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/scans.ts';

test('over http the token comes from ~/.netrc, and without one nobody is asked', async () => {
  const repository = makeRepository();
  repository.write('workspaces/ada.yaml', '1\n');
  repository.commit();
  const { url } = await openGitHttp(repository.root, { name: 'ada', password: 'token' });
  const home = temporaryFolder();
  const env = { ...process.env, HOME: home };
  const nobody = await watchGit({ url, env });
  expect(await nobody.fails('FetchFailed')).toContain('check source.git');
  writeFileSync(join(home, '.netrc'), 'machine 127.0.0.1 login ada password token\n', { mode: 0o600 });
  await nobody.has('workspaces/ada.yaml', '1\n');
  repository.write('workspaces/ada.yaml', '2\n');
  repository.commit();
  await nobody.has('workspaces/ada.yaml', '2\n');
});
