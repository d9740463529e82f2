import { randomBytes } from 'node:crypto';

/** A name part that no other run has, so that tests can run twice at once: `wc1f3a…-`. */
export const randomPrefix = (): string => `wc${randomBytes(4).toString('hex')}-`;

export const randomUid = (): string => randomBytes(8).toString('hex');

/** A small block that is not ours by list; two runs rarely meet, and the engine refuses an overlap. */
export const randomSubnet = (): { subnet: string; gateway: string; address: (host: number) => string } => {
  const [a = 0, b = 0] = randomBytes(2);
  const base = `10.${64 + (a % 128)}.${b}`;
  return { subnet: `${base}.0/24`, gateway: `${base}.1`, address: (host) => `${base}.${host}` };
};
