/** `ENOENT` and the like; the whole error as text when it has no code. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
