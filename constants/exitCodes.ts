/**
 * The exit codes of the command line. `unavailable` means that the store or the server cannot be reached or used, `temporary` that the same command may
 * succeed later, `refused` that it refused the user (EX_UNAVAILABLE, EX_TEMPFAIL and EX_NOPERM of sysexits.h). `late` is that of timeout(1): what was
 * waited for did not come in time. A signal adds its number to `signal`.
 */
export const EXIT_CODES = Object.freeze({
  failed: 1,
  wrongUse: 2,
  missing: 3,
  conflict: 4,
  unavailable: 69,
  temporary: 75,
  refused: 77,
  late: 124,
  signal: 128,
});
