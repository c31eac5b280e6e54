/* Householder's QR decomposition: Golub and Van Loan, Matrix Computations, 5.2. Reflection k is
 * I - tau v v^T. v has zeros above element k, a one there, and below it what is stored in the
 * place of the column that it cleared. */
#include "nn/qr_internal.h"

#include <math.h>

static double dot(const double *x, const double *y, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* Reflects the n elements of x; v has n - 1 elements, behind its one. */
static void reflect(double *x, const double *v, int64_t n, double tau)
{
    const double along = tau * (x[0] + dot(x + 1, v, n - 1));
    x[0] -= along;
    for (int64_t i = 1; i < n; i++) x[i] -= along * v[i - 1];
}

/* Makes the reflection that clears the n elements of x behind the first one: x becomes v, behind
 * its one, and x[0] what the reflection leaves there. Returns tau. */
static double householder(double *x, int64_t n)
{
    const double rest = sqrt(dot(x + 1, x + 1, n - 1));
    if (rest == 0) return 0;
    const double left = -copysign(hypot(x[0], rest), x[0]), tau = (left - x[0]) / left;
    for (int64_t i = 1; i < n; i++) x[i] /= x[0] - left;
    x[0] = left;
    return tau;
}

void cd_qr(double *a, int64_t rows, int64_t columns, double *diagonal, double *tau)
{
    for (int64_t k = 0; k < columns; k++) {
        double *v = a + k * rows + k;
        tau[k] = householder(v, rows - k);
        diagonal[k] = v[0];
        for (int64_t j = k + 1; j < columns; j++) {
            reflect(a + j * rows + k, v + 1, rows - k, tau[k]);
        }
    }
    /* Q is the product of the reflections, applied from the last one on to columns of the
     * identity, which take the places of the vectors v. */
    for (int64_t k = columns - 1; k >= 0; k--) {
        double *v = a + k * rows + k;
        for (int64_t j = k + 1; j < columns; j++) {
            reflect(a + j * rows + k, v + 1, rows - k, tau[k]);
        }
        for (int64_t i = 1; i < rows - k; i++) v[i] *= -tau[k];
        v[0] = 1 - tau[k];
        for (int64_t i = 0; i < k; i++) a[k * rows + i] = 0;
    }
}
