/** Options that take the next word, ours and the global ones. */
const withValue = ['-w', '--workdir', '-e', '--env', '--state', '--config'];

/** Index of the first word from `at` on that is neither an option nor the value of one. */
function nextWord(argv: readonly string[], at: number): number {
  let index = at;
  while (argv[index]?.startsWith('-')) index += withValue.includes(argv[index]!) ? 2 : 1;
  return index;
}

/**
 * `exec ada ls -l` as `exec ada -- ls -l`: whatever follows the name is the command's, its options too. Other verbs,
 * and an exec with dashes, are left as they are.
 */
export function withDashes(argv: readonly string[]): string[] {
  const verb = nextWord(argv, 0);
  if (argv[verb] !== 'exec' || argv.includes('--')) return [...argv];
  const name = nextWord(argv, verb + 1);
  const rest = argv.slice(name + 1);
  return rest.length === 0 ? [...argv] : [...argv.slice(0, name + 1), '--', ...rest];
}
