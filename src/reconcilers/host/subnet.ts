import type { NetworkSpec } from '../../model/runtime.ts';
import { type Cidr, formatAddress, overlaps, parseCidr } from './cidr.ts';
import type { Route } from './routes.ts';

/** Private blocks that little else uses, spread over the ranges of RFC 1918, 4,093 workspaces each. */
export const subnetChoices: readonly string[] = [
  '10.213.0.0/20',
  '172.29.240.0/20',
  '192.168.208.0/20',
  ...Array.from({ length: 61 }, (_, i) => `10.${139 + i}.${(i % 15) * 16}.0/20`),
];

/** Everything that already claims addresses: routes of the host, subnets of the engine's other networks. */
export type Claims = { routes: Route[]; subnets: string[] };
export type Choice = { ok: true; subnet: string } | { ok: false; reason: string; message: string };

/** What a block collides with, in words; null when it is free. */
function collision(block: Cidr, { routes, subnets }: Claims): string | null {
  const route = routes.find((candidate) => overlaps(candidate.block, block));
  if (route) return `a route of this host through ${route.via}`;
  const other = subnets.find((text) => {
    const parsed = parseCidr(text);
    return parsed !== null && overlaps(parsed, block);
  });
  return other === undefined ? null : `${other} of another network of the engine`;
}

/** Room for at least two workspaces beside the network's own three addresses. */
const LONGEST = 29;

function checkConfigured(text: string, claims: Claims): Choice {
  const hint = 'choose another network.subnet in the config, or leave it out';
  const block = parseCidr(text);
  if (!block || block.bits > LONGEST || block.bits < 8)
    return { ok: false, reason: 'SubnetInvalid', message: `network.subnet ${text} is not a block like 10.213.0.0/20` };
  const hit = collision(block, claims);
  return hit === null
    ? { ok: true, subnet: text }
    : { ok: false, reason: 'SubnetOverlaps', message: `network.subnet ${text} overlaps ${hit}: ${hint}` };
}

/** The configured block if it is free, else the first free one of the list. Pure. */
export function chooseSubnet(configured: string | null, claims: Claims): Choice {
  if (configured !== null) return checkConfigured(configured, claims);
  const free = subnetChoices.find((text) => collision(parseCidr(text)!, claims) === null);
  if (free !== undefined) return { ok: true, subnet: free };
  const message = 'every built-in subnet overlaps a route or a network: set network.subnet in the config';
  return { ok: false, reason: 'NoFreeSubnet', message };
}

/** Interface names hold 15 characters. */
const uidHex = (instanceUid: string) =>
  instanceUid
    .toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .padEnd(8, '0')
    .slice(0, 8);
export const bridgeName = (instanceUid: string): string => `wd-${uidHex(instanceUid)}`;
export const chainNames = (instanceUid: string) => ({
  forward: `WD-${uidHex(instanceUid)}-FWD`,
  input: `WD-${uidHex(instanceUid)}-IN`,
});

/** The workspace network of an instance. The gateway is the block's first address. */
export const networkSpec = (prefix: string, instanceUid: string, subnet: string): NetworkSpec => ({
  name: `${prefix}net`,
  bridge: bridgeName(instanceUid),
  subnet,
  gateway: formatAddress(parseCidr(subnet)!.base + 1),
});
