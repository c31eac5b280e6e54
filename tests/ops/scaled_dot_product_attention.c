/* Samples and bad calls of scaled_dot_product_attention: see op_cases.h. */
#include "op_cases.h"

#include "autograd/product_ops.h"

/* in[3] may be a mask; p is is_causal, scale, dropout_p, enable_gqa. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scaled_dot_product_attention(
        in[0], in[1], in[2], .attn_mask = in[3], .is_causal = p[0] != 0, .scale = p[1],
        .dropout_p = p[2], .enable_gqa = p[3] != 0, .generator = cd_generator_new(7));
}

static cd_tensor *some(cd_shape shape)
{
    return cd_randn(shape);
}

static void masks(cd_samples *s)
{
    cd_tensor *q = some(CD_SHAPE(2, 2, 3, 4)), *k = some(CD_SHAPE(2, 2, 5, 4));
    cd_tensor *v = some(CD_SHAPE(2, 2, 5, 2));
    cd_tensor *keep = cd_ge(some(CD_SHAPE(3, 5)), 0), *added = some(CD_SHAPE(2, 1, 3, 5));
    cd_tensor *none = cd_clone(keep);
    (void)cd_fill_(cd_select(none, 0, 1), 0);
    cd_sample(s, call, { q, k, v });
    cd_sample(s, call, { q, k, v, keep });
    cd_sample(s, call, { q, k, v, none });
    cd_sample(s, call, { q, k, v, added });
    cd_sample(s, call, { q, k, v, some(CD_SHAPE(1, 5)) }, { 0, -0.5 });
    cd_sample(s, call, { q, k, v }, { 1 });
    cd_sample(s, call, { k, q, some(CD_SHAPE(3, 2)) }, { 1 });
    cd_sample(s, call, { q, k, v }, { 0, CD_ZERO });
    cd_sample(s, call, { q, k, v, keep }, { 0, 0, 0.5 });
    cd_sample(s, call, { q, k, v }, { 1, 0, 0.25 });
}

static void layouts(cd_samples *s)
{
    cd_sample(s, call, { some(CD_SHAPE(3, 4)), some(CD_SHAPE(5, 4)), some(CD_SHAPE(5, 1)) });
    cd_sample(s, call,
              { some(CD_SHAPE(2, 1, 3, 4)), some(CD_SHAPE(3, 5, 4)), some(CD_SHAPE(5, 2)) });
    cd_sample(s, call,
              { cd_transpose(some(CD_SHAPE(2, 3, 2, 4)), 1, 2),
                cd_transpose(some(CD_SHAPE(2, 5, 2, 4)), 1, 2),
                cd_transpose(some(CD_SHAPE(2, 2, 2, 5)), 2, 3) });
}

static void heads_in_groups(cd_samples *s)
{
    cd_sample(
        s, call,
        { some(CD_SHAPE(2, 4, 3, 2)), some(CD_SHAPE(2, 2, 3, 2)), some(CD_SHAPE(2, 2, 3, 2)) },
        { 0, 0, 0, 1 });
    cd_sample(s, call,
              { some(CD_SHAPE(4, 3, 2)), some(CD_SHAPE(2, 3, 2)), some(CD_SHAPE(1, 3, 2)) },
              { 1, 0, 0, 1 });
    cd_sample(s, call,
              { some(CD_SHAPE(4, 3, 2)), some(CD_SHAPE(2, 3, 2)), some(CD_SHAPE(2, 3, 2)),
                some(CD_SHAPE(4, 3, 3)) },
              { 0, 0, 0, 1 });
}

static void sizes(cd_samples *s)
{
    cd_sample(s, call,
              { some(CD_SHAPE(2, 0, 4)), some(CD_SHAPE(2, 3, 4)), some(CD_SHAPE(2, 3, 2)) });
    cd_sample(s, call,
              { some(CD_SHAPE(2, 3, 4)), some(CD_SHAPE(2, 0, 4)), some(CD_SHAPE(2, 0, 2)) });
    cd_sample(s, call,
              { some(CD_SHAPE(2, 3, 0)), some(CD_SHAPE(2, 2, 0)), some(CD_SHAPE(2, 2, 2)) });
    cd_sample(s, call,
              { some(CD_SHAPE(0, 3, 4)), some(CD_SHAPE(0, 2, 4)), some(CD_SHAPE(0, 2, 2)) });
    cd_sample(s, call,
              { some(CD_SHAPE(1, 70, 2)), some(CD_SHAPE(1, 3, 2)), some(CD_SHAPE(1, 3, 1)) });
}

static void samples(cd_samples *s)
{
    masks(s);
    layouts(s);
    heads_in_groups(s);
    sizes(s);
}

static void misuse(cd_samples *s)
{
    cd_tensor *q = cd_zeros(CD_SHAPE(2, 3, 4)), *k = cd_zeros(CD_SHAPE(2, 5, 4));
    cd_tensor *mask = cd_zeros(CD_SHAPE(3, 5)), *whole = cd_to(q, CD_I64);
#define attend cd_scaled_dot_product_attention
    cd_expect_error(s, CD_ERR_ARGUMENT, "query is NULL", attend(NULL, k, k));
    cd_expect_error(s, CD_ERR_ARGUMENT, "key is NULL", attend(q, NULL, k));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is NULL", attend(q, k, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "2 dimensions or more", attend(cd_zeros(CD_SHAPE(4)), k, k));
    cd_expect_error(s, CD_ERR_DTYPE, "key float64", attend(q, cd_to(k, CD_F64), k));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", attend(whole, whole, whole));
    cd_expect_error(s, CD_ERR_SHAPE, "query (2x3x4) and key (2x5x3)",
                    attend(q, cd_zeros(CD_SHAPE(2, 5, 3)), k));
    cd_expect_error(s, CD_ERR_SHAPE, "key (2x5x4) and value (2x3x4)", attend(q, k, q));
    cd_expect_error(s, CD_ERR_SHAPE, "must broadcast", attend(cd_zeros(CD_SHAPE(3, 3, 4)), k, k));
    cd_expect_error(s, CD_ERR_ARGUMENT, "exclude each other",
                    attend(q, k, k, .attn_mask = mask, .is_causal = true));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", attend(q, k, k, .attn_mask = cd_to(mask, CD_F64)));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", attend(q, k, k, .attn_mask = cd_to(mask, CD_I64)));
    cd_expect_error(s, CD_ERR_SHAPE, ".attn_mask (5)",
                    attend(q, k, k, .attn_mask = cd_zeros(CD_SHAPE(5))));
    cd_expect_error(s, CD_ERR_SHAPE, ".attn_mask (3x4)",
                    attend(q, k, k, .attn_mask = cd_zeros(CD_SHAPE(3, 4))));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".dropout_p is 1.5", attend(q, k, k, .dropout_p = 1.5));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".dropout_p is -1", attend(q, k, k, .dropout_p = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "key (2x5x4) and value (2x3x4)",
                    attend(q, k, q, .dropout_p = 0.5));
    cd_expect_error(s, CD_ERR_SHAPE, "must divide",
                    attend(cd_zeros(CD_SHAPE(3, 3, 4)), k, k, .enable_gqa = true));
    cd_expect_error(s, CD_ERR_SHAPE, "must divide",
                    attend(cd_zeros(CD_SHAPE(3, 4)), k, k, .enable_gqa = true));
    cd_tensor *four = cd_zeros(CD_SHAPE(4, 3, 4));
    cd_expect_error(
        s, CD_ERR_SHAPE, ".attn_mask (2x3x5) has 2 heads",
        attend(four, k, k, .enable_gqa = true, .attn_mask = cd_zeros(CD_SHAPE(2, 3, 5))));
    cd_expect_error(
        s, CD_ERR_SHAPE, ".attn_mask (3x3x5) has 3 heads",
        attend(four, k, k, .enable_gqa = true, .attn_mask = cd_zeros(CD_SHAPE(3, 3, 5))));
#undef attend
}

const op_cases cases_scaled_dot_product_attention = { samples, misuse };
