import { contains, parseAddress, parseCidr } from './cidr.ts';
import { bridgeName, chainNames } from './subnet.ts';

/** What one workspace may reach on the host: `allow` holds `ip:port`. */
export type GuardEntry = { address: string; allow: readonly string[] };

/** Rules of our two chains and the jumps into them, each as `iptables -S` prints it (without quotes). */
export type Ruleset = {
  chains: Record<string, string[]>;
  jumps: { chain: string; rule: string }[];
};

const LINK_LOCAL = '169.254.0.0/16';
const isLinkLocal = (ip: string) => contains(parseCidr(LINK_LOCAL)!, parseAddress(ip) ?? 0);

type Opening = { from: string; ip: string; port: string };
const openings = (entries: readonly GuardEntry[]): Opening[] =>
  entries.flatMap(({ address, allow }) =>
    allow.map((text) => ({ from: address, ip: text.split(':')[0] ?? '', port: text.split(':')[1] ?? '' })),
  );

/**
 * The guard of an instance, a pure function of who may reach what: workspaces reach neither each other, nor this host,
 * nor link-local addresses (cloud metadata), but for their `network.allow`. Two chains of our own, so that a change
 * replaces them whole and no foreign rule is touched; one jump into each.
 */
export function desiredRules(instanceUid: string, entries: readonly GuardEntry[]): Ruleset {
  const bridge = bridgeName(instanceUid);
  const { forward, input } = chainNames(instanceUid);
  const tag = `-m comment --comment workdock:${instanceUid}`;
  const reject = '-j REJECT --reject-with icmp-port-unreachable';
  const open = (chain: string, target: string, list: Opening[]) =>
    list.flatMap(({ from, ip, port }) =>
      ['tcp', 'udp'].map(
        (protocol) =>
          `-A ${chain} -s ${from}/32 -d ${ip}/32 -p ${protocol} -m ${protocol} --dport ${port} ${tag} -j ${target}`,
      ),
    );
  const all = openings(entries);
  return {
    chains: {
      [forward]: [
        `-A ${forward} -o ${bridge} ${tag} ${reject}`,
        ...open(
          forward,
          'RETURN',
          all.filter(({ ip }) => isLinkLocal(ip)),
        ),
        `-A ${forward} -d ${LINK_LOCAL} ${tag} ${reject}`,
      ],
      [input]: [
        ...open(input, 'ACCEPT', all),
        `-A ${input} -m conntrack ! --ctstate RELATED,ESTABLISHED ${tag} ${reject}`,
      ],
    },
    jumps: [
      { chain: 'DOCKER-USER', rule: `-A DOCKER-USER -i ${bridge} ${tag} -j ${forward}` },
      { chain: 'INPUT', rule: `-A INPUT -i ${bridge} ${tag} -j ${input}` },
    ],
  };
}

/** Lines of `iptables -S`; whether a comment is quoted differs between its versions. */
export const parseRules = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().replaceAll('"', '')]));

const inChain = (rules: readonly string[], chain: string) => rules.filter((rule) => rule.startsWith(`-A ${chain} `));

/** A rule before our jump that could let packets through makes the jump worthless. */
const letsThrough = (rule: string) => /-[jg] (ACCEPT|RETURN)\b/.test(rule);

export type Difference = { chains: string[]; jumps: Ruleset['jumps']; extraJumps: string[]; missingChains: string[] };

/** What is not as wanted: chains to write whole, jumps to put first, stray copies of jumps, engine chains not there. */
export function compareRules(wanted: Ruleset, found: readonly string[]): Difference {
  const known = (chain: string) => found.some((line) => line === `-N ${chain}` || line.startsWith(`-P ${chain} `));
  const chains = Object.entries(wanted.chains)
    .filter(([chain, rules]) => !known(chain) || inChain(found, chain).join('\n') !== rules.join('\n'))
    .map(([chain]) => chain);
  const missingChains = wanted.jumps.map(({ chain }) => chain).filter((chain) => !known(chain));
  const wrong = wanted.jumps.filter(({ chain, rule }) => {
    const rules = inChain(found, chain);
    const at = rules.indexOf(rule);
    return at < 0 || rules.lastIndexOf(rule) !== at || rules.slice(0, at).some(letsThrough);
  });
  const extraJumps = wrong.flatMap(({ rule }) => found.filter((line) => line === rule));
  return { chains, jumps: wrong, extraJumps, missingChains };
}

/** Input of `iptables-restore --noflush`: naming a chain empties it, so each is replaced in one commit. */
export function restoreScript(wanted: Ruleset, { chains, jumps, extraJumps }: Difference): string {
  const lines = [
    '*filter',
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...chains.flatMap((chain) => wanted.chains[chain] ?? []),
    ...extraJumps.map((rule) => rule.replace(/^-A /, '-D ')),
    ...jumps.map(({ rule }) => rule.replace(/^-A (\S+) /, '-I $1 1 ')),
    'COMMIT',
  ];
  return `${lines.join('\n')}\n`;
}

export const isEmpty = ({ chains, jumps, missingChains }: Difference): boolean =>
  chains.length + jumps.length + missingChains.length === 0;
