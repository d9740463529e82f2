import { expect, test } from 'vitest';
import { branchProblem, parseRemote } from '../../src/lib/git-remote.ts';

const of = (text: string) => {
  const parsed = parseRemote(text, '/srv/config');
  return parsed.ok ? `${parsed.remote.protocol} ${parsed.remote.url}` : `refused: ${parsed.message}`;
};

test.each([
  ['ssh://git@host.example:2222/lab/specs.git', 'ssh ssh://git@host.example:2222/lab/specs.git'],
  ['git@host.example:lab/specs.git', 'ssh git@host.example:lab/specs.git'],
  ['host.example:specs', 'ssh host.example:specs'],
  ['git@[2001:db8::1]:specs', 'ssh git@[2001:db8::1]:specs'],
  ['https://host.example/lab/specs.git', 'https https://host.example/lab/specs.git'],
  ['http://127.0.0.1:8080/specs', 'http http://127.0.0.1:8080/specs'],
  ['git://127.0.0.1/specs', 'git git://127.0.0.1/specs'],
  ['file:///srv/specs.git', 'file file:///srv/specs.git'],
  ['/srv/my specs', 'file /srv/my specs'],
  ['../specs', 'file /srv/specs'],
  ['specs.git', 'file /srv/config/specs.git'],
  ['./a:b', 'file /srv/config/a:b'],
])('%s is %s', (text, expected) => {
  expect(of(text)).toBe(expected);
});

test.each([
  '-uupload-pack',
  '--upload-pack=touch x',
  'ext::sh -c touch% x',
  'fd::17',
  'foo::bar',
  '::',
  'ext://host/x',
  'ftp://host/specs',
  'javascript://host/x',
  'https://ada:secret@host/specs',
  'https://secret-token@host/specs',
  'http://secret-token@host/specs',
  'https://ada%3Asecret@host/specs',
  'https://host/specs?private_token=secret',
  'https://host/specs#secret',
  'ssh://git:secret@host/specs',
  'ssh://git%3Asecret@host/specs',
  'ssh://-oProxyCommand=touch/x',
  'ssh://git@-oProxyCommand=x/y',
  '-oProxyCommand=x:y',
  'git@-oProxyCommand=x:y',
  'https:///nohost',
  'https://host/with blank',
  'git@host:with blank',
  'file://host/path',
  '/srv/new\nline',
  '',
])('%j is refused', (text) => {
  expect(of(text)).toMatch(/^refused: \w+ /);
});

test('what is refused is never printed with its password', () => {
  expect(JSON.stringify(parseRemote('https://ada:secret@host/specs', '/'))).not.toContain('secret');
});

test.each(['main', 'release/1.2', 'ada_2', 'caf\u00e9', '1'])('%s is a branch', (name) => {
  expect(branchProblem(name)).toBeUndefined();
});
test.each(
  ['-x', '--upload-pack=x', '', '@', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'a?', '*', 'a[', 'a\\b', '/a', 'a/'].concat([
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a@{1}',
    'a\nb',
    'x'.repeat(201),
  ]),
)('%j is no branch', (name) => {
  expect(branchProblem(name)).toMatch(/branch/);
});
