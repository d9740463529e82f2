/**
 * Text of the engine or of a spec on one line that cannot steer a terminal: control characters, and marks that turn the
 * direction of what follows, become spaces.
 */
export const plain = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
