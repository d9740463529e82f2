import type { HomePlace } from './desired.ts';

/** A home for people, and as a key: equal for the same place. */
export const placeText = (place: HomePlace): string =>
  place.kind === 'folder' ? `users/${place.name}` : place.kind === 'path' ? place.path : `volume ${place.volume}`;
