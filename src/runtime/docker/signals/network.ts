const RECEIVED = 0;
const SENT = 8;

/**
 * Bytes in and out over all interfaces but loopback, from a `net/dev` file: two lines of heading, then
 * `name: 8 numbers received, 8 sent`. A container without a network has none of them: 0.
 */
export function networkBytes(netDev: string): number {
  const lines = netDev
    .split('\n')
    .slice(2)
    .filter((line) => line.includes(':'));
  return lines.reduce((sum, line) => {
    const [name, rest] = [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1)];
    if (name === 'lo') return sum;
    const numbers = rest.trim().split(/\s+/);
    return sum + Number(numbers[RECEIVED]) + Number(numbers[SENT]);
  }, 0);
}
