import { overlaps, parseSubnet } from '../../lib/ipv4.ts';

/**
 * Private ranges that Docker's own pools (172.17-31.0.0/16, 192.168.0.0/16) and home routers rarely use. A /20 holds
 * 4,093 workspaces; a Linux bridge has 1,023 ports.
 */
const candidates = [...Array(24).keys()].map((i) => `10.${213 + i}.16.0/20`);

type Input = {
  configured: string | null;
  /** What an earlier run chose; kept, because addresses and rules are made of it. */
  remembered: string | undefined;
  /** Subnets that are taken: host routes (less our own bridge's) and other engine networks. */
  taken: readonly string[];
};

const clashing = (subnet: string, taken: readonly string[]) => {
  const own = parseSubnet(subnet);
  return taken.find((other) => {
    const range = parseSubnet(other);
    return own && range && overlaps(own, range);
  });
};

/** The subnet of the workspace network, or why there is none. */
export function chooseSubnet({ configured, remembered, taken }: Input): { subnet: string } | { problem: string } {
  const wanted = configured ?? remembered;
  if (wanted === undefined) {
    const free = candidates.find((subnet) => clashing(subnet, taken) === undefined);
    return free ? { subnet: free } : { problem: 'no free subnet is left: set network.subnet in the config' };
  }
  if (!parseSubnet(wanted)) return { problem: `network.subnet ${wanted} is no IPv4 subnet such as 10.213.16.0/20` };
  const other = clashing(wanted, taken);
  if (other === undefined) return { subnet: wanted };
  return { problem: `the subnet ${wanted} overlaps ${other}, which this host routes: set another network.subnet` };
}
