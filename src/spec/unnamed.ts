import type { SpecFile } from '../model/source.ts';
import { MAX_DOCUMENTS } from './check.ts';
import type { ParsedFile } from './document.ts';

/**
 * Where a name may stand that nobody can read, as `file:line`: a file that cannot be read, or a document so broken that
 * it has no name. While there is one, a name that is missing may be in there.
 */
export function unnamedIn({ file, documents, problems }: ParsedFile & { file: SpecFile }): string[] {
  const here = (line: number): string => `${file.path}:${line}`;
  // Emptied by a disk that was full, or by a power cut; who means it removes the file.
  const empty = file.text !== undefined && !/\S/.test(file.text);
  if (empty || (documents.length === 0 && problems.length > 0)) return [here(1)];
  const nameless = documents.filter(({ kind, name }) => kind === 'Workspace' && name === undefined);
  const cut = documents.length >= MAX_DOCUMENTS ? documents.slice(-1) : [];
  return [...new Set([...nameless, ...cut].map(({ line }) => here(line)))];
}
