/* The program, run within the target. */
#ifndef CANDELA_TESTS_FUZZ_PROGRAM_H
#define CANDELA_TESTS_FUZZ_PROGRAM_H

#include "tests/fuzz/fuzz.h"

/* Runs it with these words, which end with NULL, and gives its exit status. What it wrote on
 * standard output and standard error is in *out and *err, each with a NUL behind it that does not
 * count; both are free()d by the caller. Signals are handled afterwards as before. */
int fuzz_program(int argc, char **argv, fuzz_bytes *out, fuzz_bytes *err);

#endif
