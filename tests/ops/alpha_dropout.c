/* Samples and bad calls of alpha_dropout: see op_cases.h. */
#include "op_cases.h"

/* Of a contiguous x: what is drawn depends on the order of the elements in memory. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_alpha_dropout(cd_contiguous(in[0]), .p = p[0], .generator = cd_generator_new(3));
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_alpha_dropout_(cd_clone(in[0]), .p = p[0], .generator = cd_generator_new(3));
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample_unary(s, call, false);
    cd_sample(s, call, { R(2, 3, 4) }, { 0.25 });
    cd_sample(s, call, { cd_transpose(R(4, 2, 3), 0, 1) }, { 0.75 });
    cd_sample(s, call, { R(4, 1, 3, 2) }, { 1 });
    cd_sample(s, call, { R(0, 3) });
    cd_sample(s, in_place, { R(5, 4) });
    cd_sample(s, in_place, { R(2, 3, 2) }, { 0.3 });
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3));
    cd_tensor *leaf = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_alpha_dropout(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_alpha_dropout_(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".p is 1.5", cd_alpha_dropout(x, .p = 1.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".p is -0.1", cd_alpha_dropout(x, .p = -0.1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "nan", cd_alpha_dropout(x, .p = NAN, .eval = true));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_alpha_dropout(cd_to(x, CD_I64)));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_alpha_dropout_(leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    cd_alpha_dropout_(cd_expand(cd_ones(CD_SHAPE(1, 2)), CD_SHAPE(3, 2))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_alpha_dropout(x, .generator = (cd_generator *)(void *)x));
}

const op_cases cases_alpha_dropout = { samples, misuse };
