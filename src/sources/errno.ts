import { constants } from 'node:os';

/** Numbers that Node has no word for, ESTALE among them: the code of such an error is a sentence. */
const byNumber = new Map(Object.entries(constants.errno).map(([name, number]) => [-number, name]));

/** `ENOENT` and the like; the whole error as text when it has no code. */
export function errnoOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return String(error);
  const code = String(error.code);
  if (/^E[A-Z0-9_]+$/.test(code) || !('errno' in error)) return code;
  return byNumber.get(Number(error.errno)) ?? code;
}
