const SIZE = 65_536;
const filled = (part: string, start = '', end = ''): string =>
  `${start}${part.repeat(Math.floor((SIZE - start.length - end.length) / part.length))}${end}`;
const lines = (line: (index: number) => string, size = SIZE): string => {
  let text = '';
  for (let index = 0; text.length + line(index).length < size; index += 1) text += line(index);
  return text;
};
const laughs = Array.from({ length: 9 }, (_, level) =>
  level === 0
    ? 'a0: &a0 lol\n'
    : `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`,
).join('');

/** Texts that are slow, deep, huge or odd for readers of YAML, at the size limit where size matters. */
export const hostileTexts: Record<string, string> = {
  'billion laughs': laughs,
  'dense keys': lines((index) => `k${index}: 1\n`),
  'one key again and again': filled('a:\n'),
  'dense flow map': filled('a,', '{', '}'),
  'flow pairs': filled('a: b, ', '[', ']'),
  'commas only': filled(',', '['),
  'open brackets': filled('['),
  'open braces': filled('{a: '),
  'dashes in a row': filled('- '),
  'question marks': filled('? '),
  'deep blocks': lines((index) => `${' '.repeat(index)}a:\n`),
  'one long scalar': filled('x', 'a: '),
  'one long quoted scalar': filled('\\n', 'a: "', '"'),
  'a quote that never ends': filled('x\n', 'a: "'),
  'one long number': filled('9', 'a: '),
  'long key': filled('x', '', ': 1'),
  'many documents': filled('--- a\n'),
  'many empty documents': filled('---\n'),
  'many ends': filled('...\n'),
  'many comments': filled('#\n'),
  'many directives': filled('%YAML 1.1\n'),
  'tag directives': filled('%TAG ! tag:x,2000:\n'),
  'many anchors': filled('- &a a\n'),
  'many aliases': filled('- *a\n', 'x: &a 1\n'),
  'many tags': filled('- !a a\n'),
  'code tag': 'x: !!js/function "() => 1"\n',
  'many errors': filled('] '),
  'many quotes': filled('"" '),
  'blank space': filled(' '),
  tabs: filled('\t'),
  'byte order marks': filled('\ufeff'),
  'zero bytes': filled('\0'),
  'lone surrogates': filled('\ud800'),
  'prototype keys': '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n',
  'prototype in a map': 'kind: Workspace\nspec:\n  env: {__proto__: x, constructor: y, toString: z}\n',
  zigzag: filled('a:\n b:\n  c:\n'),
  'over the limit': 'a'.repeat(10 * 2 ** 20),
};
