import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml';
import { didYouMean } from '../lib/suggest.ts';
import { hasForbidden } from './chunks.ts';
import type { Finding } from './tokens.ts';

/** Offsets of key and value of every dotted path. */
export type Offsets = Map<string, { key: number; value: number }>;

/** A tree as plain JSON. `written` has the text of every value that is not a string, for "write it in quotes". */
export type Tree = { value: unknown; offsets: Offsets; written: Map<string, string>; findings: Finding[] };

/** Decimal, as everyone reads it: no leading zero, exponent, other base, or infinity. */
const plainNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

/** Plain JSON of a composed document, with its own check for duplicate keys, in linear time. */
export function readTree(root: ParsedNode | null): Tree {
  const tree: Tree = { value: null, offsets: new Map(), written: new Map(), findings: [] };
  if (root) tree.offsets.set('', { key: root.range[0], value: root.range[0] });
  tree.value = read(root, '', tree);
  return tree;
}

function read(node: ParsedNode | null, path: string, tree: Tree): unknown {
  if (isMap(node)) return readMap(node as YAMLMap.Parsed, path, tree);
  if (isSeq(node)) {
    return (node.items as ParsedNode[]).map((item, index) => {
      const at = `${path}${path === '' ? '' : '.'}${index}`;
      const offset = item.range[0];
      tree.offsets.set(at, { key: offset, value: offset });
      return read(item, at, tree);
    });
  }
  if (!isScalar(node) || isAlias(node)) return null;
  const { value, range } = node as typeof node & { range: [number, number, number] };
  if (typeof value === 'string') {
    if (hasForbidden(value)) {
      tree.findings.push({ offset: range[0], path, message: 'a control character or invisible mark in this text' });
    }
    return value;
  }
  if (value !== null && !['number', 'bigint', 'boolean'].includes(typeof value)) return null; // of a refused tag
  const written = String(node.source);
  tree.written.set(path, written);
  if (typeof value === 'number' && (!plainNumber.test(written) || Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
    const plain = Number.isFinite(value) && Math.abs(value) < 1e15 ? `${value}` : undefined;
    tree.findings.push({
      offset: range[0],
      path,
      message: `${written.slice(0, 40)} is not a plain decimal number`,
      suggestion: plain === undefined ? 'write plain digits' : didYouMean(plain),
    });
  }
  return typeof value === 'bigint' ? Number(value) : value;
}

function readMap(node: YAMLMap.Parsed, path: string, tree: Tree): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const { key, value } of node.items) {
    const offset = key.range[0];
    const word = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
    const wrong = word === undefined ? notText(key) : wrongKey(word, entries);
    if (word === undefined || wrong) {
      tree.findings.push({ offset, path, ...(wrong ?? { message: 'not a field name' }) });
      continue;
    }
    const at = path === '' ? word : `${path}.${word}`;
    tree.offsets.set(at, { key: offset, value: value ? value.range[0] : offset });
    entries.set(word, read(value, at, tree));
  }
  return Object.fromEntries(entries);
}

const notText = (key: ParsedNode) => {
  const written = isScalar(key) ? String(key.source).slice(0, 40) : '';
  const suggestion = written === '' ? {} : { suggestion: didYouMean(`"${written}"`) };
  return { message: 'a field name must be text', ...suggestion };
};

function wrongKey(word: string, earlier: Map<string, unknown>): { message: string; suggestion?: string } | undefined {
  if (earlier.has(word)) return { message: `${JSON.stringify(word.slice(0, 40))} is given twice` };
  if (word === '<<') {
    return { message: 'merge keys (<<) are not allowed', suggestion: 'what is shared belongs in a WorkspaceTemplate' };
  }
  if (word === '__proto__' || hasForbidden(word)) return { message: 'this field name cannot be used' };
  return undefined;
}
