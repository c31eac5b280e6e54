/* How the functions of the public headers are called, as these declare them. */
#ifndef CANDELA_TESTS_PROTOTYPES_H
#define CANDELA_TESTS_PROTOTYPES_H

#include <stdbool.h>
#include <stdio.h>

/* Reads the headers. False where one cannot be read. */
bool prototypes_read(const char *const *headers, size_t count);
/* Writes how cd_NAME is called to `to`, which has room for `bytes`: as it is declared,
 * "cd_tensor *cd_mm(cd_tensor *a, cd_tensor *b)"; or, where it takes a struct of options, with the
 * members before CD_GUARD_ and the names of the others, "cd_tensor *cd_sum_dim(cd_tensor *x, int
 * dim, .keepdim, .dtype)". False if no header declares it. */
bool prototype_of(const char *name, char *to, size_t bytes);

#endif
