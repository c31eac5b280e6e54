/* Samples and bad calls of embedding: see op_cases.h. */
#include "op_cases.h"

/* p[0] is .padding, p[1] .padding_idx, p[2] .scale_grad_by_freq. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_embedding(in[0], in[1], .padding = p[0] != 0, .padding_idx = (int64_t)p[1],
                        .scale_grad_by_freq = p[2] != 0);
}

/* Twice the rows that are not the padding, so that a gradient is what differences give. */
static cd_tensor *without_padding(cd_tensor *const *in, const double *p)
{
    cd_tensor *y = call(in, p);
    return cd_mul(y, cd_unsqueeze(cd_ne(in[0], (int64_t)p[1]), -1));
}

static void samples(cd_samples *s)
{
#define R(...)     cd_randn(CD_SHAPE(__VA_ARGS__))
#define I(n_, ...) cd_randint(0, n_, CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { I(5, 3), R(5, 4) });
    cd_sample(s, call, { I(5, 2, 3), R(5, 4) });
    cd_sample(s, call, { cd_to(I(5, 2, 3), CD_I32), R(5, 2) });
    cd_sample(s, call, { I(5, 0, 3), R(5, 4) });
    cd_sample(s, call, { cd_randint(0, 3, CD_SCALAR), R(3, 4) });
    cd_sample(s, call, { I(5, 7), R(5, 0) });
    cd_sample(s, call, { I(1, 7), R(1, 1) });
    cd_sample(s, call, { cd_t(I(5, 2, 3)), cd_t(R(4, 5)) });
    cd_sample(s, call, { cd_arange(4), R(5, 3) }, { 0, 0, 1 });
    cd_sample(s, without_padding, { I(3, 6), R(3, 2) }, { 1, 1 });
    cd_sample(s, without_padding, { I(3, 6), R(3, 2) }, { 1, 0 });
#undef R
#undef I
}

static void misuse(cd_samples *s)
{
    cd_tensor *w = cd_ones(CD_SHAPE(4, 3)), *index = cd_arange(2);
    cd_expect_error(s, CD_ERR_ARGUMENT, "index is NULL", cd_embedding(NULL, w));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_embedding(index, NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "the index is float32", cd_embedding(w, w));
    cd_expect_error(s, CD_ERR_DTYPE, "the index is uint8", cd_embedding(cd_to(index, CD_U8), w));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (3) must be a matrix",
                    cd_embedding(index, cd_ones(CD_SHAPE(3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 4 is outside of a weight of 4 rows",
                    cd_embedding(cd_full_like(index, 4), w));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index -1 is outside",
                    cd_embedding(cd_full_like(index, -1), w));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_idx must be from -4 to 3",
                    cd_embedding(index, w, .padding = true, .padding_idx = 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_idx must be from -4 to 3",
                    cd_embedding(index, w, .padding = true, .padding_idx = -5));
    cd_expect_error(s, CD_ERR_ARGUMENT, "only looked at with .padding = true",
                    cd_embedding(index, w, .padding_idx = 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".max_norm is not there yet",
                    cd_embedding(index, w, .max_norm = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "fewer than",
                    cd_embedding(cd_zeros(CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1), .dtype = CD_I64), w));
}

const op_cases cases_embedding = { samples, misuse };
