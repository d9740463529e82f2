import { makeSemaphore } from '../../src/lib/async.ts';
import { table } from '../../src/lib/table.ts';
import { DEADLINE_MS, type Outcome, type Point, runCrash, type Write } from './crash-run.ts';
import { type Scenario, scenarios } from './crash-scenarios.ts';
import type { Moment } from './socket-proxy.ts';

/** `what`: the call or the write, `3 POST containers/start` or `rename data/.workdock/intents/ada.json 1`. */
export type Row = { scenario: string; what: string; when: Moment; result: number | string; reached: boolean };
/** What may be killed at: the n-th call or write of its scenario, of all of its sort. */
export type Choice = { scenario: string; sort: 'call' | 'write'; number: number; when: Moment };

type Asked = {
  pick?: (choice: Choice) => boolean;
  parallel?: number;
  only?: string;
  /** Told of each as it is done, and how many there are. */
  onRow?: (row: Row, of: number) => void;
};
type Planned = { scenario: Scenario; what: string; point: Point; choice: Choice };

const moments: Moment[] = ['before', 'during', 'after'];
const everything = (_choice: Choice): boolean => true;
const failed = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Of the data folder every write, of the state folder (a cache) the first of each file. After a sync is before the
 * rename that follows it, so that each moment between two acts comes once.
 */
function momentsOf({ key, nth }: Write): ('before' | 'after')[] {
  if (/ state(\/|$)/.test(key) && nth > 1) return [];
  if (key.startsWith('rename ')) return ['before', 'after'];
  return /^sync .*\.(json|yaml)$/.test(key) ? ['before'] : ['after'];
}

/** All moments of all calls and writes of one scenario, which is run once without a kill to learn them. */
async function plan(scenario: Scenario): Promise<Planned[]> {
  const { calls, writes } = await runCrash(scenario, null);
  const { name } = scenario;
  const atCalls = calls.flatMap(({ number, what }) =>
    moments.map((when): Planned => {
      const choice: Choice = { scenario: name, sort: 'call', number, when };
      return { scenario, what: `${number} ${what}`, point: { at: number, when }, choice };
    }),
  );
  const atWrites = writes.flatMap((write, index) =>
    momentsOf(write).map((when): Planned => {
      const choice: Choice = { scenario: name, sort: 'write', number: index + 1, when };
      return { scenario, what: `${write.key} ${write.nth}`, point: { write, when }, choice };
    }),
  );
  return [...atCalls, ...atWrites];
}

const isLate = ({ result }: Row) => typeof result === 'number' && result > DEADLINE_MS;
/** What anybody has to look into. */
export const isFailure = (row: Row): boolean => typeof row.result === 'string' || isLate(row);

async function rowOf({ scenario, what, point }: Planned): Promise<Row> {
  const outcome: Outcome | string = await runCrash(scenario, point).catch(failed);
  const facts = { scenario: scenario.name, what, when: point.when };
  if (typeof outcome === 'string') return { ...facts, result: outcome, reached: true };
  return { ...facts, result: outcome.convergedMs, reached: outcome.reached };
}

/**
 * Kills the controller at the picked moments of every scenario whose name has `only` in it, several labs at a time. A
 * row's result is the milliseconds until it had converged, or what went wrong. One that was late among others, on a
 * machine that they share, is run once more alone, and that time counts.
 */
export async function crashMatrix(asked: Asked = {}): Promise<Row[]> {
  const { pick = everything, parallel = 4, only = '', onRow = () => undefined } = asked;
  const slot = makeSemaphore(parallel);
  const chosen = scenarios.filter(({ name }) => name.includes(only));
  const planned = await Promise.all(chosen.map((scenario) => slot(() => plan(scenario))));
  const picked = planned.flat().filter(({ choice }) => pick(choice));
  const run = async (one: Planned) => {
    const row = await rowOf(one);
    onRow(row, picked.length);
    return row;
  };
  const rows = await Promise.all(picked.map((one) => slot(() => run(one))));
  for (const [at, row] of rows.entries()) if (isLate(row)) rows[at] = await rowOf(picked[at]!);
  return rows;
}

/** One line per call or write: how long it took to converge after a kill before, during and after it. */
export function renderMatrix(rows: readonly Row[]): string {
  const byKey = Map.groupBy(rows, ({ scenario, what }) => `${scenario}\t${what}`);
  const cell = (row: Row | undefined) => {
    if (row === undefined) return '-';
    if (typeof row.result === 'string') return 'FAILED';
    return row.reached ? `${row.result} ms${isLate(row) ? ' LATE' : ''}` : 'not reached';
  };
  const lines = [...byKey].map(([key, own]) => [
    ...key.split('\t'),
    ...moments.map((when) => cell(own.find((row) => row.when === when))),
  ]);
  return table(['SCENARIO', 'AT', 'BEFORE', 'DURING', 'AFTER'], lines).join('\n');
}
