import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replay, saves } from '../support/saves.ts';
import { type Case, type Stage, sourceCases } from '../support/source-cases.ts';
import { saying } from '../support/watch-specs.ts';

const lines = Array.from({ length: 120 }, (_, i) => `# line ${i}`).join('\n');
const text = (pids: number): string => `${lines}\n${saying('ada', pids)}`;

/** Ada's file is saved, and nothing else may happen: one change, nobody is missing in between. */
const saved = (save: (stage: Stage) => Promise<void> | void): Case => ({
  start: { 'specs/ada.yaml': text(100), 'specs/bob.yaml': saying('bob', 100) },
  act: save,
  generations: [
    { ada: 100, bob: 100 },
    { ada: 200, bob: 100 },
  ],
});

const replayed = Object.entries(saves).map(([name, acts]): [string, Case] => [
  `${name} (its calls)`,
  saved(({ specs }) => replay(acts, specs, { old: text(100), new: text(200) })),
]);

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore', timeout: 20_000 });
const vim = (backupcopy: string): Case =>
  saved(({ specs }) => {
    // Of the temporary folder vim makes no backups unless told to.
    const set = `set backupskip= backupcopy=${backupcopy} writebackup`;
    run(
      'vim',
      '-Nes',
      '-u',
      'NONE',
      '-i',
      'NONE',
      '-c',
      set,
      '-c',
      '%s/pids: 100/pids: 200/',
      '-c',
      'wq',
      `${specs}/ada.yaml`,
    );
  });
const copied = (...command: [string, ...string[]]): Case =>
  saved(({ above, specs }) => {
    writeFileSync(join(above, 'ada.yaml'), text(200));
    run(...command, join(above, 'ada.yaml'), `${specs}/`);
  });

/** Programs that a machine may lack: what they do is replayed all the same. */
const real: [string, string, Case][] = [
  ['vim', 'vim, backupcopy=yes (the program)', vim('yes')],
  ['vim', 'vim, backupcopy=no (the program)', vim('no')],
  ['vim', 'vim, backupcopy=auto (the program)', vim('auto')],
  [
    'sed',
    'sed -i (the program)',
    saved(({ specs }) => void run('sed', '-i', 's/pids: 100/pids: 200/', `${specs}/ada.yaml`)),
  ],
  ['rsync', 'rsync (the program)', copied('rsync', '-a')],
  ['rsync', 'rsync --inplace (the program)', copied('rsync', '-a', '--inplace')],
  ['scp', 'scp (the program)', copied('scp', '-q')],
  ['cp', 'cp (the program)', copied('cp')],
];
const programs = real.filter(([program]) => existsSync(`/usr/bin/${program}`) || existsSync(`/bin/${program}`));

sourceCases(Object.fromEntries([...replayed, ...programs.map(([, name, each]): [string, Case] => [name, each])]));
