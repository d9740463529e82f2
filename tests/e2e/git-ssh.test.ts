import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchGit } from '../support/git-source.ts';
import { makeRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/scans.ts';
import { openSshServer } from '../support/ssh-server.ts';

test('a private repository is read with its key, from a host that is known, and with nothing else', async () => {
  const repository = makeRepository();
  repository.write('workspaces/ada.yaml', '1\n');
  repository.commit();
  const { url, key, stranger, knownHosts } = await openSshServer(repository.root);
  const good = await watchGit({ url, key, knownHosts });
  await good.has('workspaces/ada.yaml', '1\n');
  repository.write('workspaces/ada.yaml', '2\n');
  repository.commit();
  await good.has('workspaces/ada.yaml', '2\n');
  await good.source.close();

  const wrongKey = await watchGit({ url, key: stranger, knownHosts });
  expect(await wrongKey.fails('FetchFailed')).toMatch(/Permission denied.*check source.git, source.key/);
  await wrongKey.source.close();

  const nowhere = join(temporaryFolder(), 'known hosts, 100% "none"'.replaceAll('"', ''));
  writeFileSync(nowhere, '');
  const unknownHost = await watchGit({ url, key, knownHosts: nowhere });
  expect(await unknownHost.fails('FetchFailed')).toMatch(/Host key verification failed.*ssh-keyscan/);
  await unknownHost.source.close();

  // Another machine answers than the one that is known: to learn its key would be the wrong advice.
  const changed = join(temporaryFolder(), 'changed');
  writeFileSync(
    changed,
    `${readFileSync(knownHosts, 'utf8').split(' ')[0]} ${readFileSync(`${stranger}.pub`, 'utf8')}`,
  );
  const other = await watchGit({ url, key, knownHosts: changed });
  expect(await other.fails('FetchFailed')).toMatch(
    /has changed and you have requested.*compare its fingerprint with its owner's, above all when it has changed/,
  );
  await other.source.close();

  // A folder with blanks and signs that mean something to a shell and to ssh.
  const odd = join(temporaryFolder(), "it's 100%d $(touch x)");
  copyFileSync(key, odd);
  chmodSync(odd, 0o600);
  const oddKey = await watchGit({ url, key: odd, knownHosts });
  await oddKey.has('workspaces/ada.yaml', '2\n');
  await oddKey.source.close();

  chmodSync(key, 0o644);
  const open = await watchGit({ url, key, knownHosts });
  expect(await open.fails('KeyUnusable')).toContain(`chmod 600 ${key}`);
  const none = await watchGit({ url, key: `${key}-gone`, knownHosts });
  expect(await none.fails('KeyUnusable')).toContain('is not there');
}, 120_000);
