/** Words that YAML 1.1 or 1.2 readers take for something else than text. */
const taken = /^(?:true|false|null|yes|no|on|off|y|n|~|e[0-9]+)$/i; // E0 is a number to some
const safe = /^[A-Za-z/][A-Za-z0-9 _./-]*$/;

const scalar = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value);
  return safe.test(value) && !taken.test(value) && !value.endsWith(' ') ? value : JSON.stringify(value);
};

/** JSON-like data as block YAML for people; doubtful text is quoted. Writing only: reading is `spec`'s. */
export function yamlText(value: unknown, indent = ''): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => `${indent}- ${yamlText(item, `${indent}  `).trimStart()}`).join('');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length > 0) return entries.map(([key, item]) => entry(key, item, indent)).join('');
  }
  return `${indent}${scalar(value)}\n`;
}

function entry(key: string, item: unknown, indent: string): string {
  const nested = typeof item === 'object' && item !== null && Object.keys(item).length > 0;
  return `${indent}${scalar(key)}:${nested ? `\n${yamlText(item, `${indent}  `)}` : ` ${yamlText(item)}`}`;
}
