import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const iptables = async (...args: string[]): Promise<string> => {
  const { stdout } = await run('iptables', ['-w', '10', ...args]);
  return stdout;
};

const words = (rule: string) => (rule.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));

/** Takes an instance's jumps and chains away again. Labs and tests end with it, so that the host stays as it was. */
export async function dropGuard(instanceUid: string): Promise<void> {
  const rules = (await iptables('-S')).split('\n');
  const jumps = rules.filter(
    (rule) => /^-A (INPUT|DOCKER-USER) /.test(rule) && rule.includes(`workdock:${instanceUid}`),
  );
  for (const rule of jumps) await iptables('-D', ...words(rule).slice(1)).catch(() => undefined);
  const chains = rules.flatMap((rule) => /^-N (WD-\S+)$/.exec(rule)?.[1] ?? []);
  const own = chains.filter((chain) => chain.startsWith(`WD-${instanceUid.slice(0, 8)}-`));
  for (const chain of own) await iptables('-F', chain).then(() => iptables('-X', chain));
}
