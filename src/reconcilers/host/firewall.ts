import { type ExecFileException, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import {
  compareRules,
  type Difference,
  desiredRules,
  type GuardEntry,
  isEmpty,
  parseRules,
  restoreScript,
} from './firewall-rules.ts';

export type GuardState = { ok: true } | { ok: false; reason: string; message: string };

type Ran = { ok: true; out: string } | { ok: false; reason: string; message: string };
type Deps = { instanceUid: string; clock: Clock; procRoot?: string };

const DEADLINE_MS = 15_000;
const LOCK_SECONDS = '10';
/** How long one answer of `check` serves: many starts at once need one look, not one each. */
const FRESH_MS = 1_000;

function failure(error: ExecFileException, stderr: string): Ran {
  const text = stderr.trim().split('\n')[0] ?? '';
  if (error.code === 'ENOENT')
    return {
      ok: false,
      reason: 'IptablesMissing',
      message: 'iptables is not installed: install it (apt install iptables)',
    };
  if (error.code === 'EACCES' || /Permission denied|must be root/.test(stderr))
    return { ok: false, reason: 'NotPermitted', message: 'no permission to use iptables: run the controller as root' };
  return { ok: false, reason: 'RulesFailed', message: `iptables failed: ${text || error.message}` };
}

/** Never through a shell; waits for the lock that other programs hold on the tables. */
const run = (command: string, args: string[], input = ''): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(command, args, { timeout: DEADLINE_MS, maxBuffer: 64 << 20 }, (error, out, stderr) => {
      resolve(error ? failure(error, stderr) : { ok: true, out });
    });
    child.stdin?.on('error', () => {}); // it may end before it has read all; its exit code tells
    child.stdin?.end(input);
  });

function problemOf(difference: Difference): GuardState {
  if (isEmpty(difference)) return { ok: true };
  const [chain] = difference.missingChains;
  if (chain !== undefined) {
    const message = `the engine keeps no chain ${chain}: let it manage iptables, and restart it`;
    return { ok: false, reason: 'EngineChainMissing', message };
  }
  const message = 'rules that keep workspaces from the host and from each other are missing: they are put back';
  return { ok: false, reason: 'RulesMissing', message };
}

/** Keeps an instance's rules true. Only its own two chains and the two jumps into them are ever written. */
export function makeFirewall({ instanceUid, clock, procRoot = '/proc' }: Deps) {
  let wanted = desiredRules(instanceUid, []);
  let last: { at: number; state: Promise<GuardState> } | undefined;

  /** Without it the bridge carries traffic between its ports past all rules. */
  const bridgeFiltered = async (): Promise<GuardState> => {
    const path = `${procRoot}/sys/net/bridge/bridge-nf-call-iptables`;
    if ((await readFile(path, 'utf8').catch(() => '')).trim() === '1') return { ok: true };
    const message =
      'the kernel does not filter bridges: modprobe br_netfilter, sysctl net.bridge.bridge-nf-call-iptables=1';
    return { ok: false, reason: 'BridgeNotFiltered', message };
  };
  const compare = async (): Promise<{ difference: Difference } | { failed: GuardState }> => {
    const listed = await run('iptables', ['-w', LOCK_SECONDS, '-S']);
    return listed.ok ? { difference: compareRules(wanted, parseRules(listed.out)) } : { failed: listed };
  };
  const look = async (): Promise<GuardState> => {
    const filtered = await bridgeFiltered();
    if (!filtered.ok) return filtered;
    const now = await compare();
    return 'failed' in now ? now.failed : problemOf(now.difference);
  };
  const mend = async (): Promise<GuardState> => {
    const now = await compare();
    if ('failed' in now) return now.failed;
    if (now.difference.missingChains.length > 0) return problemOf(now.difference);
    if (isEmpty(now.difference)) return bridgeFiltered();
    const script = restoreScript(wanted, now.difference);
    const written = await run('iptables-restore', ['-w', LOCK_SECONDS, '--noflush'], script);
    return written.ok ? look() : written;
  };

  return {
    /** Are all rules there now? Looked at at most once a second; writes nothing. */
    check: (): Promise<GuardState> => {
      if (last === undefined || clock.monotonic() - last.at > FRESH_MS) last = { at: clock.monotonic(), state: look() };
      return last.state;
    },
    /** Makes the rules fit `entries`, the complete list, and says whether they do. */
    ensure: async (entries: readonly GuardEntry[]): Promise<GuardState> => {
      wanted = desiredRules(instanceUid, entries);
      last = undefined;
      return mend();
    },
  };
}

export type Firewall = ReturnType<typeof makeFirewall>;
