import { expect, test } from 'vitest';
import { problemText } from '../../src/spec/problem-text.ts';
import { resolve } from '../../src/spec/resolve.ts';
import type { Site } from '../../src/spec/rules/rule.ts';
import { only, onlyTemplate, site, templateText, workspaceText } from '../support/spec-texts.ts';

const resolved = (lines: string[], rest: Partial<Site> = {}, template?: string) => {
  const found = template === undefined ? undefined : onlyTemplate(template);
  return resolve(only(workspaceText('ada', ...lines)), found, site(rest));
};
const desired = (...args: Parameters<typeof resolved>) => {
  const result = resolved(...args);
  if (!result.ok) throw new Error(result.problems.map(problemText).join('\n'));
  return result;
};
const refusal = (line: string, rest: Partial<Site> = {}): string => {
  const result = resolved([line], rest);
  return result.ok
    ? 'valid'
    : result.problems.map(({ message, suggestion }) => `${message} | ${suggestion ?? ''}`).join('\n');
};

test('five lines are the built-in defaults of v1, which no upgrade may change', () => {
  expect(desired([]).desired).toMatchInlineSnapshot(`
    {
      "adopt": false,
      "command": {
        "kind": "Keep",
      },
      "deletionPolicy": "Retain",
      "deletionProtection": false,
      "drift": "Heal",
      "env": {},
      "envFrom": [],
      "groups": [],
      "home": {
        "mountPath": "/home/user",
        "place": {
          "kind": "folder",
          "name": "ada",
        },
        "shared": false,
      },
      "idle": {
        "cpuBelow": 0.1,
        "enabled": true,
        "mode": "Enforce",
        "timeoutMs": 1800000,
        "warnBeforeMs": 0,
      },
      "image": {
        "pullPolicy": "IfNotPresent",
        "ref": "workdock-workspace:latest",
      },
      "labels": {},
      "limits": {
        "memoryBytes": 8589934592,
        "nanoCpus": 2000000000,
        "pids": 512,
      },
      "mounts": [],
      "name": "ada",
      "network": {
        "allow": [],
        "mode": "internet",
      },
      "owner": "ada",
      "restartPolicy": "OnFailure",
      "security": {
        "profile": "restricted",
      },
      "shmBytes": 1073741824,
      "state": "Running",
      "stopGraceSeconds": 30,
      "suspend": false,
      "updatePolicy": "OnStop",
    }
  `);
});

test('built-in < config < template < spec: maps merge, lists are replaced, every value says where from', () => {
  const { desired: got, origins } = desired(
    ['template: neuro', 'env: {C: spec}', 'user: {groups: [3]}'],
    { defaults: { env: { A: 'config', B: 'config' }, resources: { cpu: 1 }, user: { groups: [1] } } },
    templateText('neuro', 'env: {B: template, C: template}', 'user: {groups: [1, 2]}', 'resources: {memory: 2Gi}'),
  );
  expect(got).toMatchObject({
    env: { A: 'config', B: 'template', C: 'spec' },
    groups: [3],
    limits: { nanoCpus: 1e9, memoryBytes: 2 ** 31, pids: 512 },
    shmBytes: 2 ** 30,
  });
  expect(origins).toMatchObject({
    'spec.env.A': 'config',
    'spec.env.B': expect.stringMatching(/^template neuro, .+:[0-9]+$/),
    'spec.env.C': 'ada.yaml:7',
    'spec.user.groups': 'ada.yaml:8',
    'spec.resources.cpu': 'config',
    'spec.resources.memory': expect.stringMatching(/^template neuro, .+:[0-9]+$/),
    'spec.resources.pids': 'built-in',
    'spec.resources.shm': 'built-in',
  });
});

test('a spec that says where the home is replaces another way to say it', () => {
  const rest = { mountRoots: ['/srv/home'] };
  const template = templateText('neuro', 'storage: {home: {volume: hub-ada, mountPath: /home/jovyan}}');
  expect(desired(['template: neuro', 'storage: {home: {source: /srv/home/ada}}'], rest, template).desired.home).toEqual(
    {
      place: { kind: 'path', path: '/srv/home/ada' },
      mountPath: '/home/jovyan',
      shared: false,
    },
  );
});

test('an image without a tag is the latest, and a text keeps the pull policy of the layer below', () => {
  const rest = { allowedImages: ['lab/*'], defaults: { image: { ref: 'lab/a', pullPolicy: 'Never' } } };
  expect(desired(['image: lab/b'], rest).desired.image).toEqual({ ref: 'lab/b:latest', pullPolicy: 'Never' });
});

