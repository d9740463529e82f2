/** Words of a unit file as systemd reads them (man systemd.syntax, "Quoting"; systemd.service, "Command lines"). */

const PLAIN = /^[A-Za-z0-9_./,:+@=-]+$/;

/** `%` starts a specifier everywhere, `$` a variable in the arguments of a command. */
export function quoteWord(word: string, { isArgument = false } = {}): string {
  if (PLAIN.test(word)) return word;
  const escaped = word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%');
  return `"${isArgument ? escaped.replaceAll('$', '$$$$') : escaped}"`;
}

/** The words of a command line that `quoteWord` made; the first is the program, in which `$` means nothing. */
export function commandWords(line: string): string[] {
  const words = line.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
  return words.map((word, at) => {
    const plain = word
      .replace(/"((?:[^"\\]|\\.)*)"/g, '$1')
      .replace(/\\(.)/g, '$1')
      .replaceAll('%%', '%');
    return at === 0 ? plain : plain.replaceAll('$$', '$');
  });
}
