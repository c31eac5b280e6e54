/* Samples and bad calls of div: see op_cases.h. */
#include "op_cases.h"

/* The divisor is kept away from 0, where numerical differences say nothing. */
static cd_tensor *tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], cd_add(cd_abs(in[1]), 0.5));
}

static cd_tensor *with_number(cd_tensor *const *in, const double *p)
{
    return cd_div(in[0], p[0]);
}

static cd_tensor *number_first(cd_tensor *const *in, const double *p)
{
    return cd_div(p[0], cd_add(cd_abs(in[0]), 0.5));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_div_(cd_clone(in[0]), p[0]);
}

static cd_tensor *trunc_tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], cd_add(cd_abs(in[1]), 0.5), .rounding_mode = CD_ROUND_TRUNC);
}

static cd_tensor *trunc_number(cd_tensor *const *in, const double *p)
{
    return cd_div(in[0], p[0], .rounding_mode = CD_ROUND_TRUNC);
}

static cd_tensor *trunc_integers(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], in[1], .rounding_mode = CD_ROUND_TRUNC);
}

static cd_tensor *trunc_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div_(cd_clone(in[0]), in[1], .rounding_mode = CD_ROUND_TRUNC);
}

static cd_tensor *floor_tensors(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], cd_add(cd_abs(in[1]), 0.5), .rounding_mode = CD_ROUND_FLOOR);
}

static cd_tensor *floor_number(cd_tensor *const *in, const double *p)
{
    return cd_div(in[0], p[0], .rounding_mode = CD_ROUND_FLOOR);
}

static cd_tensor *floor_integers(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div(in[0], in[1], .rounding_mode = CD_ROUND_FLOOR);
}

static cd_tensor *floor_in_place(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_div_(cd_clone(in[0]), in[1], .rounding_mode = CD_ROUND_FLOOR);
}

/* Samples with a rounding mode. */
static void sample_rounded(cd_samples *s, cd_sample_call *tensors_rounded, cd_sample_call *number,
                           cd_sample_call *integers, cd_sample_call *changed)
{
    cd_sample_binary(s, tensors_rounded);
    cd_sample(s, number, { cd_randn(CD_SHAPE(3, 2)) }, { 0.75 });
    cd_sample(s, number, { cd_arange(4) }, { 1.5 });
    cd_sample(s, integers, { cd_arange(6), cd_full(CD_SHAPE(2, 1), -4, .dtype = CD_I32) });
    cd_sample(s, integers, { cd_arange(6), cd_t(cd_full(CD_SHAPE(6, 2), 4, .dtype = CD_U8)) });
    cd_sample(s, integers, { cd_zeros(CD_SHAPE(0), .dtype = CD_I64), cd_arange(1) });
    cd_sample(s, changed, { cd_arange(6), cd_full(CD_SHAPE(6), 4, .dtype = CD_I64) });
}

static void samples(cd_samples *s)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, with_number, { cd_randn(CD_SHAPE(3, 2)) }, { 1.5 });
    cd_sample(s, number_first, { cd_randn(CD_SHAPE(4)) }, { -2 });
    cd_sample(s, in_place, { cd_randn(CD_SHAPE(2, 3)) }, { 4 });
    cd_sample(s, with_number, { cd_arange(3) }, { 2 });
    sample_rounded(s, trunc_tensors, trunc_number, trunc_integers, trunc_in_place);
    sample_rounded(s, floor_tensors, floor_number, floor_integers, floor_in_place);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_div(x, cd_zeros(CD_SHAPE(2, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", cd_div(NULL, x));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", cd_div_(x, cd_zeros(CD_SHAPE(4, 2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_div_(cd_arange(3), 2));
    cd_tensor *n = cd_arange(3), *truth = cd_eq(n, 1);
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is 0 (at position 0)",
                    cd_div(n, n, .rounding_mode = CD_ROUND_FLOOR));
    cd_expect_error(s, CD_ERR_ARGUMENT, "divided by 0",
                    cd_div_(n, 0, .rounding_mode = CD_ROUND_TRUNC));
    cd_expect_error(s, CD_ERR_DTYPE, "bool", cd_div(truth, truth, .rounding_mode = CD_ROUND_TRUNC));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_div_(n, 2.5, .rounding_mode = CD_ROUND_FLOOR));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".rounding_mode is 7",
                    cd_div(x, x, .rounding_mode = (cd_rounding_mode)7));
}

const op_cases cases_div = { samples, misuse };
