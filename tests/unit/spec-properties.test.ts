import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { parse as parseYaml, stringify } from 'yaml';
import { canonical } from '../../src/lib/json.ts';
import type { Desired } from '../../src/model/desired.ts';
import { ignorable } from '../../src/model/drift.ts';
import { parseFile } from '../../src/spec/parse.ts';
import { resolve } from '../../src/spec/resolve.ts';
import { cases } from '../support/cases.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { only, site } from '../support/spec-texts.ts';

const config = site({ mountRoots: ['/data'], secretsRoot: '/srv/secrets', allowedImages: ['*'] });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const some = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) => fc.record(fields, { requiredKeys: [] });

/** Valid specs of every shape. */
const specs = fc.record({
  owner: fc.constant('ada'),
  state: optional(fc.constantFrom('Running', 'Stopped', 'OnDemand')),
  image: optional(fc.oneof(word, fc.record({ ref: word, pullPolicy: fc.constantFrom('Always', 'Never') }))),
  command: optional(fc.oneof(fc.constantFrom('Keep', 'Image'), fc.array(word, { minLength: 1, maxLength: 3 }))),
  env: optional(
    fc.dictionary(fc.stringMatching(/^X[A-Z_]{0,6}$/), fc.string({ unit: 'grapheme-ascii', maxLength: 20 })),
  ),
  envFrom: optional(fc.array(fc.record({ file: word }), { maxLength: 2 })),
  user: optional(some({ groups: fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 3 }) })),
  resources: optional(
    some({
      cpu: fc.oneof(fc.constantFrom(0.5, 1, 2), fc.constantFrom('250m', '4')),
      memory: fc.constantFrom('64Mi', '1.5Gi', '8Gi'),
      pids: fc.integer({ min: 16, max: 999 }),
      shm: fc.constantFrom('64Mi', '1Gi'),
    }),
  ),
  storage: optional(
    some({
      home: some({ name: word, shared: fc.boolean(), mountPath: fc.constantFrom('/home/user', '/home/jovyan') }),
      mounts: fc.array(fc.record({ source: word.map((w) => `/data/${w}`), target: word.map((w) => `/mnt/${w}`) }), {
        maxLength: 1,
      }),
    }),
  ),
  network: optional(some({ mode: fc.constant('internet'), allow: fc.constant(['10.1.2.3:80']) })),
  idle: optional(
    some({
      enabled: fc.boolean(),
      mode: fc.constantFrom('Enforce', 'Observe'),
      timeout: fc.constantFrom('1m', '1h30m'),
      cpuBelow: fc.constantFrom('5%', '12.5%'),
      warnBefore: fc.constantFrom('0s', '30s'),
    }),
  ),
  stopGracePeriod: optional(fc.constantFrom('5s', '1m30s', '1h')),
  drift: optional(
    fc.oneof(
      fc.constantFrom('Heal', 'Report'),
      some({
        policy: fc.constantFrom('Heal', 'Report'),
        ignore: fc.array(fc.constantFrom(...ignorable), { minLength: 1, maxLength: 5 }),
      }),
    ),
  ),
  suspend: optional(fc.boolean()),
});
const documents = specs.map((spec) => ({
  apiVersion: 'workdock.dev/v1',
  kind: 'Workspace',
  metadata: { name: 'ada', labels: { lab: 'neuro' } },
  spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown>,
}));

const resolved = (text: string) => {
  const result = resolve(only(text), undefined, config);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
};

/** The paths of a spec that a Desired was made from. */
const pathsOf = ({ labels, env, home: { place }, instance, template, driftIgnore }: Desired): string[] => [
  ...Object.keys(labels).map((key) => `metadata.labels.${key}`),
  ...Object.keys(env).map((key) => `spec.env.${key}`),
  `spec.storage.home.${{ folder: 'name', path: 'source', volume: 'volume' }[place.kind]}`,
  ...(instance === undefined ? [] : ['spec.instance']),
  ...(template === undefined ? [] : ['spec.template']),
  ...(driftIgnore === undefined ? [] : ['spec.drift.ignore']),
  ...'owner state image.ref image.pullPolicy command envFrom user.groups resources.cpu resources.memory resources.pids'
    .concat(' resources.shm storage.home.mountPath storage.home.shared storage.mounts network.mode network.allow')
    .concat(' idle.enabled idle.mode idle.timeout idle.cpuBelow idle.warnBefore')
    .concat(
      ' security.profile stopGracePeriod restart.policy updatePolicy deletionPolicy deletionProtection adopt drift',
    )
    .concat(' suspend')
    .split(' ')
    .map((path) => `spec.${path}`),
];

