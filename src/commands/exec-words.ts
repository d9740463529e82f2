/** Options that take a value, ours and the global ones. */
const withValue = ['--workdir', '--env', '--state', '--config'];
/** A cluster of short ones, `-tw`: the first that takes a value takes the rest of the word, or the next one. */
const takesNext = /^-[^-we]*[we]$/;

/** Index of the first word from `at` on that is neither an option nor the value of one. */
function nextWord(argv: readonly string[], at: number): number {
  let index = at;
  while (argv[index] !== '--' && argv[index]?.startsWith('-')) {
    index += withValue.includes(argv[index]!) || takesNext.test(argv[index]!) ? 2 : 1;
  }
  return index;
}

/**
 * `exec ada ls -l` as `exec ada -- ls -l`: from its first word on all is the command's, options and dashes too, while
 * options between the name and that word are ours. Other verbs, and an exec with dashes, are left as they are.
 */
export function withDashes(argv: readonly string[]): string[] {
  const verb = nextWord(argv, 0);
  const name = nextWord(argv, verb + 1);
  const command = nextWord(argv, name + 1);
  const plain = argv[verb] !== 'exec' || [name, command].some((at) => argv[at] === '--' || at >= argv.length);
  return plain ? [...argv] : [...argv.slice(0, command), '--', ...argv.slice(command)];
}
