import { durationMeant } from '../lib/duration.ts';
import { memoryMeant } from '../lib/quantity.ts';
import { didYouMean } from '../lib/suggest.ts';
import { isName } from '../model/name.ts';
import type { Meaning } from './schema-kit.ts';

const guesses: Record<Exclude<Meaning, 'ignorable'>, (text: string) => string | undefined> = {
  memory: memoryMeant,
  duration: durationMeant,
  name: nameMeant,
  percent: (text) => {
    const number = /^([0-9]{1,4}(?:\.[0-9]{1,3})?)\s*(?:%|percent)?$/i.exec(text)?.[1];
    return number === undefined ? undefined : `${number}%`;
  },
  cpu: (text) => /^([0-9]+(?:\.[0-9]+)?)\s*(?:cpus?|cores?)$/i.exec(text)?.[1],
};

/** What a text of this meaning was probably meant to be. */
export function meant(text: string, meaning: Meaning | undefined): string | undefined {
  const guess = meaning === undefined || meaning === 'ignorable' ? undefined : guesses[meaning](text);
  return guess === undefined ? undefined : didYouMean(guess);
}

/** A person's spelling folded into the grammar of names: `Ada Lovelace` to `ada-lovelace`. */
export function nameMeant(text: string): string | undefined {
  const plain = text
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const folded = plain
    .replace(/ß/g, 'ss')
    .replace(/ø/g, 'o')
    .replace(/æ/g, 'ae')
    .replace(/œ/g, 'oe')
    .replace(/ł/g, 'l')
    .replace(/đ|ð/g, 'd')
    .replace(/þ/g, 'th')
    .replace(/ı/g, 'i')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  return isName(folded) ? folded : undefined;
}
