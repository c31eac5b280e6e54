/* The QR decomposition of a tall matrix in double, for cd_init_orthogonal_. */
#ifndef CANDELA_NN_QR_INTERNAL_H
#define CANDELA_NN_QR_INTERNAL_H

#include <stdint.h>

/* A = Q R by Householder's reflections. `a` has A column by column, rows >= columns, and gets Q, of
 * the same shape, with orthonormal columns. `diagonal` gets the diagonal of R, whose signs are
 * those of LAPACK's geqrf. Both `diagonal` and `tau`, which is for the function's own use, have
 * room for a number for each column. */
void cd_qr(double *a, int64_t rows, int64_t columns, double *diagonal, double *tau);

#endif
