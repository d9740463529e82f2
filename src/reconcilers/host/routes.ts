import type { Cidr } from './cidr.ts';

export type Route = { via: string; block: Cidr };

/** The kernel writes addresses as hex of the number in the host's byte order (little-endian on all we run on). */
const address = (hex: string): number =>
  [6, 4, 2, 0].reduce((sum, at) => sum * 256 + Number.parseInt(hex.slice(at, at + 2), 16), 0);

const bitsOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length;

/** Shorter prefixes (a default route, or the two halves of one that a VPN adds) say where everything else goes. */
const SHORTEST = 8;

/** The IPv4 routes of `/proc/net/route` that claim a block, by interface. */
export const parseRoutes = (text: string): Route[] =>
  text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields.length > 7)
    .map((fields) => ({
      via: fields[0]!,
      block: { base: address(fields[1]!), bits: bitsOf(address(fields[7]!)) },
    }))
    .filter(({ block }) => block.bits >= SHORTEST);
