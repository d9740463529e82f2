/**
 * How many random cases a test tries: all of them in the whole suite, which sets THOROUGH, and a quarter where the
 * tests run on every save. Seeds are new each time, so that what a run leaves out another one tries.
 */
export const cases = (all: number): number => (process.env['THOROUGH'] ? all : Math.ceil(all / 4));
