import { randomBytes } from 'node:crypto';
import type { Fitted } from '../../model/fitted.ts';

/** Labels of every container we make (design 6). They cannot change after the create. */
export const label = {
  instance: 'dev.workdock.instance',
  name: 'dev.workdock.name',
  owner: 'dev.workdock.owner',
  hash: 'dev.workdock.spec-hash',
  generation: 'dev.workdock.generation',
  nonce: 'dev.workdock.nonce',
  /** On the short-lived container that an image's accounts are read from; its value is the instance. */
  probe: 'dev.workdock.probe',
} as const;

export type Labels = Record<string, string>;

export const labelsFor = (instanceUid: string, fitted: Fitted, generation: number): Labels => ({
  [label.instance]: instanceUid,
  [label.name]: fitted.name,
  [label.owner]: fitted.owner,
  [label.hash]: fitted.hash,
  [label.generation]: String(generation),
  [label.nonce]: randomBytes(16).toString('hex'),
});

/**
 * True when this instance made the container. `docker commit` copies labels into the image and from there into foreign
 * containers: such a copy has the nonce of its image. An image that is gone cannot clear a container.
 */
export const isOurs = (instanceUid: string, own: Partial<Labels>, image: Partial<Labels> | null): boolean =>
  own[label.instance] === instanceUid &&
  own[label.name] !== undefined &&
  own[label.nonce] !== undefined &&
  image !== null &&
  own[label.nonce] !== image[label.nonce];
