/* Samples and bad calls of scatter_add: see op_cases.h. */
#include "op_cases.h"

/* p: the dimension, here and below. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scatter_add(in[0], (int)p[0], in[1], in[2]);
}

static const int64_t indices[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 6), RANDOM(2, 6) }, { -1 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(4, 2), RANDOM(4, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(2, 3, 1), RANDOM(2, 4, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 3), INDEX(1, 2), RANDOM(3, 4) }, { 0 });
    cd_sample(s, call, { RANDOM(1, 3), INDEX(1, 1), RANDOM(1, 1) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1 });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0, 2), RANDOM(0, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3), INDEX(0), RANDOM(2, 2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(2), .dtype = CD_I32), RANDOM(3) });
    cd_sample(s, call, { RANDOM(3), cd_full(CD_SCALAR, 2, .dtype = CD_I64), RANDOM(2) }, { 0 });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_t(INDEX(4, 2)), cd_t(RANDOM(4, 2)) }, { 1 });
    cd_sample(s, call,
              { cd_full(CD_SHAPE(3), 200, .dtype = CD_U8), INDEX(3),
                cd_full(CD_SHAPE(3), 100, .dtype = CD_U8) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *tall = cd_zeros(CD_SHAPE(3, 1), .dtype = CD_I64);
    cd_tensor *tall_src = cd_zeros(CD_SHAPE(3, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_scatter_add(NULL, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_scatter_add(x, 1, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_scatter_add(x, 1, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter_add(x, 2, index, x));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2x3)", cd_scatter_add(x, 1, tall, x));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3)", cd_scatter_add(x, 1, tall, tall_src));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2)", cd_scatter_add(x, 1, index, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32", cd_scatter_add(x, 1, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter_add(x, 1, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0)", cd_scatter_add(x, 1, far, x));
}

/* --- in place --------------------------------------------------------------------------------- */

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    return cd_scatter_add_(cd_clone(in[0]), (int)p[0], in[1], in[2]);
}

static cd_tensor *into_transposed(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    return cd_scatter_add_(cd_t(cd_clone(in[0])), (int)p[0], in[1], in[2]);
}

static cd_tensor *into_itself(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    cd_tensor *x = cd_clone(in[0]);
    return cd_scatter_add_(x, (int)p[0], in[1], x);
}

static void samples_in_place(cd_samples *s)
{
    cd_sample(s, in_place, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0 });
    cd_sample(s, in_place, { RANDOM(2, 3), INDEX(2, 6), RANDOM(2, 6) }, { -1 });
    cd_sample(s, in_place, { RANDOM(3, 2), INDEX(3, 1), RANDOM(4, 2) }, { 0 });
    cd_sample(s, in_place, { RANDOM(1, 3), INDEX(1, 1), RANDOM(1, 1) }, { 1 });
    cd_sample(s, in_place, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1 });
    cd_sample(s, in_place, { RANDOM(0, 3), INDEX(0, 2), RANDOM(0, 2) }, { 1 });
    cd_sample(s, in_place,
              { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(2), .dtype = CD_I32), RANDOM(3) });
    cd_sample(s, in_place, { cd_arange(3), INDEX(4), cd_arange(4) });
    cd_sample(s, into_transposed, { RANDOM(3, 2), INDEX(2, 4), RANDOM(2, 4) }, { 1 },
              .constant = CD_SET(0) | CD_SET(1) | CD_SET(2));
    cd_sample(s, into_itself, { RANDOM(3, 2), INDEX(3, 2) }, { 0 }, .constant = CD_SET(0));
}

static void misuse_in_place(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_scatter_add_(NULL, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_scatter_add_(x, 1, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter_add_(x, 2, index, x));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2)",
                    cd_scatter_add_(x, 1, index, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter_add_(x, 1, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 2", cd_scatter_add_(x, 1, far, x));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_scatter_add_(leaf, 1, index, x));
}

static void all_samples(cd_samples *s)
{
    samples(s);
    samples_in_place(s);
}

static void all_misuse(cd_samples *s)
{
    misuse(s);
    misuse_in_place(s);
}

const op_cases cases_scatter_add = { all_samples, all_misuse };
