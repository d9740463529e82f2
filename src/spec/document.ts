import type { Problem } from '../model/problem.ts';
import type { SpecFile } from '../model/source.ts';
import type { Kind, WorkspaceTemplateV1, WorkspaceV1 } from './workspace-schema.ts';

/** Line and column start at 1; a column counts UTF-16 units, as editors do. */
export type Place = { line: number; column: number };

/** Where the key and the value of one dotted path stand. List items are their own key. */
export type Spot = { key: Place; value: Place };
export type Spots = Record<string, Spot>;

/** What is needed to point at a place of a document later, without its text. */
export type Located = { path: string; firstLine: number; lines: string[]; spots: Spots };

export type CheckedWorkspace = Located & { ok: true; kind: 'Workspace'; name: string; body: WorkspaceV1; line: number };
export type CheckedTemplate = Located & {
  ok: true;
  kind: 'WorkspaceTemplate';
  name: string;
  body: WorkspaceTemplateV1;
  line: number;
};

/** A document that cannot be used. `kind` is Workspace unless it says otherwise; names are there when readable. */
export type BrokenDocument = {
  ok: false;
  kind: Kind;
  name?: string;
  renamedFrom?: string;
  line: number;
  problems: Problem[];
};

/** One document of a file. `line` is that of its first content. Plain data: it travels between threads. */
export type SpecDocument = CheckedWorkspace | CheckedTemplate | BrokenDocument;

/** All of a file. `problems` has those of the documents too, in order. */
export type ParsedFile = { documents: SpecDocument[]; problems: Problem[] };

/** A document and the file it stands in. */
export type Entry = { file: SpecFile; document: SpecDocument };

export const placeOf = ({ file, document }: Entry): string => `${file.path}:${document.line}`;

/** Of a longer line only what surrounds the problem is shown: nobody can see a caret in it. */
const LONGEST = 200;
const [BEFORE, AFTER] = [50, 40];

/** Who is to enter at a URL's host: a user, a password, a token. Up to the last `@`, as people forget to escape one. */
const credentials = /(?<=:\/\/)[^\s"'/]+(?=@)/g;

/** What to show of a line with a problem at `column`. What it says goes to terminals and logs: no password of a URL. */
export function excerptOf(written: string, column: number): Pick<Problem, 'excerpt' | 'caret'> {
  if (written.trim() === '') return {};
  const line = written.replace(credentials, (found) => '*'.repeat(found.length));
  if (line.length <= LONGEST) return { excerpt: line };
  const at = column - 1;
  const from = Math.max(0, at - BEFORE);
  const [head, tail] = [from > 0 ? '…' : '', at + AFTER < line.length ? '…' : ''];
  const excerpt = `${head}${line.slice(from, at + AFTER).toWellFormed()}${tail}`;
  return { excerpt, ...(from > 0 && { caret: at - from + head.length + 1 }) };
}

/** A problem at the value of `path`, or at its nearest parent that stands in the document. */
export function problemAt(doc: Located, path: string, what: Pick<Problem, 'message' | 'suggestion'>): Problem {
  const { line, column } = spotOf(doc, path).value;
  return { file: doc.path, line, column, path, ...what, ...excerptOf(doc.lines[line - doc.firstLine] ?? '', column) };
}

/** A problem of the file as such. */
export const whole = (file: string, message: string, suggestion?: string): Problem => ({
  file,
  line: 1,
  column: 1,
  path: '',
  message,
  ...(suggestion === undefined ? {} : { suggestion }),
});

export function spotOf({ spots, firstLine }: Located, path: string): Spot {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const spot = Object.hasOwn(spots, at) ? spots[at] : undefined;
    if (spot) return spot;
    if (at === '') return { key: { line: firstLine, column: 1 }, value: { line: firstLine, column: 1 } };
  }
}
