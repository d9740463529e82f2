import { spawn } from 'node:child_process';
import { WorkdockError } from '../../lib/errors.ts';
import { chains, difference, type Rules, rulesOf } from './rules.ts';

const DEADLINE_MS = 10_000;
/** Seconds to wait for the lock that other users of the tables hold. */
const LOCK_SECONDS = '5';

function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { PATH: path, LC_ALL: 'C' }, timeout: DEADLINE_MS });
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(errors.trim() || `exit ${code}`))));
    child.stdin.on('error', () => undefined).end(input);
  });
}

function explain(cause: unknown): WorkdockError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === 'ENOENT';
  const text = missing ? 'iptables is not installed' : `the firewall cannot be read or changed: ${message}`;
  const hint = missing
    ? 'apt-get install iptables'
    : 'run the controller as root, on a host whose Docker uses iptables';
  return new WorkdockError('ENGINE_REFUSED', text, { hint, cause });
}

/** The host's packet filter, through the iptables commands that Docker itself uses. Touches rules with our tag only. */
export const makeFirewall = (tag: string) => {
  const missing = async (wanted: Rules): Promise<string[]> => {
    const lines: string[] = [];
    for (const chain of chains) {
      const listing = await run('iptables', ['-w', LOCK_SECONDS, '-S', chain]);
      lines.push(...difference(chain, wanted[chain], rulesOf(listing, chain), tag));
    }
    return lines;
  };
  return {
    /** True when every rule is in its place. Throws when that cannot be told. */
    holds: (wanted: Rules): Promise<boolean> =>
      missing(wanted).then(
        (lines) => lines.length === 0,
        (cause: unknown) => {
          throw explain(cause);
        },
      ),
    /** Brings ours into place in one commit; tells whether anything was amiss. */
    ensure: async (wanted: Rules): Promise<boolean> => {
      try {
        const lines = await missing(wanted);
        if (lines.length === 0) return false;
        const text = ['*filter', ...lines, 'COMMIT', ''].join('\n');
        await run('iptables-restore', ['-w', LOCK_SECONDS, '--noflush'], text);
        return true;
      } catch (cause) {
        throw explain(cause);
      }
    },
  };
};
export type Firewall = ReturnType<typeof makeFirewall>;