test.each([
  ['image: python:3.12', {}, /not one of the allowed.*allowedImages: \["workdock-workspace:latest", "python:3.12"\]/],
  ['image: "lab.example/x:1"', { allowedImages: ['lab.example/*'] }, /^valid$/],
  ['image: "evil.example/lab.example/x:1"', { allowedImages: ['lab.example/*'] }, /not one of/],
  ['resources: {memory: 63Mi}', {}, /below 64Mi/],
  ['resources: {cpu: 0.001}', {}, /the least is 0.01/],
  ['resources: {shm: 1Ki}', {}, /below 1Mi/],
  ['idle: {timeout: 0s}', {}, /below 1s/],
  ['idle: {timeout: 1m, warnBefore: 2m}', {}, /does not fit/],
  ['stopGracePeriod: 2h', {}, /above 1h/],
  ['stopGracePeriod: 1500ms', {}, /whole seconds/],
  ['env: {HOME: /x}', {}, /HOME cannot be set: it follows/],
  ['env: {WORKDOCK_X: x}', {}, /WORKDOCK_ is ours/],
  ['envFrom: [{file: ada.env}]', {}, /secretsRoot: .\/secrets/],
  ['envFrom: [{file: ada.env}]', { secretsRoot: '/srv/secrets' }, /^valid$/],
  ['envFrom: [{file: ../ada.env}]', { secretsRoot: '/srv/secrets' }, /plain relative name/],
  ['envFrom: [{file: /etc/shadow}]', { secretsRoot: '/srv/secrets' }, /plain relative name/],
  ['network: {allow: ["10.0.0.256:80"]}', {}, /not an IPv4 address/],
  ['network: {allow: ["10.0.0.01:80"]}', {}, /not an IPv4 address/],
  ['network: {allow: ["10.0.0.1:65536"]}', {}, /above 65535/],
  ['network: {mode: none, allow: ["10.0.0.1:80"]}', {}, /mode is none/],
  ['network: {allow: ["10.0.0.1:65535"]}', {}, /^valid$/],
  ['storage: {home: {source: /srv/home/ada}}', {}, /mountRoots: \["\/srv\/home\/ada"\]/],
  ['storage: {home: {source: /srv/home/ada}}', { mountRoots: ['/srv/home'] }, /^valid$/],
  ['storage: {home: {source: /srv/homes/ada}}', { mountRoots: ['/srv/home'] }, /not below one of/],
  ['storage: {home: {mountPath: /etc/x}}', {}, /hide a folder of the image/],
  ['storage: {home: {mountPath: /}}', {}, /hide a folder of the image/],
])('%s with %j: %s', (line, rest, expected) => {
  expect(refusal(line, rest)).toMatch(expected);
});

test.each([
  ['/data/x', '/data', /^valid$/],
  ['/data/../etc', '/data', /without \.\..*\/etc$/],
  ['/data/', '/data', /without/],
  ['/proc/1', '/data', /give away the host/],
  ['/', '/data', /give away the host/],
  ['/var', '/data', /give away the host \(\/var\/run\)/],
  ['/run/docker.sock', '/data', /give away the host/],
  ['/data/docker.sock', '/data', /give away the engine/],
  ['/srv', '/data', /overlaps a folder of workdock/],
  ['/srv/workdock/data/users/bob', '/data', /overlaps a folder of workdock/],
  ['/data/x', '/home', /hide the home/],
  ['/data/x', '/home/user', /hide the home/],
  ['/data/x', '/home/user/data', /^valid$/],
  ['/data/x', '/usr/share', /hide a folder of the image/],
])('a mount of %s on %s: %s', (source, target, expected) => {
  const rest = { mountRoots: ['/data', '/'] };
  expect(refusal(`storage: {mounts: [{source: "${source}", target: "${target}"}]}`, rest)).toMatch(expected);
});

test('two mounts on one target are refused', () => {
  const mounts = '[{source: /data/a, target: /data}, {source: /data/b, target: /data}]';
  expect(refusal(`storage: {mounts: ${mounts}}`, { mountRoots: ['/data'] })).toMatch(/target of two mounts/);
});

test.each(['root', 'daemon', 'nobody', 'www-data', 'sshd', 'sudo', 'docker'])(
  'an owner named %s is refused',
  (owner) => {
    const result = resolve(only(workspaceText(owner)), undefined, site());
    expect(result.ok ? [] : result.problems.map(({ line, path }) => ({ line, path }))).toEqual([
      { line: 5, path: 'spec.owner' },
    ]);
  },
);

test('a value of a template is complained about in the template, one of the config at the workspace', () => {
  const inTemplate = resolved(['template: neuro'], {}, templateText('neuro', 'image: other'));
  expect(inTemplate.ok || inTemplate.problems).toMatchObject([{ file: 'neuro.yaml', line: 5, column: 10 }]);
  const inConfig = resolved([], { defaults: { image: 'other' } });
  expect(inConfig.ok || inConfig.problems).toMatchObject([
    { file: 'ada.yaml', line: 3, message: expect.stringMatching(/\(config\)$/) },
  ]);
});
