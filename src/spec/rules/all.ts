import type { Leaves } from '../layers.ts';
import { environment, secretFiles } from './environment.ts';
import { idle } from './idle.ts';
import { image } from './image.ts';
import { network } from './network.ts';
import { owner } from './owner.ts';
import type { Complaint, Site } from './rule.ts';
import { sizes } from './sizes.ts';
import { storage } from './storage.ts';

const rules = [owner, image, environment, secretFiles, sizes, idle, storage, network];

/** Everything wrong with these values that the schema cannot see. */
export const complaintsAbout = (leaves: Leaves, site: Site): Complaint[] => rules.flatMap((rule) => rule(leaves, site));
