import { yamlText } from '../lib/yaml-text.ts';
import { apiVersion } from './workspace-schema.ts';

/** More than any spec needs; what is nested deeper would make a file much larger than what was sent. */
const MAX_DEPTH = 16;

const heading = `# Written by workdock as a program asked (PUT /v1/specs, the library), whose next call may replace it.
# Copied into a folder of specs it is in your own hands: that file then counts, and this one does not.
`;

const isDocument = (given: unknown): given is object =>
  typeof given === 'object' &&
  given !== null &&
  ['apiVersion', 'kind', 'metadata', 'spec'].some((key) => Object.hasOwn(given, key));

const isDeeper = (value: unknown, than: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (than === 0 || Object.values(value).some((each) => isDeeper(each, than - 1)));

/**
 * A spec as a program hands it in, a whole document or its `spec` part, to the text of its file. Nothing is checked:
 * the text goes through the same reading as every spec file.
 * @returns null when it is nested too deep to be one.
 */
export function specFileText(name: string, given: unknown): { text: string; document: unknown } | null {
  if (isDeeper(given, MAX_DEPTH)) return null;
  const document = isDocument(given) ? given : { apiVersion, kind: 'Workspace', metadata: { name }, spec: given };
  return { text: `${heading}${yamlText(document)}`, document };
}
