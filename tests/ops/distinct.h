/* Samples and bad calls of unique and unique_consecutive: DISTINCT is one of them. Included by each
 * of their files. */
#ifndef CANDELA_TESTS_OPS_DISTINCT_H
#define CANDELA_TESTS_OPS_DISTINCT_H

#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return DISTINCT(in[0]);
}

static cd_tensor *along(cd_tensor *const *in, const double *p)
{
    return DISTINCT(in[0], .by_dim = true, .dim = (int)p[0]);
}

/* The inverse, and the counts. */
static cd_tensor *more(cd_tensor *const *in, const double *p)
{
    cd_tensor *inverse = NULL, *counts = NULL;
    (void)DISTINCT(in[0], .by_dim = p[1] != 0, .dim = (int)p[0], .inverse = &inverse,
                   .counts = &counts);
    return cd_cat(CD_TENSORS(cd_reshape(inverse, CD_SHAPE(-1)), counts), 0);
}

static void samples(cd_samples *s)
{
    CD_SCOPE();
    cd_tensor *x = cd_randint(0, 3, CD_SHAPE(3, 8));
    cd_sample(s, call, { x });
    cd_sample(s, call, { cd_zeros(CD_SHAPE(0, 3)) });
    cd_sample(s, call, { cd_ones(CD_SCALAR) });
    cd_sample(s, call, { cd_to(x, CD_U8) });
    cd_sample(s, call, { cd_eq(x, 1) });
    cd_sample(s, along, { x }, { 0 });
    cd_sample(s, along, { cd_randint(0, 2, CD_SHAPE(2, 6, 1)) }, { -2 });
    cd_sample(s, along, { cd_zeros(CD_SHAPE(0, 3)) }, { 0 });
    cd_sample(s, more, { cd_to(x, CD_F32) }, { 0, 0 });
    cd_sample(s, more, { cd_randint(0, 2, CD_SHAPE(6, 2)) }, { 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", DISTINCT(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", DISTINCT(x, .by_dim = true, .dim = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", DISTINCT(cd_sum(x), .by_dim = true));
    cd_expect_error(s, CD_ERR_SHAPE, "0x3, so its parts along dimension 1 are empty",
                    DISTINCT(cd_zeros(CD_SHAPE(0, 3)), .by_dim = true, .dim = 1));
}

#endif
