/** Whatever goes wrong in here, the shop's page never sees an exception: the console does. */

/** Tells whoever looks into the console. */
export const warn = (problem: unknown): void => console.warn("Selektable:", problem);

/** The same function, which gives undefined instead of an exception. */
export const guarded =
  <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => R | undefined) =>
  (...args) => {
    try {
      return work(...args);
    } catch (error) {
      warn(error);
    }
    return undefined;
  };
