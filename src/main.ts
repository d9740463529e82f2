import { mkdir } from 'node:fs/promises';
import type { UpOptions } from './commands/up.ts';
import { systemClock as clock } from './lib/clock.ts';
import { makeLog } from './lib/log.ts';
import type { Config } from './model/config.ts';
import { specPlaces } from './model/spec-places.ts';
import { openData, runOver } from './run-over.ts';
import { loadConfig } from './spec/config.ts';
import { waitForData } from './wait-for-data.ts';

const LAST_WORDS_MS = 500;

const read = ({ specs, ...flags }: UpOptions): Promise<Config> =>
  loadConfig({
    ...(flags.config && { flagFile: flags.config }),
    env: process.env,
    cwd: process.cwd(),
    overrides: { ...flags, ...(specs.length > 0 && { specs }) },
  });

/** `workdock up`: the controller in the foreground, until TERM, INT or the end of its terminal. Workspaces go on. */
export async function runUp(options: UpOptions): Promise<void> {
  const config = await read(options);
  const log = makeLog('info');
  const ended = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.abort(signal));
  // A terminal that closes takes its controller along; one that has none (nohup: Node undoes its ignoring) goes on.
  const onTerminal = process.stdin.isTTY || process.stderr.isTTY;
  process.on('SIGHUP', () => (onTerminal ? ended.abort('SIGHUP') : log.info('SIGHUP: nothing to do')));
  // Timers of ours do not keep the process alive; this one does until it is told to end.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  await mkdir(config.state, { recursive: true });
  try {
    const data = await waitForData(() => openData(config), { config, clock, log, ended: ended.signal });
    const stop = await runOver(data, config, log);
    const { state } = config;
    process.stderr.write(
      `workdock is ready: specs ${specPlaces(config).join(' ')}, state ${state}, data ${config.data}\n`,
    );
    await aborted(ended.signal);
    log.info({ signal: ended.signal.reason }, 'ending; workspaces stay as they are');
    await stop();
    // What the engine was asked for and nobody waits for any more, such as a pull, would keep the process for minutes.
    setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
  } finally {
    clearInterval(keepAlive);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
