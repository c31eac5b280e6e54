/* Samples and bad calls of full: see op_cases.h. */
#include "op_cases.h"

/* p: the value, the dtype, then the shape for shape_from. */
static cd_tensor *full(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_full(shape_from(p + 2), p[0], .dtype = (cd_dtype)p[1]);
}

/* p: the dtype, then the shape for shape_from. */
static cd_tensor *zeros(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_zeros(shape_from(p + 1), .dtype = (cd_dtype)p[0]);
}

static cd_tensor *ones(cd_tensor *const *in, const double *p)
{
    (void)in;
    return cd_ones(shape_from(p + 1), .dtype = (cd_dtype)p[0]);
}

/* p: the value and the dtype. */
static cd_tensor *full_like(cd_tensor *const *in, const double *p)
{
    return cd_full_like(in[0], p[0], .dtype = (cd_dtype)p[1]);
}

static cd_tensor *zeros_like(cd_tensor *const *in, const double *p)
{
    return cd_zeros_like(in[0], .dtype = (cd_dtype)p[0]);
}

static cd_tensor *ones_like(cd_tensor *const *in, const double *p)
{
    return cd_ones_like(in[0], .dtype = (cd_dtype)p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, full, { NULL }, { 1.5, CD_DTYPE_DEFAULT, 2, 2, 3 });
    cd_sample(s, full, { NULL }, { -2.5, CD_I64, 1, 4 });
    cd_sample(s, full, { NULL }, { -0.0, CD_F64, 0 });
    cd_sample(s, full, { NULL }, { 7, CD_U8, 3, 2, 0, 3 });
    cd_sample(s, full, { NULL }, { (double)NAN, CD_F32, 1, 3 });
    cd_sample(s, full, { NULL }, { 0.1, CD_F32, 1, 70000 }); /* enough for several threads */
    cd_sample(s, zeros, { NULL }, { CD_I32, 4, 1, 2, 1, 3 });
    cd_sample(s, ones, { NULL }, { CD_BOOL, 1, 3 });
    cd_sample(s, full_like, { cd_randn(CD_SHAPE(2, 3)) }, { 2.5 });
    cd_sample(s, zeros_like, { cd_t(cd_randn(CD_SHAPE(2, 3))) });
    cd_sample(s, ones_like, { cd_arange(3) }, { CD_F64 });
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "zeros",      "ones",      "full_like",
                                         "zeros_like", "ones_like", NULL };
    s->names = names;
    const cd_tensor *x = cd_arange(3);
    const cd_shape two = CD_SHAPE(2);
    cd_generator *g = cd_generator_new(3);
    cd_expect_error(s, CD_ERR_ARGUMENT, "full: 256 is not among the numbers of uint8",
                    cd_full(two, 256, .dtype = CD_U8));
    cd_expect_error(s, CD_ERR_ARGUMENT, "1e+300 is not among", cd_full(two, 1e300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan is not among",
                    cd_full(two, (double)NAN, .dtype = CD_I32, .requires_grad = true));
    cd_expect_error(s, CD_ERR_DTYPE, "full: only floating",
                    cd_full(CD_SHAPE(-1), 1, .dtype = CD_I32, .requires_grad = true));
    cd_expect_error(s, CD_ERR_SHAPE, "full: size -1", cd_full(CD_SHAPE(-1), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "zeros: size -1", cd_zeros(CD_SHAPE(-1)));
    cd_expect_error(s, CD_ERR_DTYPE, "zeros: 99", cd_zeros(two, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_DTYPE, "ones: only floating tensors can require gradients, not bool",
                    cd_ones(two, .dtype = CD_BOOL, .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "zeros: .generator", cd_zeros(two, .generator = g));
    cd_expect_error(s, CD_ERR_ARGUMENT, "ones_like: .generator", cd_ones_like(x, .generator = g));
    cd_expect_error(s, CD_ERR_ARGUMENT, "full_like: nan", cd_full_like(x, (double)NAN));
    cd_expect_error(s, CD_ERR_ARGUMENT, "full_like: x is NULL", cd_full_like(NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "zeros_like: x is NULL", cd_zeros_like(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "ones_like: x is NULL", cd_ones_like(NULL));
}

const op_cases cases_full = { samples, misuse };
