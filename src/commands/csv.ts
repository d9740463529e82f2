/** One record: the line it starts in (from 1), and its fields. */
export type CsvRow = { line: number; fields: string[] };

/**
 * RFC 4180, as spreadsheets write it: commas, or semicolons or tabs where the header has more of those; quotes with
 * `""` inside and line ends in them; CRLF or LF; a byte order mark. Empty lines are left out.
 * @returns `unclosed` is the line of a quote that never ends.
 */
export function parseCsv(text: string): { rows: CsvRow[]; unclosed?: number } {
  const clean = text.replace(/^\ufeff/, '');
  const separator = separatorOf(clean);
  const rows: CsvRow[] = [];
  let row: CsvRow = { line: 1, fields: [] };
  let field = '';
  let quotedFrom: number | undefined;
  let line = 1;
  const endField = () => {
    row.fields.push(field.trim());
    field = '';
  };
  const endRow = (next: number) => {
    endField();
    if (row.fields.some((each) => each !== '')) rows.push(row);
    row = { line: next, fields: [] };
  };
  for (let at = 0; at < clean.length; at += 1) {
    const character = clean[at]!;
    if (character === '\n') line += 1;
    if (quotedFrom !== undefined) {
      if (character !== '"') field += character;
      else if (clean[at + 1] === '"') {
        field += '"';
        at += 1;
      } else quotedFrom = undefined;
    } else if (character === '"' && field.trim() === '') {
      quotedFrom = line;
      field = '';
    } else if (character === separator) endField();
    else if (character === '\n') endRow(line);
    else if (character !== '\r') field += character;
  }
  endRow(line);
  return quotedFrom === undefined ? { rows } : { rows, unclosed: quotedFrom };
}

function separatorOf(text: string): string {
  const header = text.slice(0, text.search(/\r?\n|$/)).replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).mark;
}
