/* Samples and bad calls of meshgrid: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* Tensor p[1] of the grid of two vectors; p[0] > 0: indexing 'xy'. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_tensor *grid[2];
    if (!cd_unpack(cd_meshgrid(CD_TENSORS(in[0], in[1]), p[0] > 0), &grid[0], &grid[1]))
        return NULL;
    return p[1] > 1 ? cd_mul(grid[0], grid[1]) : grid[(int)p[1]];
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3), RANDOM(4) }, { 0, 0 });
    cd_sample(s, call, { RANDOM(3), RANDOM(4) }, { 0, 1 });
    cd_sample(s, call, { RANDOM(3), RANDOM(4) }, { 1, 0 });
    cd_sample(s, call, { RANDOM(3), RANDOM(2) }, { 1, 1 });
    cd_sample(s, call, { RANDOM(2), RANDOM(3) }, { 0, 2 });
    cd_sample(s, call, { RANDOM(1), cd_randn(CD_SCALAR) }, { 1, 2 });
    cd_sample(s, call, { RANDOM(0), RANDOM(2) }, { 0, 1 });
    cd_sample(s, call, { cd_arange(3), cd_arange(2) }, { 0, 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    (void)x;
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_meshgrid(CD_TENSORS(NULL), false).tensor);
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 vectors",
                    cd_meshgrid((cd_tensors){ .count = 0 }, true).tensor);
    cd_expect_error(s, CD_ERR_SHAPE, "tensor 0 has shape 2x3",
                    cd_meshgrid(CD_TENSORS(x), false).tensor);
    cd_expect_error(s, CD_ERR_DTYPE, "tensor 1 is int64",
                    cd_meshgrid(CD_TENSORS(cd_zeros(CD_SHAPE(2)), cd_arange(2)), false).tensor);
}

const op_cases cases_meshgrid = { samples, misuse };
