import { isName } from '../model/name.ts';
import { type CheckedDocument, makeChecker } from './check.ts';
import { MAX_FILE_BYTES } from './chunks.ts';
import { type CheckedTemplate, type CheckedWorkspace, type ParsedFile, type SpecDocument, whole } from './document.ts';
import { type Kind, SpecFileV1 } from './workspace-schema.ts';

const check = makeChecker(SpecFileV1);

/**
 * Text of a spec file to its documents. Pure, and never throws: a bad file is data. Documents are independent: one
 * that is broken does not touch its neighbours.
 */
export function parseFile(path: string, text: string): ParsedFile {
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return {
      documents: [],
      problems: [whole(path, 'the file is larger than 64 KiB', 'split it: any number of files')],
    };
  }
  const documents = check(path, text).map(toDocument);
  return { documents, problems: documents.flatMap((document) => (document.ok ? [] : document.problems)) };
}

function toDocument({ value, problems, located, line }: CheckedDocument): SpecDocument {
  const name = nameOf(value, 'name');
  if (problems.length > 0 || name === undefined) {
    const renamedFrom = nameOf(value, 'renamedFrom');
    const names = { ...(name === undefined ? {} : { name }), ...(renamedFrom === undefined ? {} : { renamedFrom }) };
    return { ok: false, kind: kindOf(value), ...names, line, problems };
  }
  return { ok: true, kind: kindOf(value), name, body: value, line, ...located } as CheckedWorkspace | CheckedTemplate;
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

const kindOf = (value: unknown): Kind =>
  field(value, 'kind') === 'WorkspaceTemplate' ? 'WorkspaceTemplate' : 'Workspace';

function nameOf(value: unknown, key: 'name' | 'renamedFrom'): string | undefined {
  const name = field(field(value, 'metadata'), key);
  return typeof name === 'string' && isName(name) ? name : undefined;
}
