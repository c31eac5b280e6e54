/* A decimal number in a field of a CSV file. */
#ifndef CANDELA_IO_CSV_NUMBER_INTERNAL_H
#define CANDELA_IO_CSV_NUMBER_INTERNAL_H

#include "core/api.h"

/* Reads what Python's float() reads, without underscores: spaces around it are allowed, and inf,
 * infinity and nan in any case. `point` is the decimal point, '.' or ','. *out becomes the nearest
 * double, ties to even. False, and *out as it was, for any other text. The thread must be in the
 * "C" locale (cd_c_locale_enter). The text is the same afterwards, but may be changed meanwhile. */
bool cd_csv_number(char *text, char point, double *out);

#endif
