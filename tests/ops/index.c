/* Samples and bad calls of index: see op_cases.h. */
#include "op_cases.h"

/* p: the index, here and below. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_index(in[0], (int64_t)p[0]);
}

static cd_tensor *twice(cd_tensor *const *in, const double *p)
{
    return cd_index(in[0], (int64_t)p[0], (int)p[1]);
}

static cd_tensor *views(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], CD_SLICE(1, CD_END), CD_NEW_DIM, CD_REST, CD_SLICE(0, -1, 2));
}

static cd_tensor *whole(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], CD_REST);
}

static cd_tensor *by_tensor(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], in[1]);
}

static cd_tensor *by_last(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], CD_REST, in[1]);
}

static cd_tensor *by_two(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], in[1], in[2]);
}

/* The dimensions of the indices are in front: a whole dimension is between them. */
static cd_tensor *apart(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], in[1], CD_ALL, in[2]);
}

static cd_tensor *mixed(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_index(in[0], 1, CD_SLICE(0, 2), in[1]);
}

static const int64_t indices[] = { 1, 0, -1, 1, -2, 0 };

#define INDEX(...)  cd_from_array(indices, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(4, 3) }, { 1 });
    cd_sample(s, call, { RANDOM(3) }, { -1 });
    cd_sample(s, call, { RANDOM(2, 0) }, { 1 });
    cd_sample(s, twice, { RANDOM(3, 4) }, { 1, -2 });
    cd_sample(s, twice, { RANDOM(2, 2, 3) }, { -1, 0 });
    cd_sample(s, views, { RANDOM(3, 2, 4) });
    cd_sample(s, views, { RANDOM(2, 3) });
    cd_sample(s, whole, { RANDOM(2, 3) });
    cd_sample(s, whole, { cd_randn(CD_SCALAR) });
    cd_sample(s, by_tensor, { RANDOM(4), INDEX(6) });
    cd_sample(s, by_tensor, { RANDOM(3, 2), INDEX(2, 3) });
    cd_sample(s, by_tensor, { RANDOM(3, 2), cd_to(INDEX(2), CD_I32) });
    cd_sample(s, by_tensor, { RANDOM(3, 2), cd_full(CD_SCALAR, -1, .dtype = CD_I64) });
    cd_sample(s, by_tensor, { RANDOM(3, 2), INDEX(0) });
    cd_sample(s, by_tensor, { RANDOM(3, 0), INDEX(2) });
    cd_sample(s, by_tensor, { cd_t(RANDOM(3, 2)), cd_t(INDEX(2, 2)) });
    cd_sample(s, by_tensor, { cd_arange(5), INDEX(3) });
    cd_sample(s, by_last, { RANDOM(2, 3, 2), INDEX(4) });
    cd_sample(s, by_last, { cd_permute(RANDOM(2, 3, 2), CD_SHAPE(2, 0, 1)), INDEX(2, 1) });
    cd_sample(s, by_two, { RANDOM(2, 3), INDEX(5), INDEX(1) });
    cd_sample(s, by_two, { RANDOM(2, 3, 2), INDEX(3, 1), INDEX(2) });
    cd_sample(s, apart, { RANDOM(2, 3, 2), INDEX(4), INDEX(4) });
    cd_sample(s, apart, { RANDOM(2, 3, 2, 2), INDEX(2, 1), INDEX(3) });
    cd_sample(s, mixed, { RANDOM(2, 3, 4), INDEX(3) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 6)), *index = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_index(NULL, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_index(x, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "index 4 is out of range", cd_index(x, 4));
    cd_expect_error(s, CD_ERR_SHAPE, "4x6", cd_index(x, -5));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_index(cd_zeros(CD_SCALAR), 0));
    cd_expect_error(s, CD_ERR_SHAPE, "for 3 dimensions, and x (4x6) has 2", cd_index(x, 0, 0, 0));
    cd_expect_error(s, CD_ERR_ARGUMENT, "only once", cd_index(x, CD_REST, CD_REST));
    cd_expect_error(s, CD_ERR_ARGUMENT, "at least one",
                    cd_index_with(x, (cd_subscripts){ NULL, 1 }));
    cd_expect_error(s, CD_ERR_ARGUMENT, "step is 0", cd_index(x, CD_SLICE(0, 3, 0)));
    cd_expect_error(s, CD_ERR_DTYPE, "float32", cd_index(x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8", cd_index(x, cd_to(index, CD_U8)));
    cd_expect_error(s, CD_ERR_SHAPE, "mask (6) must have the sizes of x (4x6)",
                    cd_index(x, cd_eq(cd_zeros(CD_SHAPE(6)), 0)));
    cd_expect_error(s, CD_ERR_SHAPE, "2 and 3", cd_index(x, index, cd_arange(3)));
    cd_expect_error(s, CD_ERR_ARGUMENT,
                    "index 4 (at position 2) is out of range: into x (4x6) it "
                    "must be -4 to 3",
                    cd_index(x, cd_arange(5, .start = 2)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -7 (number 0 of index tensor 1)",
                    cd_index(x, index, cd_arange(-6, .start = -7)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "empty", cd_index(cd_zeros(CD_SHAPE(0, 2)), index));
    cd_expect_error(s, CD_ERR_SHAPE, "9 dimensions",
                    cd_index(cd_zeros(CD_SHAPE(2, 1, 1, 1, 1)),
                             cd_zeros(CD_SHAPE(1, 1, 1, 1, 1), .dtype = CD_I64)));
}

const op_cases cases_index = { samples, misuse };
