/* Samples and bad calls of empty: see op_cases.h. */
#include "op_cases.h"

/* The elements are undefined until they are written. p: the dtype, then the shape for shape_from.
 */
static cd_tensor *filled(cd_tensor *const *in, const double *p)
{
    (void)in;
    cd_tensor *t = cd_empty(shape_from(p + 1), .dtype = (cd_dtype)p[0]);
    return t ? cd_fill_(t, 1) : NULL;
}

static cd_tensor *filled_like(cd_tensor *const *in, const double *p)
{
    cd_tensor *t = cd_empty_like(in[0], .dtype = (cd_dtype)p[0]);
    return t ? cd_fill_(t, 1) : NULL;
}

static void samples(cd_samples *s)
{
    cd_sample(s, filled, { NULL }, { CD_DTYPE_DEFAULT, 2, 2, 3 });
    cd_sample(s, filled, { NULL }, { CD_F64, 1, 5 });
    cd_sample(s, filled, { NULL }, { CD_I64, 0 });
    cd_sample(s, filled, { NULL }, { CD_U8, 3, 2, 0, 3 });
    cd_sample(s, filled, { NULL }, { CD_BOOL, 4, 1, 2, 1, 3 });
    cd_sample(s, filled_like, { cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, filled_like, { cd_t(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample(s, filled_like, { cd_arange(4) }, { CD_F32 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "empty_like", NULL };
    s->names = names;
    const cd_tensor *x = cd_arange(3);
    cd_generator *g = cd_generator_new(3);
    const cd_shape large = CD_SHAPE(INT64_C(1) << 40, INT64_C(1) << 40);
    const cd_shape many = { .ndim = CD_MAX_DIMS + 1 };
    cd_expect_error(s, CD_ERR_SHAPE, "size -2 of dimension 1", cd_empty(CD_SHAPE(3, -2)));
    cd_expect_error(s, CD_ERR_SHAPE, "more elements than can be counted", cd_empty(large));
    cd_expect_error(s, CD_ERR_SHAPE, "0 to 8 dimensions, not 9", cd_empty(many));
    cd_expect_error(s, CD_ERR_DTYPE, "99 is no dtype",
                    cd_empty(CD_SHAPE(2), .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating",
                    cd_empty(CD_SHAPE(2), .dtype = CD_I64, .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "no number is drawn",
                    cd_empty(CD_SHAPE(2), .generator = g));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty_like: x is NULL", cd_empty_like(NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "empty_like", cd_empty_like(x, .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty_like", cd_empty_like(x, .generator = g));
}

const op_cases cases_empty = { samples, misuse };
