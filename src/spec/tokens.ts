import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { say } from './yaml-words.ts';

/** A problem before it has a file: `offset` counts from the start of the text that was read. */
export type Finding = { offset: number; path?: string; message: string; suggestion?: string };

/** Marks that the lexer puts before plain scalars and block scalars; `cleanse` has removed them from the text. */
const SCALAR = '\u001f';
/** The deepest spec has 6 levels, of at most 3 open tokens each. */
const MAX_OPEN_TOKENS = 48;
/** A spec has about 7 tokens a line. Cuts off what would be slow to compose or to complain about. */
const MAX_TOKENS = 8_000;

const refused: Record<string, { message: string; suggestion?: string }> = {
  '*': {
    message: 'aliases (*name) are not allowed',
    suggestion: 'a value that starts with * needs quotes; what is shared belongs in a WorkspaceTemplate',
  },
  '!': { message: 'tags (!name) are not allowed', suggestion: 'a value that starts with ! needs quotes' },
  '%': {
    message: 'directives (%YAML, %TAG) are not allowed',
    suggestion: 'remove the line: specs are YAML 1.2',
  },
};

/** `sound` is false when the text does not parse: nothing follows from what its fields seem to be. */
export type Composed = { document?: Document.Parsed; findings: Finding[]; sound: boolean };

/**
 * YAML text of one document to its tree, in the strict core schema of YAML 1.2. Keys are not compared here: the
 * library does it in square time (64 KiB: 6 s, yaml 2.9.1). Never throws; a tree is there whenever one can be made.
 */
export function compose(text: string): Composed {
  const findings: Finding[] = [];
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  let previous = '';
  for (const lexeme of new Lexer().lex(text)) {
    const rule = previous === SCALAR ? undefined : refused[lexeme.charAt(0)];
    if (rule) findings.push({ offset: parser.offset, ...rule });
    previous = lexeme;
    count += 1;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_OPEN_TOKENS) return cut(findings, parser.offset, 'is nested too deeply');
    if (count > MAX_TOKENS) return cut(findings, parser.offset, 'is too large for one document');
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const [document] = composer.compose(tokens);
  const errors = document ? [...document.errors, ...document.warnings] : composer.streamInfo().errors;
  // What was refused above is not complained about again, and what YAML makes of it is not worth a word.
  const further = findings.length > 0 ? [] : errors.slice(0, 3);
  for (const { code, pos, message } of further)
    findings.push({ offset: pos[0], ...say({ code, message }, text.slice(pos[0]).split('\n', 1)[0]!) });
  const sound = findings.length === 0;
  return { ...(document ? { document } : {}), findings, sound };
}

const cut = (findings: Finding[], offset: number, what: string): Composed => ({
  findings: [...findings.slice(0, 3), { offset, message: `this ${what}` }],
  sound: false,
});
