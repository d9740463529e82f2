import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What a program does to files, call by call. `NEW`, `OLD`, `HEAD` and `TAIL` stand for what the file is to have, had,
 * and the halves of what it is to have. */
export type Act =
  | ['put', path: string, text: string] // open(O_CREAT|O_TRUNC), write, close
  | ['over', path: string, text: string] // open(O_WRONLY), write: what is behind it stays
  | ['cut', path: string] // ftruncate to what was written
  | ['append', path: string, text: string]
  | ['move', from: string, to: string]
  | ['drop', path: string]
  | ['link', path: string, target: string]
  | ['wait', ms: number];

const swap: Act[] = [
  ['put', '.ada.yaml.swp', ''],
  ['put', '.ada.yaml.swx', ''],
  ['drop', '.ada.yaml.swx'],
  ['drop', '.ada.yaml.swp'],
  ['put', '.ada.yaml.swp', 'b0VIM 9.0'],
];
const trial: Act[] = [
  ['put', '4913', ''],
  ['drop', '4913'],
];
const emacsLock: Act = ['link', '.#ada.yaml', 'ada@lab.example.org.4711:1764000000'];

/**
 * How editors and copying programs save `ada.yaml`. Source of each: the system calls that strace saw of the version
 * named (Debian 12), or the program's own source.
 */
export const saves: Record<string, Act[]> = {
  // vim 9.0.1378, `set backupskip=`: the default spares /tmp, where a test would see no backup at all.
  'vim, backupcopy=yes': [
    ...swap,
    ['put', 'ada.yaml~', 'OLD'],
    ['put', 'ada.yaml', 'NEW'],
    ['drop', 'ada.yaml~'],
    ['drop', '.ada.yaml.swp'],
  ],
  'vim, backupcopy=no': [
    ...swap,
    ['move', 'ada.yaml', 'ada.yaml~'],
    ['put', 'ada.yaml', ''],
    ['wait', 20],
    ['append', 'ada.yaml', 'NEW'],
    ['drop', 'ada.yaml~'],
    ['drop', '.ada.yaml.swp'],
  ],
  'vim, backupcopy=auto': [
    ...swap,
    ...trial,
    ['move', 'ada.yaml', 'ada.yaml~'],
    ['put', 'ada.yaml', ''],
    ['append', 'ada.yaml', 'NEW'],
    ['drop', 'ada.yaml~'],
    ['drop', '.ada.yaml.swp'],
  ],
  'vim, backup kept': [
    ...swap,
    ['move', 'ada.yaml', 'ada.yaml~'],
    ['put', 'ada.yaml', 'NEW'],
    ['drop', '.ada.yaml.swp'],
  ],
  // GNU Emacs 28: src/filelock.c (a link to nothing while the buffer differs), lisp/files.el (backup by renaming).
  'emacs, backup by renaming': [
    emacsLock,
    ['put', '#ada.yaml#', 'NEW'],
    ['wait', 30],
    ['move', 'ada.yaml', 'ada.yaml~'],
    ['put', 'ada.yaml', ''],
    ['wait', 20],
    ['append', 'ada.yaml', 'NEW'],
    ['drop', '.#ada.yaml'],
    ['drop', '#ada.yaml#'],
  ],
  'emacs, backup by copying': [
    emacsLock,
    ['put', 'ada.yaml~', 'OLD'],
    ['put', 'ada.yaml', 'NEW'],
    ['drop', '.#ada.yaml'],
  ],
  // nano 7.2, without and with -B.
  nano: [['put', 'ada.yaml', 'NEW']],
  'nano -B': [
    ['put', 'ada.yaml~', 'OLD'],
    ['put', 'ada.yaml', 'NEW'],
  ],
  // VS Code: src/vs/platform/files/node/diskFileSystemProvider.ts, doWriteFile and doWriteFileAtomic.
  'VS Code, in place': [
    ['put', 'ada.yaml', ''],
    ['wait', 30],
    ['append', 'ada.yaml', 'HEAD'],
    ['wait', 30],
    ['append', 'ada.yaml', 'TAIL'],
  ],
  'VS Code, atomic': [
    ['put', 'ada.yaml.vsctmp', 'NEW'],
    ['wait', 30],
    ['move', 'ada.yaml.vsctmp', 'ada.yaml'],
  ],
  // GNU sed 4.9.
  'sed -i': [
    ['put', 'sedAbCdEf', 'NEW'],
    ['move', 'sedAbCdEf', 'ada.yaml'],
  ],
  'sed -i.orig': [
    ['put', 'sedAbCdEf', 'NEW'],
    ['move', 'ada.yaml', 'ada.yaml.orig'],
    ['wait', 20],
    ['move', 'sedAbCdEf', 'ada.yaml'],
  ],
  // rsync 3.5.0.
  rsync: [
    ['put', '.ada.yaml.eWI8rR', 'HEAD'],
    ['wait', 100],
    ['append', '.ada.yaml.eWI8rR', 'TAIL'],
    ['move', '.ada.yaml.eWI8rR', 'ada.yaml'],
  ],
  'rsync --inplace': [
    ['over', 'ada.yaml', 'HEAD'],
    ['wait', 50],
    ['over', 'ada.yaml', 'NEW'],
    ['cut', 'ada.yaml'],
  ],
  'rsync --delay-updates': [
    ['put', '.~tmp~/ada.yaml', 'NEW'],
    ['wait', 100],
    ['move', '.~tmp~/ada.yaml', 'ada.yaml'],
  ],
  // OpenSSH 9.2: sftp-server.c truncates first, scp.c (-O) last.
  'scp, in pieces': [
    ['put', 'ada.yaml', 'HEAD'],
    ['wait', 80],
    ['append', 'ada.yaml', 'TAIL'],
  ],
  'scp -O, in pieces': [
    ['over', 'ada.yaml', 'HEAD'],
    ['wait', 80],
    ['over', 'ada.yaml', 'NEW'],
    ['cut', 'ada.yaml'],
  ],
  // A slow line: half a file is at rest for longer than it takes to settle, and has no newline at its end.
  'scp, a pause in the middle of a line': [
    ['put', 'ada.yaml', 'CUT'],
    ['wait', 900],
    ['append', 'ada.yaml', 'REST'],
  ],
  // python: os.replace of a file in the same folder that is named like a spec.
  'a temporary file named like a spec, hidden': [
    ['put', '.tmp.yaml', 'NEW'],
    ['move', '.tmp.yaml', 'ada.yaml'],
  ],
  'removed, and written again': [
    ['drop', 'ada.yaml'],
    ['wait', 300],
    ['put', 'ada.yaml', 'NEW'],
  ],
};

