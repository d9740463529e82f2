import { spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { makeSemaphore } from '../lib/async.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Identity } from '../model/fitted.ts';
import { FOLDER } from './folder.ts';

/**
 * Runs as the owner, in the home: what the owner may not touch, this may not either, whatever links are laid out. The
 * new text is written beside the file and takes its place; `$3` bytes of the old one follow it, unless it begins alike.
 */
const script = `
set -eu
umask 077
[ ! -L ${FOLDER} ] || exit 3
[ -d ${FOLDER} ] || mkdir ${FOLDER}
cd -P ${FOLDER}
[ "$(pwd -P)" = "$1/${FOLDER}" ] || exit 3
if [ -d "$2" ] && [ ! -L "$2" ]; then exit 4; fi
new=.$2.$$
trap 'rm -f -- "$new"' EXIT
set -C
cat > "$new"
set +C
if [ "$3" != 0 ] && [ -f "$2" ] && [ ! -L "$2" ]; then
  IFS= read -r now < "$new" || :
  IFS= read -r before < "$2" || :
  [ "$now" != "$before" ] || exit 0
  { echo; head -c "$3" "$2"; } >> "$new"
fi
mv -f -T -- "$new" "$2"
`;

const DEADLINE_MS = 10_000;
/** Many workspaces may stop at once; each note is a process. */
const WIDTH = 4;
const why: Record<number, string> = {
  3: `${FOLDER} in the home is a link`,
  4: 'a folder is in its place',
};

export type Note = {
  home: string;
  identity: Pick<Identity, 'uid' | 'gid'>;
  name: string;
  text: string;
  /** How much of the text before is kept below the new one; 0 = none. */
  keepBytes: number;
};

const limited = makeSemaphore(WIDTH);

/**
 * Writes `<home>/.workdock/<name>` as the owner of the home.
 * @throws HOME_UNUSABLE when it cannot be done; nothing is half written then.
 */
export const writeNote = (note: Note): Promise<void> => limited(() => write(note));

async function write({ home, identity: { uid, gid }, name, text, keepBytes }: Note): Promise<void> {
  const fail = (reason: string, cause?: unknown): never => {
    const hint = 'the owner can remove what is in the way; it is written again at the next occasion';
    throw new WorkdockError('HOME_UNUSABLE', `cannot write ${FOLDER}/${name} in ${home}: ${reason}`, { hint, cause });
  };
  const real = await realpath(home).catch((error: NodeJS.ErrnoException) => fail(`${error.code}`, error));
  // The child changes into the home before it becomes its owner: folders above may be closed to them.
  const child = spawn('/bin/sh', ['-c', script, 'workdock', real, name, String(keepBytes)], {
    cwd: home,
    uid,
    gid,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(0, 500);
  });
  child.stdin.on('error', () => undefined); // it ended early: its code tells
  child.stdin.end(text);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...ended) => resolve(ended));
  }).catch((error: NodeJS.ErrnoException) => fail(`${error.code}`, error));
  if (code !== 0) fail(why[code ?? -1] ?? (said.trim().split('\n').at(-1) || `it took too long (${signal})`));
}
