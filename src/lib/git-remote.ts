import { isAbsolute, resolve } from 'node:path';

/** A repository to fetch from. `url` is what git gets; `protocol` is the only one that git may speak on the way. */
export type GitRemote = { url: string; protocol: GitProtocol };
export const gitProtocols = ['ssh', 'https', 'http', 'git', 'file'] as const;
export type GitProtocol = (typeof gitProtocols)[number];

const known: readonly string[] = gitProtocols;
const forms = 'write ssh://git@host/path, git@host:path, https://host/path or a folder';

const otherWays = 'use an ssh key (source.key), or ~/.netrc for https';

const refused = (message: string, suggestion = forms) => ({ ok: false as const, message, suggestion });

/**
 * A URL, the short form of ssh, or a path (relative to `folder`), as git understands them, less everything with which a
 * repository's address can run a program: options (`-u…`), transports of helpers (`ext::sh -c …`), hosts that are
 * options of ssh. Passwords and tokens are refused because the address is shown to people; on the web a token is often
 * written in the place of the user.
 */
export function parseRemote(text: string, folder: string) {
  if (text.startsWith('-')) return refused('a repository does not begin with a dash');
  if (/^[A-Za-z0-9+.-]*::/.test(text)) return refused('a transport that runs a program is not spoken');
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text) || (text.includes(' ') && !isPath(text)))
    return refused('a URL has no blanks or control characters');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme !== undefined) return fromUrl(text, scheme);
  if (!isPath(text)) return fromShort(text);
  return { ok: true as const, remote: { url: resolve(folder, text), protocol: 'file' as const } };
}

/** No colon before the first slash: `./specs`, `/srv/git/specs.git`, `../a:b`. */
const isPath = (text: string): boolean => isAbsolute(text) || /^[^:]*(\/|$)/.test(text);

function fromUrl(text: string, scheme: string) {
  if (!known.includes(scheme)) return refused(`${scheme} is not a protocol that is spoken`);
  const protocol = scheme as GitProtocol;
  const remote = { url: text, protocol };
  const rest = text.slice(scheme.length + 3);
  if (protocol === 'file') return rest.startsWith('/') ? { ok: true as const, remote } : refused('a path is missing');
  const authority = rest.split('/', 1)[0]!;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const user = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0));
  if (/:|%3a/i.test(user)) return refused('a password does not belong in a URL', otherWays);
  if (protocol === 'https' || protocol === 'http') {
    if (user !== '') return refused('a user or token does not belong in a URL of https', otherWays);
    if (/[?#]/.test(rest)) return refused('the address of a repository has no ? and no #', otherWays);
  }
  if (host === '' || host.startsWith('-') || user.startsWith('-')) return refused('the host is missing or an option');
  return { ok: true as const, remote };
}

/** `git@host:path`, without a scheme. */
function fromShort(text: string) {
  const [, user, host] = /^(?:([^@:/]+)@)?([^@:/]+|\[[0-9a-fA-F:]+\]):(?!\/\/)./.exec(text) ?? [];
  if (host === undefined) return refused('this is not the address of a repository');
  if (host.startsWith('-') || user?.startsWith('-')) return refused('the host is missing or an option');
  return { ok: true as const, remote: { url: text, protocol: 'ssh' as const } };
}

/**
 * Why this is not the name of a branch; undefined when it is.
 * @see git-check-ref-format(1), and no dash first, which only options have.
 */
export function branchProblem(name: string): string | undefined {
  if (name.startsWith('-')) return 'a branch does not begin with a dash';
  if (name === '' || name === '@' || name.length > 200) return 'a branch has 1 to 200 characters';
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|[/.]$/.test(name)) return 'this cannot be the name of a branch';
  if (name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock')))
    return 'this cannot be the name of a branch';
  return undefined;
}
