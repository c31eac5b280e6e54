/* What trapezoid and cumulative_trapezoid share: integrals by the trapezoidal rule. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_TRAPEZOID_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_TRAPEZOID_INTERNAL_H

#include "autograd/ops_internal.h"
#include "autograd/stats_ops.h"

/* A function of the checked options, in which dim counts from the front. */
typedef cd_tensor *cd_trapezoid_rule(const cd_trapezoid_options *o);

/* Checks the options, and calls the function in a scope of its own. NULL with an error, which
 * begins with `what`. */
cd_tensor *cd_trapezoid_by(const char *what, cd_trapezoid_options options, cd_trapezoid_rule *rule);
/* y[i] + y[i + 1] along the dimension; with x times x[i + 1] - x[i]. */
cd_tensor *cd_trapezoid_terms(const cd_trapezoid_options *o);

#endif
