import { plain } from '../lib/plain-text.ts';
import type { Problem } from '../model/problem.ts';

/** One problem on one line, as compilers print them. */
export const problemLine = ({ file, line, column, message, suggestion }: Problem): string =>
  `${file}:${line}:${column} ${plain(message)}${suggestion === undefined ? '' : `; ${plain(suggestion)}`}`;
