import type { Families } from '../../src/metrics/families.ts';

/** One family of the text format: what it is, and its series by their labels in the order of their names. */
export type ParsedFamily = { help: string; type: string; series: Record<string, number> };

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/g;

const numberOf = (text: string): number => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text));

/** `count{verb=start}` for a sample of the family `x` that is called `x_count`. */
function keyOf(family: string, name: string, labels: string): string {
  const pairs = [...labels.matchAll(LABEL)].map(([, key, value]) => `${key}=${value}`).sort((a, b) => (a < b ? -1 : 1));
  const suffix = name.slice(family.length).replace(/^_/, '');
  return `${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''}`;
}

/**
 * The text format 0.0.4 of Prometheus, taken literally: throws at any line that it does not allow, at a series that is
 * there twice, at one before its TYPE or below another family, and at a value that is no number.
 */
export function parseExposition(text: string): Record<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families: Record<string, ParsedFamily> = {};
  let current = '';
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (line === '') continue;
    if (kind === 'HELP') {
      if (families[name]) throw new Error(`${name} is there twice`);
      families[name] = { help: rest, type: '', series: {} };
      current = name;
    } else if (kind === 'TYPE') {
      if (name !== current) throw new Error(`TYPE of ${name} below ${current}`);
      families[name]!.type = rest;
    } else addSample(line, current, families[current]);
  }
  return families;
}

function addSample(line: string, current: string, family: ParsedFamily | undefined): void {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined || family === undefined || family.type === '') throw new Error(`not a sample: ${line}`);
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === `${current}${suffix}`)) throw new Error(`${name} below ${current}`);
  const key = keyOf(current, name, labels);
  if (key in family.series) throw new Error(`${name} ${key} is there twice`);
  if (Number.isNaN(numberOf(value))) throw new Error(`no number: ${line}`);
  family.series[key] = numberOf(value);
}

/** The series of one family by its name, of text as Prometheus would read it. */
export const seriesIn = (text: string) => {
  const parsed = parseExposition(text);
  return (family: keyof Families): Record<string, number> => parsed[family]!.series;
};
