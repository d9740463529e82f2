import { makeSemaphore } from '../lib/async.ts';
import { onDisk } from '../lib/disk.ts';
import { WorkdockError } from '../lib/errors.ts';
import { type Owner, runAsOwner } from './as-owner.ts';
import { FOLDER, withPlace } from './folder.ts';

/**
 * Runs as the owner; descriptor 3 is the home. What the owner may not touch, this may not either, whatever links are
 * laid out. The new text is written beside the file and takes its place; `$2` bytes of the old one follow it, unless
 * that begins with an entry of the same moment (the words of a first line up to its bracket).
 */
const script = `
set -eu
umask 077
cd -P /proc/self/fd/3
home=$(pwd -P)
[ ! -L ${FOLDER} ] || exit 3
[ -d ${FOLDER} ] || mkdir ${FOLDER}
cd -P ${FOLDER}
[ "$(pwd -P)" = "\${home%/}/${FOLDER}" ] || exit 3
if [ -d "$1" ] && [ ! -L "$1" ]; then exit 4; fi
new=.$1.$$
trap 'rm -f -- "$new"' EXIT
set -C
cat > "$new"
set +C
if [ "$2" != 0 ] && [ -f "$1" ] && [ ! -L "$1" ]; then
  now=$(head -c 300 "$new" | head -n 1)
  before=$(head -c 300 "$1" | head -n 1)
  [ "\${now%%)*}" != "\${before%%)*}" ] || exit 0
  { echo; head -c "$2" "$1"; } >> "$new"
fi
mv -f -T -- "$new" "$1"
`;

/** Later than the deadline of the process itself, which a disk that hangs may keep from ending. */
const GIVE_UP_MS = 12_000;
/** Many workspaces may stop at once; each note is a process. */
const WIDTH = 4;
const why: Record<number, string> = {
  3: `${FOLDER} in the home is a link`,
  4: 'a folder is in its place',
};

export type Note = {
  home: string;
  identity: Owner;
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

async function write(note: Note): Promise<void> {
  const { home, name } = note;
  const attempt = onDisk(home, () => withPlace(home, ({ fd }) => run(note, fd)), GIVE_UP_MS);
  const problem = await attempt.catch((error: NodeJS.ErrnoException) => error.code ?? String(error));
  if (problem === undefined) return;
  const hint = 'the owner can remove what is in the way; it is written again at the next occasion';
  throw new WorkdockError('HOME_UNUSABLE', `cannot write ${FOLDER}/${name} in ${home}: ${problem}`, { hint });
}

/** What went wrong, or undefined. */
async function run({ identity, name, text, keepBytes }: Note, homeFd: number): Promise<string | undefined> {
  const { code, signal, stderr } = await runAsOwner(identity, homeFd, {
    script,
    args: [name, String(keepBytes)],
    input: text,
  });
  if (code === 0) return undefined;
  return why[code ?? -1] ?? (stderr.trim().split('\n').at(-1) || `it took too long (${signal})`);
}