const RUNS = { numRuns: cases(100) };

// Many runs of small work, on machines that do other things as well.
vi.setConfig({ testTimeout: 60_000 });

test('every value of a Desired has an origin, and there are no other origins', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const { desired, origins } = resolved(stringify(document));
      expect(new Set(Object.keys(origins))).toEqual(new Set(pathsOf(desired)));
    }),
    RUNS,
  );
});

test('resolving is idempotent: what it gives, written as a spec, gives the same', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const { desired } = resolved(stringify(document));
      expect(resolved(stringify(written(desired))).desired).toEqual(desired);
    }),
    RUNS,
  );
});

test('comments, order, quotes and layout change nothing', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const { desired } = resolved(stringify(document));
      const text = stringify(Object.fromEntries(Object.entries(document).reverse()), {
        sortMapEntries: true,
        indent: 4,
      });
      const commented = text.replace(/^(?=\S)/gm, '# why\n\n');
      const flow = stringify(document, { collectionStyle: 'flow', defaultStringType: 'QUOTE_DOUBLE' });
      for (const other of [commented, flow, JSON.stringify(document), commented.replaceAll('\n', '\r\n')]) {
        expect(canonical(resolved(other).desired)).toBe(canonical(desired));
      }
    }),
    RUNS,
  );
});

test('parsing never throws, whatever the text; what it calls sound has every required field', () => {
  const seeds = [...Object.values(hostileTexts).map((text) => text.slice(0, 300)), stringify({ kind: 'Workspace' })];
  const pieces = fc.constantFrom(
    ...seeds,
    ': ',
    '\n',
    '- ',
    '"',
    "'",
    '[',
    '{',
    '&a ',
    '*a',
    '!t ',
    '---\n',
    '%',
    '\t',
    '|\n',
    '#',
  );
  const mutated = documents.chain((document) => {
    const text = stringify(document);
    return fc
      .tuple(fc.nat(text.length), fc.nat(20), pieces)
      .map(([at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut));
  });
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((all) => all.join('')),
    mutated,
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { documents: found, problems } = parseFile('x.yaml', text);
      expect(found.some(({ ok }) => !ok)).toBe(problems.length > 0);
      for (const { line, column, file } of problems)
        expect([line >= 1, column >= 1, file]).toEqual([true, true, 'x.yaml']);
      for (const document of found)
        if (document.ok) expect(document.body).toMatchObject({ metadata: { name: document.name } });
    }),
    { numRuns: cases(200) },
  );
});

test('what is called sound is what another reader of YAML sees', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const text = stringify(document);
      expect(only(text).body).toEqual(parseYaml(text));
    }),
    RUNS,
  );
});

/** A Desired as the spec that says all of it. */
function written(desired: Desired) {
  const { place, mountPath, shared } = desired.home;
  const { limits, command } = desired;
  if (place.kind !== 'folder') throw new Error('only folders here');
  return {
    apiVersion: 'workdock.dev/v1',
    kind: 'Workspace',
    metadata: { name: desired.name, labels: desired.labels },
    spec: {
      owner: desired.owner,
      state: desired.state,
      image: desired.image,
      command: command.kind === 'Argv' ? command.argv : command.kind,
      env: desired.env,
      envFrom: desired.envFrom.map((file) => ({ file })),
      user: { groups: desired.groups },
      resources: {
        cpu: limits.nanoCpus / 1e9,
        memory: `${limits.memoryBytes / 2 ** 20}Mi`,
        pids: limits.pids,
        shm: `${desired.shmBytes / 2 ** 20}Mi`,
      },
      storage: { home: { name: place.name, mountPath, shared }, mounts: desired.mounts },
      network: desired.network,
      security: desired.security,
      idle: {
        enabled: desired.idle.enabled,
        mode: desired.idle.mode,
        timeout: `${desired.idle.timeoutMs / 1_000}s`,
        cpuBelow: `${desired.idle.cpuBelow * 100}%`,
        warnBefore: `${desired.idle.warnBeforeMs / 1_000}s`,
      },
      stopGracePeriod: `${desired.stopGraceSeconds}s`,
      restart: { policy: desired.restartPolicy },
      updatePolicy: desired.updatePolicy,
      deletionPolicy: desired.deletionPolicy,
      deletionProtection: desired.deletionProtection,
      adopt: desired.adopt,
      drift: { policy: desired.drift, ...(desired.driftIgnore && { ignore: desired.driftIgnore }) },
      suspend: desired.suspend,
    },
  };
}