/** Does it in a folder, with the texts before and after. */
export async function replay(acts: Act[], folder: string, texts = { old: '', new: '' }): Promise<void> {
  const half = texts.new.indexOf('\n', texts.new.length / 2) + 1;
  const middle = half + 5;
  const known: Record<string, string> = {
    OLD: texts.old,
    NEW: texts.new,
    HEAD: texts.new.slice(0, half),
    TAIL: texts.new.slice(half),
    CUT: texts.new.slice(0, middle),
    REST: texts.new.slice(middle),
  };
  const at = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  for (const act of acts) {
    if (act[0] === 'wait') await pause(act[1]);
    else if (act[0] === 'put') writeFileSync(at(act[1]), known[act[2]] ?? act[2]);
    else if (act[0] === 'over') overwrite(at(act[1]), known[act[2]] ?? act[2]);
    else if (act[0] === 'cut') truncateSync(at(act[1]), Buffer.byteLength(texts.new));
    else if (act[0] === 'append') appendFileSync(at(act[1]), known[act[2]] ?? act[2]);
    else if (act[0] === 'move') renameSync(at(act[1]), at(act[2]));
    else if (act[0] === 'drop') unlinkSync(at(act[1]));
    else symlinkSync(act[2], at(act[1]));
  }
}

function overwrite(path: string, text: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, text, 0);
  closeSync(file);
}
