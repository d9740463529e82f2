import { expect, test } from 'vitest';
import { settingRows } from '../../src/commands/settings-text.ts';
import { parseFile } from '../../src/spec/parse.ts';
import { builtInDefaults, resolve } from '../../src/spec/resolve.ts';

const full = `apiVersion: workdock.dev/v1
kind: Workspace
metadata: {name: ada, labels: {lab: neuro}}
spec:
  owner: ada
  instance: box
  image: lab:1
  command: [python, -m, http.server]
  env: {TZ: Europe/Zurich}
  envFrom: [{file: ada.env}]
  user: {groups: [2001]}
  resources: {cpu: 500m, memory: 4Gi}
  storage: {mounts: [{source: /srv/shared, target: /shared, readOnly: true}]}
  network: {allow: ["10.1.2.3:27000"]}
  stopGracePeriod: 90s
`;
const site = {
  file: null,
  data: '/data',
  state: '/state',
  specs: ['/specs'],
  allowedImages: ['*'],
  mountRoots: ['/srv'],
  secretsRoot: '/secrets',
  defaults: {},
};

test('describe shows a value for every setting of a full spec, and the line it came from', () => {
  const [document] = parseFile('ada.yaml', full).documents;
  if (!document?.ok || document.kind !== 'Workspace') throw new Error('the spec of this test is broken');
  const resolved = resolve(document, undefined, site);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const rows = settingRows(resolved.desired, resolved.origins);
  expect(rows.filter(([, value]) => value === '')).toEqual([]);
  const shown = Object.fromEntries(rows.map(([field, value, origin]) => [field, `${value} from ${origin}`]));
  expect(Object.keys(shown)).toEqual(expect.arrayContaining(Object.keys(builtInDefaults).map((path) => path.slice(5))));
  expect(shown).toMatchObject({
    'metadata.labels.lab': 'neuro from ada.yaml:3',
    command: '["python","-m","http.server"] from ada.yaml:8',
    'env.TZ': 'Europe/Zurich from ada.yaml:9',
    envFrom: 'ada.env from ada.yaml:10',
    'resources.cpu': '0.5 from ada.yaml:12',
    'resources.shm': '1Gi from built-in',
    'storage.home.name': 'ada (in the data folder) from built-in',
    'storage.mounts': '/srv/shared on /shared (read-only) from ada.yaml:13',
    stopGracePeriod: '90s from ada.yaml:15',
    drift: 'Heal from built-in',
  });
});
