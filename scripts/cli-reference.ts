import { writeFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import type { Io } from '../src/commands/io.ts';
import { makeProgram } from '../src/program.ts';
import { verbs } from '../src/verbs.ts';

const INTRO = `# Command line

Made from the verbs' own help by \`node scripts/cli-reference.ts\`; a test fails when the two differ.

Data goes to stdout and everything else to stderr: \`workdock: what went wrong\`, then \`  hint: what to do\`.
Verbs that take several names try all of them and list what failed. Without a terminal, or with \`NO_COLOR\`, nothing
is coloured, and nothing is cut to a width. Codes of errors and what each exits with: [errors.md](errors.md).
`;

/** What the program prints when it is called with these words. */
async function printed(argv: string[]): Promise<string> {
  const lines: string[] = [];
  const io: Io = {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    env: {},
    cwd: '/',
    width: 100,
    colour: false,
    now: () => 0,
    exitWith: () => {},
  };
  const program = await makeProgram(argv, io);
  await program.parseAsync(argv, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError && error.code === 'commander.helpDisplayed')) throw error;
  });
  return lines.join('\n');
}

const pathsBelow = (command: Command, path: string[]): string[][] => [
  path,
  ...command.commands.flatMap((child) => pathsBelow(child, [...path, child.name()])),
];

async function sections(name: string): Promise<string[]> {
  const io: Io = { out: () => {}, err: () => {}, env: {}, cwd: '/', colour: false, now: () => 0, exitWith: () => {} };
  const program = await makeProgram([name], io);
  const command = program.commands.find((each) => each.name() === name)!;
  return Promise.all(
    pathsBelow(command, [name]).map(async (path) => {
      const help = await printed([...path, '--help']);
      return `## workdock ${path.join(' ')}\n\n\`\`\`text\n${help}\n\`\`\`\n`;
    }),
  );
}

/** docs/reference/cli.md as it should be. */
export async function cliReference(): Promise<string> {
  const each = await Promise.all(verbs.map(({ name }) => sections(name)));
  const overview = `\`\`\`text\n${await printed(['--help'])}\n\`\`\`\n`;
  return [INTRO, overview, ...each.flat()].join('\n');
}

if (import.meta.main) {
  writeFileSync(new URL('../docs/reference/cli.md', import.meta.url), await cliReference());
}
