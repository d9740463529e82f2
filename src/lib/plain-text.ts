/** Text of the engine or of a spec on one line that cannot steer a terminal: control characters become spaces. */
export const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
