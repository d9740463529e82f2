import { WorkdockError } from './errors.ts';
import { didYouMean } from './suggest.ts';

const units = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** What `parseMemory` takes, for schemas. */
export const memoryPattern = '^(0|[1-9][0-9]{0,9})(\\.[0-9]{1,3})?(Ki|Mi|Gi|Ti)$';
const memoryGrammar = new RegExp(memoryPattern);

/** What `parseCpu` takes as text, for schemas. */
export const cpuPattern = '^([1-9][0-9]{0,6}m|(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?)$';
const cpuGrammar = new RegExp(cpuPattern);

/**
 * Memory text to bytes.
 *
 * @param text  number and binary suffix: `512Mi`, `8Gi`, `1.5Gi`. `8G` and `8g` are refused, because they are 7 % less
 *              than the 8Gi most people mean by them, and `512m`, because in Kubernetes that is half a byte.
 * @returns     bytes, a safe integer.
 * @throws      WorkdockError SPEC_INVALID with what was meant as its hint.
 */
export function parseMemory(text: string): number {
  const match = memoryGrammar.exec(text);
  const bytes = match ? Math.round(Number.parseFloat(text) * units[match[3] as keyof typeof units]) : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  const meant = match ? undefined : memoryMeant(text);
  const hint = meant === undefined ? 'write 512Mi or 8Gi' : didYouMean(meant);
  const what = match ? 'more than any machine has' : 'not a size';
  throw new WorkdockError('SPEC_INVALID', `${JSON.stringify(text)} is ${what}`, { hint });
}

/** `8GB`, `8g`, `8 GiB`, `8192` to the size that was most likely meant; undefined when there is no telling. */
export function memoryMeant(text: string): string | undefined {
  const match = /^\s*([0-9]{1,16}(?:\.[0-9]{1,3})?)\s*([kmgt]?)(?:i?b?|ytes|ibytes)?\s*$/i.exec(text);
  if (!match) return undefined;
  const [number, letter] = [match[1]!.replace(/^0+(?=\d)/, ''), match[2]!.toUpperCase()];
  if (letter !== '') return `${number}${letter === 'K' ? 'Ki' : `${letter}i`}`;
  const value = Number(number);
  for (const unit of ['Gi', 'Mi', 'Ki'] as const) {
    if (value >= 2 ** 20 && value % units[unit] === 0) return `${value / units[unit]}${unit}`;
  }
  return value > 0 && value < 64 ? `${number}Gi` : value < 2 ** 20 ? `${number}Mi` : undefined;
}

/**
 * Cores to billionths of a core, the unit of the Docker Engine API (HostConfig.NanoCpus).
 *
 * @param cpu  `2`, `0.5`, `"500m"` (thousandths of a core).
 * @throws     WorkdockError SPEC_INVALID below 0.01 cores: Docker 20.10.24 answers "Range of CPUs is from 0.01 to N".
 */
export function parseCpu(cpu: number | string): number {
  const text = String(cpu);
  const cores = cpuGrammar.test(text) ? Number.parseFloat(text) / (text.endsWith('m') ? 1000 : 1) : Number.NaN;
  if (cores >= 0.01 && cores <= 9999) return Math.round(cores * 1e9);
  const hint = 'write cores such as 2, 0.5 or 500m; the least is 0.01';
  throw new WorkdockError('SPEC_INVALID', `${JSON.stringify(cpu)} is not a number of CPUs`, { hint });
}
