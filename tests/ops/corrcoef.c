/* Samples and bad calls of corrcoef: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Half of it: the elements on the diagonal are at the bound, where the gradient is not that of a
 * difference. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_tril(cd_corrcoef(in[0]), -1);
}

static cd_tensor *whole(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_corrcoef(in[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3, 5) });
    cd_sample(s, call, { RANDOM(2, 7) });
    cd_sample(s, call, { RANDOM(4, 4) });
    cd_sample(s, call, { cd_t(RANDOM(6, 2)) });
    cd_sample(s, call, { RANDOM(0, 3) });
    cd_sample(s, whole, { cd_pow(cd_view(cd_arange(10), CD_SHAPE(2, 5)), 2) });
    s->visit(s, &(cd_sample){ .call = whole, .input = { RANDOM(4) }, .constant = 1 });
    s->visit(s, &(cd_sample){ .call = whole, .input = { RANDOM(2, 6) }, .constant = 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_corrcoef(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "1x2x3", cd_corrcoef(x));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_corrcoef(cd_eq(cd_arange(3), 1)));
}

const op_cases cases_corrcoef = { samples, misuse };
