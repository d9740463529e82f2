import { createHash } from 'node:crypto';
import type { SpecFile } from '../../src/model/source.ts';
import type { CheckedTemplate, CheckedWorkspace } from '../../src/spec/document.ts';
import { parseFile } from '../../src/spec/parse.ts';
import type { Site } from '../../src/spec/rules/rule.ts';

/** The five lines, and further lines of `spec`. */
export const workspaceText = (name: string, ...lines: string[]): string =>
  ['apiVersion: workdock.dev/v1', 'kind: Workspace', `metadata: {name: ${name}}`, 'spec:', `  owner: ${name}`]
    .concat(lines.map((line) => `  ${line}`))
    .join('\n')
    .concat('\n');

export const templateText = (name: string, ...lines: string[]): string =>
  ['apiVersion: workdock.dev/v1', 'kind: WorkspaceTemplate', `metadata: {name: ${name}}`, 'spec:']
    .concat(lines.map((line) => `  ${line}`))
    .join('\n')
    .concat('\n');

export const specFile = (path: string, text: string): SpecFile => ({
  path,
  text,
  sha256: createHash('sha256').update(text).digest('hex'),
});

export const site = (rest: Partial<Site> = {}): Site & { instance: string } => ({
  file: null,
  instance: 'default',
  data: '/srv/workdock/data',
  state: '/srv/workdock/state',
  specs: ['/srv/workdock/workspaces'],
  allowedImages: ['workdock-workspace:latest'],
  mountRoots: [],
  secretsRoot: null,
  defaults: {},
  ...rest,
});

/** The only document of a text; the test is wrong when it is not sound. */
export function only(text: string, path = 'ada.yaml'): CheckedWorkspace {
  const { documents, problems } = parseFile(path, text);
  const [document] = documents;
  if (!document?.ok || document.kind !== 'Workspace') throw new Error(JSON.stringify(problems));
  return document;
}

export function onlyTemplate(text: string, path = 'neuro.yaml'): CheckedTemplate {
  const { documents, problems } = parseFile(path, text);
  const [document] = documents;
  if (!document?.ok || document.kind !== 'WorkspaceTemplate') throw new Error(JSON.stringify(problems));
  return document;
}
