import { type Complaint, type Rule, valueAt } from './rule.ts';

/** Names that say who the user is. They follow from the owner and the home, and programs break when they do not. */
const reserved: Record<string, string> = {
  HOME: 'it follows from storage.home.mountPath',
  USER: 'it follows from owner',
  LOGNAME: 'it follows from owner',
  HOSTNAME: 'it is the name of the workspace',
  SHELL: 'it follows from the image',
  PWD: 'shells set it',
};

export const environment: Rule = (leaves) =>
  [...leaves.keys()]
    .filter((path) => path.startsWith('spec.env.'))
    .flatMap((path): Complaint[] => {
      const name = path.slice('spec.env.'.length);
      if (Object.hasOwn(reserved, name)) return [{ path, message: `env ${name} cannot be set: ${reserved[name]}` }];
      if (name.startsWith('WORKDOCK_')) return [{ path, message: `env ${name} cannot be set: WORKDOCK_ is ours` }];
      return [];
    });

/** A plain name below the secrets root: each part starts with a letter, digit or underscore, so never `..`. */
const plainFile = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

export const secretFiles: Rule = (leaves, { secretsRoot }) =>
  (valueAt<{ file: string }[]>(leaves, 'spec.envFrom') ?? []).flatMap(({ file }, index): Complaint[] => {
    const path = `spec.envFrom.${index}.file`;
    if (!plainFile.test(file)) {
      return [{ path, message: 'file must be a plain relative name', suggestion: 'write a name such as ada.env' }];
    }
    if (secretsRoot !== null) return [];
    const message = 'envFrom needs a folder for secrets, and the config names none';
    return [{ path, message, suggestion: 'write in workdock.yaml: secretsRoot: ./secrets' }];
  });
