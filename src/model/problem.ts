/** One thing wrong with one place of one file. Lines and columns start at 1. */
export type Problem = {
  file: string;
  line: number;
  column: number;
  /** Dotted path in the document, `spec.resources.memory`; empty for syntax errors. */
  path: string;
  message: string;
  /** What to write instead, when we can tell. */
  suggestion?: string;
  /** The source line, or what of a long one surrounds the problem. Never from a file outside the specs. */
  excerpt?: string;
  /** Place of the problem in `excerpt`, counted like `column`; absent when it is the same. */
  caret?: number;
};
