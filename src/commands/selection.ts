import type { ApiClient } from '../client/client.ts';
import { WorkdockError } from '../lib/errors.ts';

type Term = { key: string; value?: string; negated: boolean };

/** @throws USAGE unless the text is `key=value`, `key!=value` or `key`, several joined by commas. */
export function parseSelector(text: string): (labels: Record<string, string>) => boolean {
  const terms = text.split(',').map((part): Term => {
    const match = /^\s*([^\s=!,]+)\s*(?:(!?=)=?\s*([^\s=!,]*))?\s*$/.exec(part);
    if (!match) {
      const hint = 'write -l lab=neuro, -l lab!=neuro or -l lab, several joined by commas';
      throw new WorkdockError('USAGE', `"${text}" does not select by label`, { hint });
    }
    const [, key, operator, value] = match;
    return { key: key!, negated: operator === '!=', ...(value === undefined ? {} : { value }) };
  });
  return (labels) =>
    terms.every(({ key, value, negated }) => {
      const has = Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
      return has !== negated;
    });
}

/**
 * The names a verb acts on: the given ones, else those the selector matches.
 * @throws USAGE when neither or both are given, NOT_FOUND when the selector matches none.
 */
export async function chosenNames(client: ApiClient, names: string[], selector?: string): Promise<string[]> {
  if (names.length > 0 === (selector !== undefined)) {
    const hint = 'name them, such as ada bob, or select them, such as -l lab=neuro';
    throw new WorkdockError('USAGE', 'give names or a label selector, one of the two', { hint });
  }
  if (selector === undefined) return [...new Set(names)];
  const matches = parseSelector(selector);
  const chosen = (await client.list()).filter(({ labels }) => matches(labels)).map(({ name }) => name);
  if (chosen.length > 0) return chosen;
  throw new WorkdockError('NOT_FOUND', `no workspace has the labels ${selector}`, {
    hint: '`workdock get` lists them',
  });
}
