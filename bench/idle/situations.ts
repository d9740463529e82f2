import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { openNotebook } from './notebook.ts';
import { keepDoing, openShell } from './person.ts';
import type { Situation, Stage } from './situation.ts';

/** Leaves a job behind that needs nothing but what a shell has. */
const job = (script: string) => async (stage: Stage) => {
  await stage.leave(script);
  return undefined;
};

/** A password as Jupyter keeps it (`jupyter_server.auth.security.passwd`). */
const hashed = (password: string, salt = 'c0ffee') =>
  `sha1:${salt}:${createHash('sha1')
    .update(password + salt)
    .digest('hex')}`;

/** Everything but what needs a controller of its own; those are in restart.ts and clock-jump.ts. */
export const situations: Situation[] = [
  {
    ...{ name: 'nothing at all', right: 'stops', why: 'nobody is there' },
    play: async () => undefined,
  },
  {
    ...{ name: 'silent CPU loop', right: 'stays', why: 'a computation that prints nothing is still one' },
    play: job('while :; do :; done'),
    because: /cpu keeps it awake/,
  },
  {
    ...{ name: 'typing', right: 'stays', why: 'somebody is there' },
    play: async (stage) => {
      const { type } = await openShell(stage);
      return () => keepDoing(stage, 3_000, () => type('ls\r'));
    },
    because: /(?:stream|terminal) keeps it awake/,
  },
  {
    ...{ name: 'typing into a terminal of docker exec', right: 'stays', why: 'whoever types, and from where' },
    play: async (stage) => {
      const container = stage.lab.container(stage.name);
      const exec = await container.exec({ Cmd: ['sh'], Tty: true, AttachStdin: true, AttachStdout: true });
      const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
      stream.resume();
      stage.afterwards(() => stream.destroy());
      return () => keepDoing(stage, 2_000, () => stream.write('ls\r'));
    },
    because: /terminal keeps it awake/,
  },
  {
    ...{ name: 'open but silent shell', right: 'stops', why: 'who walked away does not need it' },
    play: async (stage) => {
      await openShell(stage);
      return undefined;
    },
  },
  {
    ...{ name: 'forgotten shell that prints', right: 'stops', why: 'output is nobody being there' },
    play: async (stage) => {
      const { type } = await openShell(stage);
      type('while :; do date; sleep 0.5; done\r');
      return undefined;
    },
  },
  {
    ...{ name: 'forgotten Jupyter tab that polls', right: 'stops', why: 'a browser asks for ever, with nobody there' },
    big: true,
    play: async (stage) => {
      const notebook = await openNotebook(stage);
      await notebook.socket(await notebook.kernel());
      return notebook.poll;
    },
  },
  {
    ...{ name: 'kernel busy with no client', right: 'stays', why: 'a cell runs, and waits without using CPU' },
    big: true,
    play: async (stage) => {
      const notebook = await openNotebook(stage);
      await notebook.run(await notebook.kernel(), 'import time; time.sleep(600)');
      return undefined;
    },
    because: /jupyter keeps it awake/,
  },
  {
    ...{ name: 'kernel idle with an open websocket', right: 'stops', why: 'an open notebook in which nothing runs' },
    big: true,
    play: async (stage) => {
      const notebook = await openNotebook(stage);
      await notebook.socket(await notebook.kernel());
      return undefined;
    },
  },
  {
    ...{ name: 'tmux with sleep', right: 'stops', why: 'a process that does nothing is no work' },
    big: true,
    play: job('tmux new-session -d -s work "sleep 600"'),
  },
  {
    ...{ name: 'tmux with a job', right: 'stays', why: 'left to run over night' },
    big: true,
    play: job(`tmux new-session -d -s work "while :; do :; done"`),
    because: /cpu keeps it awake/,
  },
  {
    ...{ name: 'download', right: 'stays', why: 'data comes in, with little CPU' },
    play: async (stage) => {
      await stage.leave('while :; do nc -l -p 7000 >/dev/null; done');
      const { lab, name } = stage;
      const host = Object.values((await lab.inspect(name)).NetworkSettings.Networks)[0]?.IPAddress ?? '';
      const socket = connect({ host, port: 7000 }).on('error', () => undefined);
      stage.afterwards(() => socket.destroy());
      return () => keepDoing(stage, 100, () => socket.write(Buffer.alloc(50_000)));
    },
    because: /network keeps it awake/,
  },
  {
    ...{ name: 'job that writes a file every so often', right: 'stays', why: 'a simulation with checkpoints' },
    play: job('while :; do head -c 8M /dev/urandom | gzip > ~/checkpoint.gz; sleep 4; done'),
    because: /cpu keeps it awake/,
  },
  {
    ...{ name: 'job that sleeps between bursts', right: 'stays', why: 'computes for two seconds, waits for five' },
    play: job('while :; do timeout 2 sh -c "while :; do :; done"; sleep 5; done'),
    because: /cpu keeps it awake/,
  },
  {
    ...{ name: 'lease', right: 'stays', why: 'somebody said so: workdock keep' },
    play:
      async ({ lab, name, recorder }) =>
      () => {
        recorder.lease();
        return lab.cli('keep', name, '10m');
      },
    because: /lease keeps it awake/,
  },
  {
    ...{ name: 'lease from inside', right: 'stays', why: 'the same, said in ~/.workdock/keep' },
    play: async (stage) => () => {
      stage.recorder.lease();
      return stage.leave('mkdir -p ~/.workdock && echo 10m > ~/.workdock/keep');
    },
    because: /lease keeps it awake/,
  },
  {
    ...{
      name: 'unreadable signal',
      right: 'stays',
      why: 'a Jupyter server that lets nobody ask; unknown is not quiet',
    },
    big: true,
    play: async (stage) => {
      await openNotebook(stage, `--PasswordIdentityProvider.hashed_password='${hashed('x')}'`);
      return undefined;
    },
    because: /jupyter cannot be read.*password/,
  },
];
