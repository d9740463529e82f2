import { type Static, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import { durationPattern } from '../lib/duration.ts';
import { cpuPattern, memoryPattern } from '../lib/quantity.ts';
import { namePattern } from '../model/name.ts';

/** What a value means, so that explain.ts can say what was probably meant. Not a keyword of JSON Schema. */
export type Meaning = 'memory' | 'cpu' | 'duration' | 'name' | 'percent' | 'ignorable';

/** An object that rejects unknown keys, so a typo such as `memmory:` is an error and not a silent default. */
export const closed = <const P extends TProperties>(description: string, properties: P) =>
  Type.Object(properties, { description, additionalProperties: false });

/** A union told apart by `key`. Emits oneOf + discriminator so ajv reports only the branch the user chose. */
export const tagged = <T extends TSchema[]>(key: string, ...branches: T) =>
  Type.Unsafe<Static<T[number]>>({
    type: 'object',
    required: [key],
    discriminator: { propertyName: key },
    oneOf: branches,
  });

export const text = (description: string, rest: object = {}) => Type.String({ description, ...rest });

export const flag = (description: string) => Type.Boolean({ description });

/** One of a few words, with a sentence for each. */
export const choice = <const W extends Record<string, string>>(description: string, words: W) =>
  Type.Unsafe<keyof W & string>({
    type: 'string',
    description,
    enum: Object.keys(words),
    enumDescriptions: Object.values(words),
  });

/** Text of a grammar. `rule` completes "must be …" and is what editors and we show when it does not fit. */
export const fitting = (description: string, pattern: string, rule: string, rest: object = {}) =>
  Type.String({ description, pattern, patternErrorMessage: `must be ${rule}`, ...rest });

export const name = (description: string) =>
  fitting(
    description,
    namePattern,
    'lower-case letters, digits and dashes, starting with a letter, at most 32 characters',
    { title: 'a name', meaning: 'name' satisfies Meaning },
  );

export const memory = (description: string) =>
  fitting(description, memoryPattern, 'a size such as 512Mi or 8Gi', {
    meaning: 'memory' satisfies Meaning,
    examples: ['512Mi', '8Gi'],
  });

export const duration = (description: string, ...examples: string[]) =>
  fitting(description, durationPattern, 'a duration such as 90s, 30m, 1h30m or 7d', {
    meaning: 'duration' satisfies Meaning,
    examples,
  });

export const cpu = (description: string): TUnsafe<number | string> =>
  Type.Unsafe<number | string>({
    description,
    type: ['number', 'string'],
    pattern: cpuPattern,
    patternErrorMessage: 'must be a number of cores such as 2, 0.5 or 500m',
    meaning: 'cpu' satisfies Meaning,
    examples: [2, 0.5, '500m'],
  });

/** A map of texts whose keys fit a grammar; `rule` completes "use …". */
export const map = (description: string, key: { pattern: string; rule: string }, value: TSchema, most: number) =>
  Type.Unsafe<Record<string, string>>({
    type: 'object',
    description,
    keyRule: key.rule,
    patternProperties: { [key.pattern]: value },
    additionalProperties: false,
    maxProperties: most,
  });

export const list = <T extends TSchema>(description: string, items: T, most: number) =>
  Type.Array(items, { description, maxItems: most });
