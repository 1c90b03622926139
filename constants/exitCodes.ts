/**
 * The exit codes of the command line. `unavailable` means that the store cannot be reached or used, `refused` that it refused the user
 * (EX_UNAVAILABLE and EX_NOPERM of sysexits.h).
 */
export const EXIT_CODES = Object.freeze({ failed: 1, wrongUse: 2, unavailable: 69, refused: 77 });
