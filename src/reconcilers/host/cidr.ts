/** An IPv4 block; `base` is its lowest address as a number. */
export type Cidr = { base: number; bits: number };

const WHOLE = 2 ** 32;
const sizeOf = ({ bits }: Cidr) => 2 ** (32 - bits);

/** `10.1.2.3` to a number; null when it is not an IPv4 address. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 4 || !parts.every((part) => part <= 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export const formatAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** `10.1.0.0/20` to a block; null for IPv6, for nonsense, and when host bits are set. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', length = ''] = text.split('/');
  const base = parseAddress(address);
  const bits = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN;
  if (base === null || !(bits <= 32)) return null;
  const cidr = { base, bits };
  return base % sizeOf(cidr) === 0 && base < WHOLE ? cidr : null;
}

export const overlaps = (a: Cidr, b: Cidr): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);

export const contains = (cidr: Cidr, address: number): boolean => overlaps(cidr, { base: address, bits: 32 });
