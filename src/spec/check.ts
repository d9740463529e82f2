import { Ajv, type AnySchema } from 'ajv';
import type { Problem } from '../model/problem.ts';
import { type Chunk, cleanse, isBlank, splitDocuments } from './chunks.ts';
import type { Located } from './document.ts';
import { explain } from './explain.ts';
import { pointer } from './pointer.ts';
import { indexFields } from './schema-names.ts';
import { compose } from './tokens.ts';
import { readTree, type Tree } from './tree.ts';

/** Nobody reads more, and what a hostile document complains about must not be larger than itself. */
const MAX_PROBLEMS = 20;
/** Of a whole file; after that each document has its first one only. */
const MAX_FILE_PROBLEMS = 200;
export const MAX_DOCUMENTS = 1_000;

/** One non-empty document: its JSON as far as it can be read, what is wrong with it, and where everything stands. */
export type CheckedDocument = { value: unknown; problems: Problem[]; located: Located; line: number };

/** Checks text against one schema: every document that is not empty, each by itself. Never throws. */
export function makeChecker(schema: AnySchema) {
  const explainAll = makeExplainer(schema);

  function check(path: string, chunk: Chunk, { strange, most }: { strange: number[]; most: number }): CheckedDocument {
    const point = pointer(path, chunk);
    const { document, findings, sound } = compose(chunk.text);
    const tree = readTree(document?.contents ?? null);
    const marks = strange.map((offset) => ({
      offset: offset - chunk.start,
      message: 'a control character or an invisible mark',
    }));
    // Explained first: where text is wanted, `010` has one fault, that it needs quotes.
    const explained = sound ? explainAll(tree).map((each) => point.explained(each, tree.offsets)) : [];
    const problems = sortedOnce([...explained, ...[...marks, ...findings, ...tree.findings].map(point.finding)]);
    return {
      value: tree.value,
      problems: [...problems.slice(0, most), ...theRest(problems, most)],
      located: point.located(tree.offsets),
      line: point.place(document?.contents?.range[0] ?? 0).line,
    };
  }

  return (path: string, text: string): CheckedDocument[] => {
    const { clean, offsets } = cleanse(text.startsWith('\ufeff') ? text.slice(1) : text);
    const documents: CheckedDocument[] = [];
    let left = MAX_FILE_PROBLEMS;
    for (const chunk of splitDocuments(clean)) {
      const inside = offsets.filter((at) => at >= chunk.start && at < chunk.start + chunk.text.length);
      if (inside.length === 0 && isBlank(chunk.text)) continue;
      const most = Math.max(1, Math.min(MAX_PROBLEMS, left));
      documents.push(check(path, chunk, { strange: inside.slice(0, most), most }));
      left -= documents.at(-1)!.problems.length;
      if (documents.length < MAX_DOCUMENTS) continue;
      const { problems, line } = documents.at(-1)!;
      problems.push({
        file: path,
        line,
        column: 1,
        path: '',
        message: `more than ${MAX_DOCUMENTS} documents in a file`,
      });
      break;
    }
    return documents;
  };
}

function makeExplainer(schema: AnySchema) {
  const ajv = new Ajv({ allErrors: true, verbose: true, discriminator: true, allowUnionTypes: true });
  ajv.addVocabulary(['meaning', 'keyRule', 'patternErrorMessage', 'enumDescriptions']);
  const validate = ajv.compile(schema);
  const placesOf = indexFields(schema as object);
  return ({ value, written }: Tree) => {
    if (validate(value)) return [];
    const sources = { written: (path: string) => written.get(path), placesOf };
    return (validate.errors ?? []).map((error) => explain(error, sources)).filter((each) => each !== undefined);
  };
}

/** A word on those that are not told, at the last that is. */
function theRest(problems: Problem[], most: number): Problem[] {
  const [last, more] = [problems[most - 1], problems.length - most];
  if (!last || more <= 0) return [];
  const message = `${more} more problem${more === 1 ? '' : 's'} in this document`;
  return [{ file: last.file, line: last.line, column: last.column, path: '', message }];
}

/** In order of the file, and the first of several at one place: the others follow from it. */
function sortedOnce(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ line, column, path }) => {
      const key = `${line}:${column}:${path}`;
      return seen.has(key) ? false : seen.add(key);
    });
}
