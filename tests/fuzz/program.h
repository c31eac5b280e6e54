/* Running the program, candela, within a fuzz target. */
#ifndef CANDELA_TESTS_FUZZ_PROGRAM_H
#define CANDELA_TESTS_FUZZ_PROGRAM_H

#include "tests/fuzz/fuzz.h"

/* Runs the program with these arguments; argv[argc] is NULL. Returns its exit status. Afterwards
 * *out and *err hold what it wrote to standard output and standard error, each followed by a NUL
 * that is not counted in `size`; the caller frees their `data` with free(). The handlers of signals
 * are as before the call. */
int fuzz_program(int argc, char **argv, fuzz_bytes *out, fuzz_bytes *err);

#endif
