import { didYouMean, nearest } from '../lib/suggest.ts';
import { meant } from './meant.ts';
import type { Meaning } from './schema-kit.ts';

/** What is wrong, to follow the field's name, and what to write instead. */
export type Complaint = [message: string, suggestion?: string | undefined];

const kinds: Record<string, string> = {
  object: 'a map of fields',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

/** A word that is not one of a few. */
export function wrongWord(value: unknown, known: unknown[]): Complaint {
  const close = typeof value === 'string' ? nearest(value, known.map(String)) : undefined;
  const list = known.map(String);
  return [`must be ${list.join(' or ')}`, close === undefined ? undefined : didYouMean(close)];
}

/** A value of a type that the field does not take. `written` is how it stands in the file. */
export function wrongType(
  value: unknown,
  wanted: string | string[],
  parent: Record<string, unknown>,
  written: string | undefined,
): Complaint {
  const types = [wanted].flat();
  if (value === null) return ['is empty', 'remove the line, or give it a value'];
  const message = `must be ${types.map((type) => kinds[type] ?? type).join(' or ')}`;
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  if (types.includes('string') && scalar) {
    const text = written ?? String(value);
    const guess = meant(text, parent['meaning'] as Meaning | undefined);
    return [
      `${message}, and YAML reads ${text.slice(0, 40)} as ${kinds[typeof value]}`,
      guess ?? didYouMean(`"${text}"`),
    ];
  }
  if (types.includes('array') && !Array.isArray(value))
    return [message, 'write a list: [a, b], or lines that start with -'];
  if (
    typeof value === 'string' &&
    (types.includes('number') || types.includes('integer')) &&
    /^\d{1,15}$/.test(value)
  ) {
    return [message, didYouMean(`${value} without quotes`)];
  }
  if (typeof value === 'string' && types.includes('boolean')) {
    const word =
      { yes: 'true', on: 'true', no: 'false', off: 'false' }[value.toLowerCase()] ?? nearest(value, ['true', 'false']);
    return [message, word === undefined ? undefined : didYouMean(word)];
  }
  return [message];
}
