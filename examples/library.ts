/**
 * The six calls of a container manager, against the controller of a state folder or against one of its own:
 *
 *   node library.ts client /var/lib/workdock/state
 *   node library.ts embedded /srv/lab
 */
import { openWorkspaces, WorkdockError, type Workspaces } from 'workdock';

const [mode, folder] = process.argv.slice(2);
if ((mode !== 'client' && mode !== 'embedded') || folder === undefined) {
  console.error('usage: node library.ts client STATE | embedded FOLDER');
  process.exit(2);
}

const open = (): Promise<Workspaces> =>
  mode === 'client'
    ? openWorkspaces({ state: folder })
    : openWorkspaces({ embed: true, config: `${folder}/workdock.yaml` });

/** A lesson of a course: a workspace for the student, their file in it, and what it prints. */
async function lesson(workspaces: Workspaces, student: string): Promise<void> {
  const { outcome, status } = await workspaces.getOrCreate(
    student,
    { resources: { cpu: 0.5, memory: '96Mi' }, env: { LESSON: '3' } },
    { labels: { course: 'shell' } },
  );
  console.log(`${student}: ${outcome}, ${status.phase}`);

  await workspaces.exec(student, ['tee', 'lesson.sh'], { stdin: 'echo "lesson $LESSON of $USER"\n' });
  const run = await workspaces.exec(student, ['sh', 'lesson.sh'], { timeoutMs: 60_000 });
  console.log(`${student}: exit code ${run.exitCode}, ${run.stdout.trim()}`);
}

/** What runs for longer than anybody waits: its output as it comes. */
async function watch(workspaces: Workspaces, student: string): Promise<void> {
  const { stdout, stderr, exited } = await workspaces.execStream(student, [
    'sh',
    '-c',
    'for i in 1 2 3; do echo $i; done',
  ]);
  stderr.resume();
  let lines = 0;
  for await (const chunk of stdout) lines += String(chunk).split('\n').length - 1;
  console.log(`${student}: ${lines} lines, exit code ${await exited}`);
}

const workspaces = await open();
try {
  await lesson(workspaces, 'ada');
  await watch(workspaces, 'ada');

  for (const { name, verdict } of await workspaces.listIdle(30)) console.log(`${name}: ${verdict?.because}`);
  for (const { name, decision, reason } of await workspaces.cleanupIdle(30, { dryRun: true })) {
    console.log(`${name}: ${decision}, ${reason}`);
  }
  await workspaces.stop('ada');
  console.log(`ada: ${(await workspaces.status('ada'))?.phase}`);

  // Stopped on purpose: nothing wakes it but `start`.
  await workspaces.exec('ada', ['true']).catch((error: unknown) => {
    if (!(error instanceof WorkdockError)) throw error;
    console.log(`ada: ${error.code}, ${error.hint}`);
  });
} finally {
  await workspaces.close();
}
