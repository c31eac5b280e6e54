/* Samples and bad calls of aminmax: see op_cases.h. */
#include "op_cases.h"

/* parameters[10] chooses the result: the smallest, the largest, or their sum, so that both have a
 * gradient. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_tensor *max = NULL,
              *min = cd_aminmax(in[0], &max, .dims = dims_from(p), .keepdim = p[1] != 0);
    return p[10] == 0 ? min : p[10] == 1 ? max : cd_add(min, cd_mul(max, 3));
}

static void samples(cd_samples *s)
{
    for (int which = 0; which < 3; which++) {
        cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 4));
        cd_sample(s, call, { x }, { [10] = which });
        cd_sample(s, call, { x }, { 1, true, 1, [10] = which });
        cd_sample(s, call, { cd_transpose(x, 0, 2) }, { 2, false, 2, 0, [10] = which });
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 1, false, 1, [10] = which });
        cd_sample(s, call, { cd_arange(5) }, { [10] = which });
    }
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *max;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_aminmax(NULL, &max));
    cd_expect_error(s, CD_ERR_ARGUMENT, "max is NULL", cd_aminmax(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_aminmax(x, &max, .dims = CD_DIMS(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "0x2", cd_aminmax(cd_zeros(CD_SHAPE(0, 2)), &max));
}

const op_cases cases_aminmax = { samples, misuse };
