import { WorkdockError } from '../../lib/errors.ts';
import type { Fitted } from '../../model/fitted.ts';

/** Text of a container's /etc/passwd and /etc/group. */
export type Accounts = { passwd: string; group: string };
export type AccountOwner = Pick<Fitted, 'owner' | 'identity' | 'groups' | 'home'> & { shell: string };

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
const textOf = (lines: string[]) => `${lines.join('\n')}\n`;
const field = (line: string, index: number) => line.split(':')[index] ?? '';
const NAME = 0;
const NUMBER = 2;
const MEMBERS = 3;

/**
 * @throws OWNER_RESERVED when the image has an account of the owner's name with another uid: inside, the owner would
 * be taken for it (root, daemon, …).
 */
export function refuseReserved(image: Accounts, { owner, identity }: AccountOwner): void {
  const line = linesOf(image.passwd).find((entry) => field(entry, NAME) === owner);
  if (line === undefined || Number(field(line, NUMBER)) === identity.uid) return;
  throw new WorkdockError('OWNER_RESERVED', `${owner} is an account of the image, with uid ${field(line, NUMBER)}`, {
    hint: 'choose another owner name, or give the owner that uid in the config under users',
  });
}

/**
 * `*` and not `x`: PAM then asks no /etc/shadow, which has no line for the owner, and sudo works. Whoever has the same
 * uid further down is hidden: the first line with a uid is its name.
 */
function passwdLines(lines: string[], { owner, identity, home, shell }: AccountOwner): string[] {
  const isMine = (line: string) =>
    field(line, NAME) === owner &&
    Number(field(line, NUMBER)) === identity.uid &&
    Number(field(line, 3)) === identity.gid;
  const first = lines.find((line) => Number(field(line, NUMBER)) === identity.uid);
  if (first !== undefined && isMine(first)) return lines;
  const line = `${owner}:*:${identity.uid}:${identity.gid}::${home.mountPath}:${shell}`;
  return [line, ...lines.filter((entry) => field(entry, NAME) !== owner)];
}

function groupLines(lines: string[], { owner, identity, groups }: AccountOwner): string[] {
  const all = [...lines];
  const names = new Set(all.map((line) => field(line, NAME)));
  const add = (gid: number, wanted: string, members: string) => {
    const name = names.has(wanted) ? `grp${gid}` : wanted;
    names.add(name);
    all.push(`${name}:x:${gid}:${members}`);
  };
  if (!all.some((line) => Number(field(line, NUMBER)) === identity.gid)) add(identity.gid, owner, '');
  for (const gid of new Set([...identity.groups, ...groups])) {
    const at = all.findIndex((line) => Number(field(line, NUMBER)) === gid);
    if (at < 0) add(gid, `grp${gid}`, owner);
    else if (gid !== identity.gid) all[at] = withMember(all[at]!, owner);
  }
  return all;
}

/** Login programs (sudo, sshd) build the group list from these lines, not from the container's. */
function withMember(line: string, owner: string): string {
  const members = field(line, MEMBERS).split(',').filter(Boolean);
  if (members.includes(owner)) return line;
  return [...line.split(':').slice(0, MEMBERS), [...members, owner].join(',')].join(':');
}

/** The files with the owner in them. Lines that others added stay; the same input again gives the same text. */
export const withOwner = (accounts: Accounts, owner: AccountOwner): Accounts => ({
  passwd: textOf(passwdLines(linesOf(accounts.passwd), owner)),
  group: textOf(groupLines(linesOf(accounts.group), owner)),
});
