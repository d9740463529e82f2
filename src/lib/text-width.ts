/** Drawn over the character before it. */
const none = /^[\p{M}\p{Cf}]$/u;
/** Two cells in a terminal: East Asian scripts, full-width forms and emoji (Unicode UAX #11, its common part). */
const scripts = ['Han', 'Hangul', 'Hiragana', 'Katakana'].map((name) => `\\p{Script=${name}}`).join('');
const wide = new RegExp(`^[${scripts}\\p{Emoji_Presentation}\\u3000-\\u303e\\uff01-\\uff60\\uffe0-\\uffe6]$`, 'u');

/** Cells of a terminal that a text without control characters takes. */
export const textWidth = (text: string): number =>
  [...text].reduce((sum, sign) => sum + (none.test(sign) ? 0 : wide.test(sign) ? 2 : 1), 0);
