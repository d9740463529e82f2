import { expect, test } from 'vitest';
import { withDashes } from '../../src/commands/exec-words.ts';

test.each([
  ['exec ada ls -l', 'exec ada -- ls -l'],
  ['exec -t -w /tmp -e A=b ada ls -w x', 'exec -t -w /tmp -e A=b ada -- ls -w x'],
  ['--state s exec --config c ada true', '--state s exec --config c ada -- true'],
  ['exec ada -w /tmp -- ls', 'exec ada -w /tmp -- ls'],
  ['exec ada -w /tmp ls -w x', 'exec ada -w /tmp -- ls -w x'],
  ['exec ada -tw /tmp --env A=b -eC=d -T pwd', 'exec ada -tw /tmp --env A=b -eC=d -T -- pwd'],
  ['exec ada git checkout -- file', 'exec ada -- git checkout -- file'],
  ['exec ada -- git checkout -- file', 'exec ada -- git checkout -- file'],
  ['exec -- ada ls', 'exec -- ada ls'],
  ['exec ada --', 'exec ada --'],
  ['exec ada', 'exec ada'],
  ['exec ada -w', 'exec ada -w'],
  ['exec --help', 'exec --help'],
  ['exec', 'exec'],
  ['get exec -o name', 'get exec -o name'],
  ['help exec', 'help exec'],
])('%s', (words, expected) => {
  expect(withDashes(words.split(' ')).join(' ')).toBe(expected);
});
