import { addLine, type Rule, valueAt } from './rule.ts';

/** A reference without tag and digest means `:latest`. */
export const fullRef = (ref: string): string => (/(:[^/]+|@sha256:[0-9a-f]+)$/.test(ref) ? ref : `${ref}:latest`);

/** True when `ref` is `pattern`, in which `*` stands for any text. */
export function matches(ref: string, pattern: string): boolean {
  const [first, ...rest] = pattern.split('*') as [string, ...string[]];
  if (rest.length === 0) return ref === fullRef(pattern);
  const last = rest.pop()!;
  if (ref.length < first.length + last.length || !ref.startsWith(first) || !ref.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = ref.indexOf(part, at);
    if (found < 0 || found + part.length > ref.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

export const image: Rule = (leaves, { allowedImages }) => {
  const ref = valueAt<string>(leaves, 'spec.image.ref');
  if (ref === undefined || allowedImages.some((pattern) => matches(fullRef(ref), pattern))) return [];
  const message = `image ${ref} is not one of the allowed images`;
  return [{ path: 'spec.image.ref', message, suggestion: addLine('allowedImages', [...allowedImages, ref]) }];
};
