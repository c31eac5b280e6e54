/* Samples and bad calls of self_attention: see op_cases.h. */
#include "op_cases.h"

#include "autograd/families/attention_internal.h"

/* in[1] may be a mask; p is the heads, is_causal and batch_first. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_self_attention(in[0], in[1],
                             (cd_self_attention_attributes){ .heads = (int64_t)p[0],
                                                             .is_causal = p[1] != 0,
                                                             .batch_first = p[2] != 0 });
}

static void masks(cd_samples *s)
{
    CD_SCOPE();
    cd_tensor *qkv = cd_randn(CD_SHAPE(3, 2, 12));
    cd_tensor *keep = cd_ge(cd_randn(CD_SHAPE(3, 3)), -0.5);
    cd_tensor *none = cd_clone(keep);
    (void)cd_fill_(cd_select(none, 0, 1), 0);
    cd_sample(s, call, { qkv }, { 1 });
    cd_sample(s, call, { qkv }, { 2 });
    cd_sample(s, call, { qkv }, { 4, 1 });
    cd_sample(s, call, { qkv, keep }, { 2 });
    cd_sample(s, call, { qkv, none }, { 2 });
    cd_sample(s, call, { qkv, cd_randn(CD_SHAPE(2, 1, 1, 3)) }, { 2 });
    cd_sample(s, call, { qkv, cd_randn(CD_SHAPE(2, 2, 3, 3)) }, { 2 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 6)), 0, 1) }, { 2, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(70, 1, 3)) }, { 1, 1 }); /* weights are not kept */
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 12)) }, { 2, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 12)), keep }, { 2, 0, 1 });
}

static void sizes(cd_samples *s)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 6)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 0, 6)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 2, 0)) }, { 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 1, 6)) }, { 2, 1 });
}

static void samples(cd_samples *s)
{
    masks(s);
    sizes(s);
}

static cd_tensor *attention(cd_tensor *qkv, cd_tensor *mask, int64_t heads, bool is_causal)
{
    return cd_self_attention(
        qkv, mask, (cd_self_attention_attributes){ .heads = heads, .is_causal = is_causal });
}

static void misuse(cd_samples *s)
{
    CD_SCOPE();
    cd_tensor *qkv = cd_zeros(CD_SHAPE(3, 2, 12)), *mask = cd_zeros(CD_SHAPE(3, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "qkv is NULL", attention(NULL, NULL, 1, false));
    cd_expect_error(s, CD_ERR_SHAPE, "qkv (3x3) must have 3 dimensions",
                    attention(mask, NULL, 1, false));
    cd_expect_error(s, CD_ERR_SHAPE, "of 3 heads", attention(qkv, NULL, 3, false));
    cd_expect_error(s, CD_ERR_SHAPE, "of 0 heads", attention(qkv, NULL, 0, false));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mask and .is_causal exclude each other",
                    attention(qkv, mask, 2, true));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "mask (3x2) must have 2 dimensions or more, and broadcast to "
                    "the scores (2x2x3x3)",
                    attention(qkv, cd_zeros(CD_SHAPE(3, 2)), 2, false));
    cd_expect_error(s, CD_ERR_DTYPE, "mask is int64, and must be bool or have the dtype of qkv",
                    attention(qkv, cd_to(mask, CD_I64), 2, false));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", attention(cd_to(qkv, CD_I64), NULL, 2, false));
}

const op_cases cases_self_attention = { samples, misuse };
