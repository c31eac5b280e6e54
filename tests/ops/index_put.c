/* Samples and bad calls of index_put: see op_cases.h. */
#include "op_cases.h"

/* p[0] > 0: the values are added, here and below. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return p[0] > 0 ? cd_index_accumulate(in[0], CD_INDICES(in[1]), in[2])
                    : cd_index_put(in[0], CD_INDICES(in[1]), in[2]);
}

static cd_tensor *in_place(cd_tensor *const *in, const double *p)
{
    cd_tensor *x = cd_clone(in[0]);
    return p[0] > 0 ? cd_index_accumulate_(x, CD_INDICES(in[1]), in[2])
                    : cd_index_put_(x, CD_INDICES(in[1]), in[2]);
}

static cd_tensor *number(cd_tensor *const *in, const double *p)
{
    return p[0] > 0 ? cd_index_accumulate(in[0], CD_INDICES(in[1]), p[1])
                    : cd_index_put(in[0], CD_INDICES(in[1]), p[1]);
}

static cd_tensor *two(cd_tensor *const *in, const double *p)
{
    return p[0] > 0 ? cd_index_accumulate(in[0], CD_INDICES(in[1], in[2]), in[3])
                    : cd_index_put(in[0], CD_INDICES(in[1], in[2]), in[3]);
}

static cd_tensor *into_view(cd_tensor *const *in, const double *p)
{
    cd_tensor *x = cd_clone(in[0]);
    return p[0] > 0 ? cd_index_accumulate_(x, CD_INDICES(CD_SLICE(1, CD_END), in[1]), in[2])
                    : cd_index_put(x, CD_INDICES(CD_SLICE(1, CD_END), in[1]), in[2]);
}

static cd_tensor *into_part(cd_tensor *const *in, const double *p)
{
    cd_tensor *x = cd_clone(in[0]);
    if (p[0] > 1) return cd_index_put_(x, CD_INDICES(1, CD_SLICE(0, 2)), p[1]);
    return p[0] > 0 ? cd_index_accumulate_(x, CD_INDICES(1), in[1])
                    : cd_index_put_(x, CD_INDICES(1), in[1]);
}

static const int64_t indices[] = { 1, 0, -1, 1, -2, 0 };
static const int64_t different[] = { 1, 0, -1 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define ONCE        cd_from_array(different, CD_SHAPE(3), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4), ONCE, RANDOM(3) }, { 0 });
    cd_sample(s, call, { RANDOM(4, 2), ONCE, RANDOM(3, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(4, 2), ONCE, RANDOM(2) }, { 0 });
    cd_sample(s, call, { RANDOM(4, 2), ONCE, cd_randn(CD_SCALAR) }, { 0 });
    cd_sample(s, call, { RANDOM(4, 2), INDEX(2, 3), RANDOM(2, 3, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(4, 2), cd_to(INDEX(6), CD_I32), RANDOM(1, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(0), RANDOM(2) }, { 0 });
    cd_sample(s, call, { RANDOM(3, 0), INDEX(2), RANDOM(1, 0) }, { 0 });
    cd_sample(s, call, { cd_t(RANDOM(2, 4)), ONCE, cd_t(RANDOM(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_arange(4), INDEX(6), cd_arange(6) }, { 1 });
    cd_sample(s, in_place, { RANDOM(4, 2), ONCE, RANDOM(3, 2) }, { 0 });
    cd_sample(s, in_place, { RANDOM(4, 2), INDEX(4), RANDOM(4, 1) }, { 1 });
    cd_sample(s, number, { RANDOM(4, 2), INDEX(4) }, { 0, 2.5 });
    cd_sample(s, number, { RANDOM(4, 2), INDEX(4) }, { 1, 2.5 });
    cd_sample(s, two, { RANDOM(3, 3), ONCE, INDEX(1), RANDOM(3) }, { 0 });
    cd_sample(s, two, { RANDOM(2, 3, 2), INDEX(3, 1), INDEX(2), RANDOM(3, 2, 2) }, { 1 });
    cd_sample(s, into_view, { RANDOM(3, 4), ONCE, RANDOM(2, 3) }, { 0 });
    cd_sample(s, into_view, { RANDOM(3, 4), INDEX(5), RANDOM(5) }, { 1 });
    cd_sample(s, into_part, { RANDOM(3, 4), RANDOM(4) }, { 0 });
    cd_sample(s, into_part, { RANDOM(3, 4), RANDOM(4) }, { 1 });
    cd_sample(s, into_part, { RANDOM(3, 4) }, { 2, 1.5 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *leaf = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true);
    static const char *const names[] = { "fill_", "copy_", NULL };
    s->names = names;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_index_put(NULL, CD_INDICES(index), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "an index is NULL", cd_index_put_(x, CD_INDICES(NULL), 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", cd_index_put_(x, CD_INDICES(index), NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "values (2x3) do not broadcast to x at the indices (2x6)",
                    cd_index_put(x, CD_INDICES(index), cd_zeros(CD_SHAPE(2, 3))));
    cd_expect_error(s, CD_ERR_DTYPE, "value is float64, and x float32",
                    cd_index_put_(x, CD_INDICES(index), cd_zeros(CD_SCALAR, .dtype = CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300",
                    cd_index_put_(cd_to(x, CD_U8), CD_INDICES(index), 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, "-4 to 3",
                    cd_index_put_(x, CD_INDICES(cd_arange(5, .start = 3)), 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "number 1 of index tensor 0",
                    cd_index_accumulate_(x, CD_INDICES(cd_arange(5, .start = 3), index), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "for 3 dimensions",
                    cd_index_put_(x, CD_INDICES(index, index, index), 1));
    cd_expect_error(s, CD_ERR_SHAPE, "y (2) does not broadcast to x (6)",
                    cd_index_put_(x, CD_INDICES(1), cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", cd_index_put_(leaf, CD_INDICES(index), 1));
}

const op_cases cases_index_put = { samples, misuse };
