import { type Family, hostFamilies, loopFamilies, workspaceFamilies } from '../../src/metrics/families.ts';

const intro = `# Metrics

<!-- Written by \`npm run gen\` from src/metrics/families.ts; a test fails when they differ. -->

\`GET /metrics\` on the [API](api.md), or \`workdock metrics\`: the text format 0.0.4 of Prometheus. How to have it
scraped is in [operating.md](../guide/operating.md#metrics). Names and labels are a contract.

A scrape asks neither the engine nor a disk: it tells what the passes of the loop, the looks for idleness and the count
of homes have left behind, and \`workdock_workspace_figure_age_seconds\` says how old that is. Counters begin anew with
the controller, and what is counted of one run (CPU) with the container; \`rate()\` and \`increase()\` know that.
`;

const ofWorkspaces = `
Only workspaces that a spec file declares have series, and those go with the file; \`workspace\` is the name. What is
not known, such as the memory of one that does not run, has no series.

- **memory** and the limits are of the last pass: each \`resync\` (30 s unless set), and after every event.
- **cpu** and for how long it has been quiet are of the last look for idleness (\`idle.interval\`, 30 s unless set).
- **home** is counted by \`du\` at the lowest priority, one home after the other, each about once in an hour (after
  120 \`idle.interval\`), with a pause of 20 times what a count took: with many or large homes the age grows, and the
  disks do not notice. A home that nobody used since its last count is not counted again. Workspaces that share a home
  each have all of it.
`;

const ofTheLoop = `
Names, labels and bounds are those of controller-runtime, so that its dashboards and alerts fit; \`controller\` and
\`name\` are \`workspace\`.
`;

const ofTheHost = `
\`verb\` is that of the runtime port (src/model/runtime.ts): one \`observe\` is a look at one workspace and asks the
engine several things; \`readSignals\` and \`processes\` read the host and ask the engine hardly ever. \`exec\` and
\`logs\` count until they are open.

The engine is listed as a whole once in each \`resync\` (30 s unless set) and whenever its stream of events was opened
anew; the stream has shown life when an event came, of whatever container, or when the engine answered a ping beside it
(every 15 s). When either is older than three \`resync\`, and than a minute, \`EngineReachable\` is Unknown
(\`ListTooOld\`, \`EventsLost\`), which \`doctor\` and \`why\` show. Lag is 0 when the clock of the engine goes ahead.

Drift is counted by the first word of the path of the field (\`resources\`, \`state\`, \`container\`; \`other\` for what
has no name here): as healed by the pass after which it is as wanted again, as reported when it is found and left
(\`drift: Report\`, suspended), as ignored when it is found and
\`drift.ignore\` leaves it to hands. A crash is a drift of \`state\` too.
`;

const code = (text: string) => `\`${text}\``;
const row = ([name, { type, labels, help }]: [string, Family]) =>
  `| ${code(name)} | ${type} | ${labels.map(code).join(' ')} | ${help} |`;
const section = (heading: string, text: string, families: Record<string, Family>) =>
  [
    `\n## ${heading}`,
    `${text}\n| metric | type | labels | meaning |\n|---|---|---|---|`,
    ...Object.entries(families).map(row),
  ]
    .join('\n')
    .concat('\n');

/** docs/reference/metrics.md. */
export const metricsPage = (): string =>
  [
    intro,
    section('Of workspaces', ofWorkspaces, workspaceFamilies),
    section('Of the loop', ofTheLoop, loopFamilies),
    section('Of engine, host and controller', ofTheHost, hostFamilies),
  ].join('');
