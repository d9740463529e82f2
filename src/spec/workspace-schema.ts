import { type Static, Type } from 'typebox';
import { commonFields, labels } from './fields.ts';
import { closed, name, tagged } from './schema-kit.ts';

export const apiVersion = 'workdock.dev/v1';

const version = Type.Literal(apiVersion, { description: 'Version of this format.' });
const who = {
  name: name('Unique among all files; moving the file changes nothing, another name is another workspace.'),
  labels: Type.Optional(labels),
};
const metadata = closed('Who it is.', {
  ...who,
  renamedFrom: Type.Optional(name('The name it had until now: its home and its container go on under the new one.')),
});

/** What a user writes in `workspaces/<name>.yaml`. Every default lives in resolve.ts, none here. */
export const WorkspaceV1 = closed('A persistent container workspace of one person.', {
  apiVersion: version,
  kind: Type.Literal('Workspace', { description: 'A workspace of one person.' }),
  metadata,
  spec: closed('What it should be.', {
    owner: name('The person it belongs to. Gives uid, gid and the home.'),
    template: Type.Optional(name('Name of a WorkspaceTemplate whose fields stand for those not given here.')),
    ...commonFields,
  }),
});

/** Fields shared by several workspaces: the same spec without owner and template. */
export const WorkspaceTemplateV1 = closed('Fields that several workspaces share.', {
  apiVersion: version,
  kind: Type.Literal('WorkspaceTemplate', { description: 'Fields that several workspaces share.' }),
  metadata: closed('Who it is.', who),
  spec: closed('The same fields as of a workspace, without owner and template.', commonFields),
});

export const SpecFileV1 = tagged('kind', WorkspaceV1, WorkspaceTemplateV1);

export type WorkspaceV1 = Static<typeof WorkspaceV1>;
export type WorkspaceTemplateV1 = Static<typeof WorkspaceTemplateV1>;
export type Kind = WorkspaceV1['kind'] | WorkspaceTemplateV1['kind'];
