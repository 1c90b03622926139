/** The exit codes of the command line. `unavailable` means that the store cannot be reached (EX_UNAVAILABLE of sysexits.h). */
export const EXIT_CODES = Object.freeze({ failed: 1, wrongUse: 2, unavailable: 69 });
