import { readFile } from 'node:fs/promises';
import { formatAddress } from '../../lib/ipv4.ts';

/** Eight hex digits, lowest byte first, as the kernel prints an address. */
const fromKernel = (hex: string): number =>
  [6, 4, 2, 0].reduce((address, at) => address * 256 + Number.parseInt(hex.slice(at, at + 2), 16), 0);

const bitsOf = (mask: number): number => mask.toString(2).replaceAll('0', '').length;

/** Text of /proc/net/route to subnets, without the default route and without those of `bridge`. See proc(5). */
export function parseRoutes(text: string, bridge: string): string[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(([device, destination]) => device !== bridge && destination !== '00000000')
    .map((cells) => `${formatAddress(fromKernel(cells[1]!))}/${bitsOf(fromKernel(cells[7]!))}`);
}

/** Subnets this host has a route to. A host without the file (not Linux) has none to tell. */
export const hostRoutes = async (bridge: string): Promise<string[]> =>
  parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => ''), bridge);
