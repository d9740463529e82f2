/** A JSON schema as far as the tables look into it. */
export type Schema = {
  title?: string;
  type?: string | string[];
  description?: string;
  enum?: string[];
  enumDescriptions?: string[];
  const?: string;
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  patternErrorMessage?: string;
};

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const whenLeftOut = (value: unknown): string => (value === undefined ? '' : code(value));

/** The description, and what each of a few words stands for. */
function meaning({ description = '', enum: words = [], enumDescriptions = [] }: Schema): string {
  const each = words.map((word, index) => `${code(word)}: ${enumDescriptions[index] ?? ''}`);
  return [description, ...(each.length > 0 ? [`${each.join('; ')}.`] : [])].join(' ');
}

/** What a field takes, in words. */
function takes(node: Schema): string {
  if (node.title !== undefined) return node.title;
  if (node.const !== undefined) return code(node.const);
  if (node.enum) return node.enum.map(code).join(' or ');
  if (node.patternErrorMessage) return node.patternErrorMessage.replace(/^must be /, '');
  const [type, other] = [node.type].flat();
  if (other !== undefined) return `${type === 'string' ? 'text' : type} or ${other === 'array' ? 'list' : other}`;
  if (type === 'array') return 'list';
  if (type === 'object') return 'map';
  if (type === 'boolean') return '`true` or `false`';
  if (type === 'integer') {
    return node.maximum !== undefined && node.maximum < 1e6
      ? `${node.minimum} to ${node.maximum}`
      : `number from ${node.minimum ?? 0}`;
  }
  return 'text';
}

/** Every field of a schema as rows of a Markdown table, those of lists as `mounts[].source`. */
export function fieldTable(root: Schema, derived: Record<string, string> = {}): string {
  const rows: string[] = [];
  const visit = (node: Schema, path: string) => {
    const given = (node.default ?? {}) as Record<string, unknown>;
    for (const [word, child] of Object.entries(node.properties ?? {})) {
      const at = path === '' ? word : `${path}.${word}`;
      const need = node.required?.includes(word)
        ? 'required'
        : (derived[at] ?? whenLeftOut(child.default ?? given[word]));
      const inner = child.properties ?? child.items?.properties;
      if (!inner || child.type !== 'object' || path.endsWith('[]')) {
        rows.push(`| ${code(at)} | ${cell(takes(child))} | ${cell(need)} | ${cell(meaning(child))} |`);
      }
      if (child.properties) visit(child, at);
      if (child.items?.enum)
        rows.push(`| ${code(`${at}[]`)} | ${cell(takes(child.items))} |  | ${cell(meaning(child.items))} |`);
      if (child.items?.properties) visit(child.items, `${at}[]`);
      for (const each of Object.values(child.patternProperties ?? {})) visit(each, `${at}.NAME`);
    }
  };
  visit(root, '');
  return ['| field | takes | when left out | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
