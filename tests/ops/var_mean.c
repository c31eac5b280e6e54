/* Samples and bad calls of var_mean: see op_cases.h. */
#include "op_cases.h"

/* parameters[10] chooses the result: the variance, the mean, or their sum, so that both have a
 * gradient. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_tensor *mean = NULL;
    cd_tensor *y =
        cd_var_mean(in[0], &mean, .dims = dims_from(p), .keepdim = p[1] != 0, .correction = p[11]);
    return p[10] == 0 ? y : p[10] == 1 ? mean : cd_add(y, cd_mul(mean, 3));
}

static void samples(cd_samples *s)
{
    for (int which = 0; which < 3; which++) {
        cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 4));
        cd_sample(s, call, { x }, { [10] = which });
        cd_sample(s, call, { x }, { 2, true, 2, 0, [10] = which, [11] = CD_ZERO });
        cd_sample(s, call, { cd_transpose(x, 0, 2) }, { 1, false, 1, [10] = which, [11] = 2 });
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 1, false, 1, [10] = which });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *mean;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_var_mean(NULL, &mean));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mean is NULL", cd_var_mean(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_var_mean(x, &mean, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_var_mean(cd_arange(3), &mean));
}

const op_cases cases_var_mean = { samples, misuse };
