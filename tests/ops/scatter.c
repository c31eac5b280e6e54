/* Samples and bad calls of scatter: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the dimension, and the number. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scatter(in[0], (int)p[0], in[1], in[2]);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return cd_scatter(in[0], (int)p[0], in[1], p[1]);
}

/* p[2] is .reduce. */
static cd_tensor *reduced(cd_tensor *const *in, const double *p)
{
    return cd_scatter_with(
        (cd_scatter_options){ .x = in[0],
                              .dim = (int)p[0],
                              .index = in[1],
                              .src = in[2] ? cd_operand_tensor(in[2]) : cd_operand_double(p[1]),
                              .reduce = (cd_scatter_operation)p[2] });
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    cd_tensor *x = cd_clone(in[0]);
    return in[2] ? cd_scatter_(x, (int)p[0], in[1], in[2]) : cd_scatter_(x, (int)p[0], in[1], p[1]);
}

/* No index comes twice in a row or column: the gradient of what is overwritten is PyTorch's, not
 * that of the differences. */
static const int64_t indices[] = { 2, 0, 1, 1, 2, 0, 0, 1, 2 };

#define INDEX(...) cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)

static void samples_of_reduce(cd_samples *s)
{
    const unsigned all = CD_SET(0) | CD_SET(2);
    for (int how = CD_SCATTER_ADDS; how <= CD_SCATTER_MULTIPLIES; how++) {
        cd_sample(s, reduced, { RANDOM(3, 3), INDEX(3, 3), RANDOM(3, 3) }, { 0, 0, how },
                  .constant = all);
        cd_sample(s, reduced, { cd_arange(4), INDEX(5), cd_arange(5) }, { 0, 0, how });
        cd_sample(s, reduced, { RANDOM(3, 3), INDEX(2, 2) }, { 1, 2.5, how }, .constant = all);
    }
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4), INDEX(3), RANDOM(3) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 3), INDEX(3, 3), RANDOM(3, 3) }, { -1 });
    cd_sample(s, call, { RANDOM(3, 3), INDEX(3, 3), RANDOM(4, 5) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(1, 3, 1), RANDOM(2, 3, 1) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1 });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0, 2), RANDOM(0, 2) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(1), .dtype = CD_I32), RANDOM(3) });
    cd_sample(s, call, { cd_t(RANDOM(3, 3)), cd_t(INDEX(3, 3)), cd_t(RANDOM(3, 3)) }, { 1 });
    cd_sample(s, call, { cd_arange(4), INDEX(3), cd_arange(3) }, { 0 });
    cd_sample(s, number, { RANDOM(3, 3), INDEX(2, 2) }, { 1, 2.5 });
    cd_sample(s, number, { RANDOM(3), INDEX(0) }, { 0, 1 });
    cd_sample(s, in_place, { RANDOM(3, 3), INDEX(3, 3), RANDOM(3, 3) }, { 0 });
    cd_sample(s, in_place, { RANDOM(3, 3), INDEX(2, 2) }, { 1, 2.5 });
    samples_of_reduce(s);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_scatter(NULL, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_scatter(x, 1, NULL, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "src is NULL", cd_scatter(x, 1, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter(x, 2, index, x));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2)", cd_scatter(x, 1, index, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64", cd_scatter(x, 1, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32", cd_scatter(x, 1, x, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0)", cd_scatter_(x, 1, far, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300", cd_scatter(cd_to(x, CD_U8), 1, index, 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".reduce is 3",
                    cd_scatter(x, 1, index, 1, .reduce = (cd_scatter_operation)3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at position 0)",
                    cd_scatter(x, 1, far, 1, .reduce = CD_SCATTER_ADDS));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter(x, 1, index, cd_to(x, CD_F64), .reduce = CD_SCATTER_MULTIPLIES));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_scatter_(leaf, 1, index, x));
}

const op_cases cases_scatter = { samples, misuse };
