import { expect, test } from 'vitest';
import { openExec } from '../support/open-exec.ts';

test('the owner’s numbers and every group of the container', async () => {
  const { run, wanted } = await openExec({ groups: [3001, 3002] });
  const { uid, gid } = wanted.identity;
  const { out } = await run(['id', '-u']);
  expect(out).toBe(`${uid}\n`);
  expect((await run(['id', '-G'])).out).toBe(`${gid} 3001 3002\n`);
  expect((await run(['id', '-un'])).out).toBe('ada\n');
  expect((await run(['grep', 'NoNewPrivs', '/proc/self/status'])).out).toBe('NoNewPrivs:\t1\n');
});

test('what cannot be run is said in one line on stderr, with 126 or 127 as a shell has it', async () => {
  const { run } = await openExec();
  const said = await Promise.all([
    run(['no-such-program']),
    run(['/no/such/program']),
    run(['/etc/passwd']),
    run(['/etc']),
    run(['id'], { workingDir: '/no/such/folder' }),
    run(['id'], { user: 'nobody-of-this-name' }),
  ]);
  expect(said.map(({ out, code }) => [out, code])).toEqual([127, 127, 126, 126, 126, 126].map((code) => ['', code]));
  const [missing, absent, data, , folder, user] = said.map(({ err }) => err);
  expect(missing).toBe('workdock: cannot run no-such-program: executable file not found in $PATH\n');
  expect(absent).toMatch(/^workdock: cannot run \/no\/such\/program: .*no such file or directory\n$/);
  expect(data).toBe('workdock: cannot run /etc/passwd: permission denied\n');
  expect(folder).toBe('workdock: cannot run id: folder /no/such/folder: no such file or directory\n');
  expect(user).toMatch(/^workdock: cannot run id: .*nobody-of-this-name.*\n$/);
});

test('words of a program that sound like the engine’s are the program’s', async () => {
  const { run } = await openExec();
  const words = 'OCI runtime exec failed: exec failed: unable to start container process: unknown\r\n';
  expect(await run(['printf', '%s', words])).toEqual({ out: words, err: '', code: 0 });
  expect(await run(['sh', '-c', `printf '%s' '${words}'; exit 126`])).toEqual({ out: words, err: '', code: 126 });
});

test('arguments arrive as they are', async () => {
  const { run } = await openExec();
  const odd = ['', ' ', '$HOME', '*', "it's", 'a\nb', '-n', '\\', '\u{1f600}'];
  const script = 'for word; do printf "[%s]" "$word"; done';
  const expected = odd.map((word) => `[${word}]`).join('');
  expect((await run(['sh', '-c', script, 'sh', ...odd])).out).toBe(expected);
  const shown = await run(['sh', '-c', script, 'sh', ...odd], { terminal: { rows: 9, columns: 99 } });
  expect(shown.out.replaceAll('\r\n', '\n')).toBe(expected);
});
