/** What the command line ends with: a failure, wrong use, and a store that cannot be reached (EX_UNAVAILABLE of sysexits.h). */
export const EXIT_CODES = Object.freeze({ failed: 1, wrongUse: 2, unavailable: 69 });
