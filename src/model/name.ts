/** Grammar of workspace and owner names (design 6): lower case, starts with a letter, at most 32 characters. */
export const namePattern = '^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$';
const grammar = new RegExp(namePattern);

export const isName = (text: string): boolean => grammar.test(text);
