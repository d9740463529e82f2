/** `network.allow` of one workspace: its fixed address and the host's `ip:port` it may reach. */
export type AllowEntry = { address: string; allow: readonly string[] };

export const chains = ['DOCKER-USER', 'INPUT'] as const;
export type Chain = (typeof chains)[number];
export type Rules = Record<Chain, string[]>;

export const tagOf = (instanceUid: string): string => `workdock:${instanceUid}`;

const REJECT = 'REJECT --reject-with icmp-port-unreachable';

/**
 * Rules as `iptables -S` prints them, so that text can be compared with text. The host itself is closed to new
 * connections from the bridge (INPUT), link-local addresses such as cloud metadata too (DOCKER-USER, which Docker
 * keeps and never fills); exceptions come first and hold for one workspace's address.
 */
export function desiredRules(tag: string, bridge: string, entries: readonly AllowEntry[]): Rules {
  const comment = `-m comment --comment "${tag}"`;
  const exceptions = (verdict: string) =>
    entries.flatMap(({ address, allow }) =>
      allow.flatMap((target) => {
        const [ip, port] = target.split(':');
        return ['tcp', 'udp'].map(
          (protocol) =>
            `-s ${address}/32 -d ${ip}/32 -i ${bridge} -p ${protocol} -m ${protocol} --dport ${port} ${comment} -j ${verdict}`,
        );
      }),
    );
  return {
    'DOCKER-USER': [...exceptions('ACCEPT'), `-d 169.254.0.0/16 -i ${bridge} ${comment} -j ${REJECT}`],
    INPUT: [...exceptions('ACCEPT'), `-i ${bridge} -m conntrack --ctstate NEW ${comment} -j ${REJECT}`],
  };
}

const isOurs = (rule: string, tag: string) => rule.includes(`--comment "${tag}"`) || rule.includes(`--comment ${tag} `);
const isWorkdocks = (rule: string) => rule.includes('--comment "workdock:');

/** Rules of a chain from `iptables -S CHAIN`, without the chain's name. */
export const rulesOf = (listing: string, chain: Chain): string[] =>
  listing
    .split('\n')
    .filter((line) => line.startsWith(`-A ${chain} `))
    .map((line) => line.slice(`-A ${chain} `.length));

/**
 * What makes `actual` (the rules of one chain) hold `wanted`: nothing, or lines for `iptables-restore --noflush` that
 * replace ours in one commit. Ours must come before everybody else's (a foreign ACCEPT above would open the host again);
 * other workdock instances concern other bridges and may be above.
 */
export function difference(chain: Chain, wanted: readonly string[], actual: readonly string[], tag: string): string[] {
  const ours = actual.filter((rule) => isOurs(rule, tag));
  const firstForeign = actual.findIndex((rule) => !isWorkdocks(rule));
  const lastOurs = actual.findLastIndex((rule) => isOurs(rule, tag));
  const onTop = firstForeign === -1 || lastOurs < firstForeign;
  const same = ours.length === wanted.length && ours.every((rule, i) => rule === wanted[i]);
  if (same && onTop) return [];
  return [...ours.map((rule) => `-D ${chain} ${rule}`), ...wanted.toReversed().map((rule) => `-I ${chain} 1 ${rule}`)];
}
