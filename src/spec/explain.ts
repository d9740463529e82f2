import type { ErrorObject } from 'ajv';
import { didYouMean, nearest } from '../lib/suggest.ts';
import { meant } from './meant.ts';
import { notIgnored } from './not-ignored.ts';
import type { Meaning } from './schema-kit.ts';
import { wrongType, wrongWord } from './wrong-value.ts';

/** What the explanation of an error may look at. */
export type Sources = {
  /** Text of a value that is no string, as it stands in the file. */
  written: (path: string) => string | undefined;
  /** Full paths of a field by its own name. */
  placesOf: (word: string) => string[];
};

/** `at` says whether the key or the value of `path` is what is wrong. */
export type Explained = { path: string; at: 'key' | 'value'; message: string; suggestion?: string };

/** One error of ajv (made with `verbose`) in words; undefined for those that only repeat another. */
export function explain(error: ErrorObject, sources: Sources): Explained | undefined {
  const path = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const params = error.params as Record<string, unknown>;
  const { data, schema } = error as { data: unknown; schema: unknown };
  const parent = error.parentSchema as Record<string, unknown>;
  const label = path === '' ? 'this document' : path.slice(path.lastIndexOf('.') + 1);
  const say = (message: string, suggestion?: string): Explained => ({
    path,
    at: 'value',
    message: `${/^\d+$/.test(label) ? 'this item' : label.slice(0, 64)} ${message}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'required':
      return say(`needs ${String(params['missingProperty'])}`);
    case 'additionalProperties':
      return unknownField(path, String(params['additionalProperty']), parent, sources);
    case 'discriminator':
      return kindProblem(params, parent);
    case 'type':
      return say(...wrongType(data, schema as string | string[], parent, sources.written(path)));
    case 'enum':
    case 'const':
      if (label === 'command') return say('must be Keep, Image or a list of words', commandMeant(data));
      if (parent['meaning'] === ('ignorable' satisfies Meaning)) return say(...notIgnored(data));
      return say(...wrongWord(data, error.keyword === 'const' ? [schema] : (schema as unknown[])));
    case 'pattern':
      return say(String(parent['patternErrorMessage']), meant(String(data), parent['meaning'] as Meaning | undefined));
    case 'not':
      return say('takes only one of name, source and volume');
    case 'minimum':
    case 'maximum':
      return say(`must be at ${error.keyword === 'minimum' ? 'least' : 'most'} ${String(schema)}`);
    case 'minItems':
    case 'minProperties':
      return say('needs at least 1 item');
    case 'minLength':
      return say('is empty');
    case 'maxItems':
    case 'maxProperties':
      return say(`has more than ${String(schema)} items`);
    case 'maxLength':
      return say(`is longer than ${String(schema)} characters`);
    default:
      return say(error.message ?? 'is not valid');
  }
}

function unknownField(path: string, word: string, parent: Record<string, unknown>, sources: Sources): Explained {
  const full = path === '' ? word : `${path}.${word}`;
  const at = { path: full, at: 'key' } as const;
  const quoted = JSON.stringify(word.slice(0, 40));
  const rule = parent['keyRule'];
  if (parent['patternProperties'])
    return {
      ...at,
      message: `${quoted} cannot be a name here`,
      ...(rule ? { suggestion: `use ${String(rule)}` } : {}),
    };
  const known = Object.keys((parent['properties'] ?? {}) as object);
  const places = sources.placesOf(word).filter((place) => place !== full);
  const names = places.map((place) => place.slice(place.lastIndexOf('.') + 1));
  const close = nearest(word, known) ?? names.find((name) => known.includes(name));
  const elsewhere = places.find((place) => place.startsWith(path)) ?? places[0];
  const suggestion = close ?? elsewhere;
  return {
    ...at,
    message: `unknown field ${quoted}`,
    suggestion: suggestion === undefined ? `known here: ${known.join(', ')}` : didYouMean(suggestion),
  };
}

function kindProblem(params: Record<string, unknown>, parent: Record<string, unknown>): Explained {
  const branches = parent['oneOf'] as { properties: { kind: { const: string } } }[];
  const known = branches.map(({ properties }) => properties.kind.const);
  const value = params['tagValue'];
  if (value === undefined) return { path: '', at: 'value', message: `this document needs kind: ${known.join(' or ')}` };
  const [message, suggestion] = wrongWord(value, known);
  return { path: 'kind', at: 'value', message: `kind ${message}`, ...(suggestion ? { suggestion } : {}) };
}

const commandMeant = (data: unknown): string | undefined => {
  const word = nearest(String(data), ['Keep', 'Image']);
  return didYouMean(word ?? JSON.stringify(String(data).slice(0, 80).split(' ')));
};
