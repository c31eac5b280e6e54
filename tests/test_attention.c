/* The gradients of scaled_dot_product_attention by its kernel beside those by ops, which the pass
 * with .create_graph takes: blocks of queries, masks, batches, layouts, numbers of threads. */
#include "test.h"

#include "autograd/families/attention_internal.h"
#include "candela.h"

typedef struct operands {
    cd_tensor *in[3]; /* query, key and value */
    cd_attention_options options;
} operands;

static cd_tensor *leaf(cd_tensor *t)
{
    return cd_set_requires_grad(t, true);
}

static operands made(cd_dtype dtype, cd_shape q, cd_shape k, cd_shape v)
{
    operands o = { { leaf(cd_randn(q, .dtype = dtype)), leaf(cd_randn(k, .dtype = dtype)),
                     leaf(cd_randn(v, .dtype = dtype)) },
                   { .scale = 0.4 } };
    return o;
}

static bool differentiate(operands *o, bool by_ops, cd_tensor *dy, cd_tensor **gradients)
{
    o->options.query = o->in[0];
    o->options.key = o->in[1];
    o->options.value = o->in[2];
    cd_tensor *y = cd_scaled_dot_product_attention_with(o->options);
    return cd_autograd_grad_n(CD_TENSORS(y), ((cd_tensors){ o->in, 3 }), gradients,
                              .weights = (cd_tensor *const[]){ dy }, .create_graph = by_ops);
}

static void compare(operands o, double tolerance)
{
    CD_SCOPE();
    cd_tensor *kernel[3], *ops[3], *again[3], *turned[3];
    o.options.query = o.in[0];
    o.options.key = o.in[1];
    o.options.value = o.in[2];
    cd_tensor *y = cd_scaled_dot_product_attention_with(o.options);
    cd_tensor *dy = cd_randn(cd_shape_of(y), .dtype = cd_dtype_of(y));
    cd_tensor *columns = cd_transpose(cd_contiguous(cd_transpose(dy, -1, -2)), -1, -2);
    const int before = cd_num_threads();
    assert_true(differentiate(&o, true, dy, ops));
    assert_true(differentiate(&o, false, dy, kernel));
    assert_true(differentiate(&o, false, columns, turned));
    assert_true(cd_set_num_threads(3));
    assert_true(differentiate(&o, false, dy, again));
    assert_true(cd_set_num_threads(before));
    for (int k = 0; k < 3; k++) {
        cd_tensor *error = cd_abs(cd_sub(kernel[k], ops[k]));
        cd_tensor *other = cd_abs(cd_sub(turned[k], ops[k]));
        if (cd_numel(error) > 0) assert_true(cd_item(cd_amax(error)) <= tolerance);
        if (cd_numel(error) > 0) assert_true(cd_item(cd_amax(other)) <= tolerance);
        assert_true(cd_item(cd_all(cd_eq(again[k], kernel[k]))) == 1);
    }
    assert_ok();
}

/* Around the 64 queries of a block, with fewer keys and with more. */
static void every_number_of_queries(void **state)
{
    (void)state;
    CD_SCOPE();
    static const int64_t queries[] = { 1, 63, 64, 65, 130 }, keys[] = { 1, 70 };
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 2; j++) {
            compare(made(CD_F64, CD_SHAPE(2, 3, queries[i], 5), CD_SHAPE(2, 3, keys[j], 5),
                         CD_SHAPE(2, 3, keys[j], 4)),
                    1e-13);
        }
    }
    compare(made(CD_F32, CD_SHAPE(40, 100, 8), CD_SHAPE(40, 90, 8), CD_SHAPE(40, 90, 8)), 1e-4);
    compare(made(CD_F64, CD_SHAPE(70, 5), CD_SHAPE(66, 5), CD_SHAPE(66, 4)), 1e-13);
}

static void causal(void **state)
{
    (void)state;
    CD_SCOPE();
    static const int64_t keys[] = { 20, 130, 150 };
    for (int j = 0; j < 3; j++) {
        operands o =
            made(CD_F64, CD_SHAPE(3, 130, 5), CD_SHAPE(3, keys[j], 5), CD_SHAPE(3, keys[j], 4));
        o.options.is_causal = true;
        compare(o, 1e-13);
    }
}

/* Of the rows of the bool mask some have no key at all. */
static void masks(void **state)
{
    (void)state;
    CD_SCOPE();
    operands o = made(CD_F64, CD_SHAPE(3, 100, 5), CD_SHAPE(3, 90, 5), CD_SHAPE(3, 90, 4));
    o.options.attn_mask = cd_gt(cd_randn(CD_SHAPE(3, 100, 90)), cd_randn(CD_SHAPE(100, 1)));
    compare(o, 1e-13);
    o.options.attn_mask = cd_gt(cd_randn(CD_SHAPE(100, 1)), 0);
    compare(o, 1e-13);
    o.options.attn_mask = cd_randn(CD_SHAPE(100, 90));
    compare(o, 1e-13);
}

/* Transposed operands and gaps between rows are read in place; a shared key is summed by ops. */
static void layouts_and_batches(void **state)
{
    (void)state;
    CD_SCOPE();
    operands o = made(CD_F64, CD_SHAPE(2, 5, 100), CD_SHAPE(2, 5, 90), CD_SHAPE(90, 2, 4));
    o.in[0] = cd_transpose(o.in[0], 1, 2);
    o.in[1] = cd_transpose(o.in[1], 1, 2);
    o.in[2] = cd_transpose(o.in[2], 0, 1);
    compare(o, 1e-13);
    compare(made(CD_F64, CD_SHAPE(2, 3, 10, 5), CD_SHAPE(3, 9, 5), CD_SHAPE(2, 1, 9, 4)), 1e-13);
    compare(made(CD_F64, CD_SHAPE(2, 10, 5), CD_SHAPE(2, 0, 5), CD_SHAPE(2, 0, 4)), 1e-13);
    compare(made(CD_F64, CD_SHAPE(2, 0, 5), CD_SHAPE(2, 9, 5), CD_SHAPE(2, 9, 4)), 1e-13);
    compare(made(CD_F64, CD_SHAPE(0, 10, 5), CD_SHAPE(0, 9, 5), CD_SHAPE(0, 9, 4)), 1e-13);
    compare(made(CD_F64, CD_SHAPE(2, 10, 5), CD_SHAPE(2, 9, 5), CD_SHAPE(2, 9, 0)), 1e-13);
}

/* The value's gradient alone: the value itself is not saved then. */
static void only_some_require_gradients(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        CD_SCOPE();
        cd_tensor *all[3], *one;
        operands o = made(CD_F64, CD_SHAPE(2, 70, 5), CD_SHAPE(2, 9, 5), CD_SHAPE(2, 9, 4));
        cd_tensor *dy = cd_randn(CD_SHAPE(2, 70, 4), .dtype = CD_F64);
        assert_true(differentiate(&o, false, dy, all));
        for (int j = 0; j < 3; j++) {
            if (j != k) o.in[j] = cd_detach(o.in[j]);
        }
        o.options.query = o.in[0];
        o.options.key = o.in[1];
        o.options.value = o.in[2];
        one = cd_autograd_grad(cd_scaled_dot_product_attention_with(o.options), o.in[k],
                               .gradient = dy);
        assert_true(cd_item(cd_amax(cd_abs(cd_sub(one, all[k])))) <= 1e-13);
        assert_ok();
    }
}

static bool same(cd_tensor *a, cd_tensor *b)
{
    return cd_item(cd_all(cd_eq(a, b))) == 1;
}

typedef struct self_case {
    int64_t columns; /* 3 E: with few of them the weights of 130 queries are not kept */
    bool causal, batch_first;
    cd_tensor *mask;
} self_case;

/* self_attention has the bits of scaled_dot_product_attention of its three thirds, and so has its
 * gradient; by ops, as .create_graph wants it, the gradient is the same but for rounding. */
static void compare_self_attention(self_case c)
{
    CD_SCOPE();
    enum { HEADS = 2 };
    cd_tensor *qkv = leaf(cd_randn(CD_SHAPE(130, 3, c.columns), .dtype = CD_F64)), *third[3];
    assert_true(cd_unpack(cd_chunk(qkv, 3, 2), &third[0], &third[1], &third[2]));
    cd_tensor *x = c.batch_first ? cd_contiguous(cd_transpose(qkv, 0, 1)) : qkv;
    const size_t before = cd_memory_stats().bytes_in_use;
    cd_tensor *y = cd_self_attention(
        x, c.mask,
        (cd_self_attention_attributes){
            .heads = HEADS, .is_causal = c.causal, .batch_first = c.batch_first });
    const int64_t kept = 3 * HEADS * 130 * 130 * 8; /* bytes of the weights */
    const int64_t grown = (int64_t)(cd_memory_stats().bytes_in_use - before);
    assert_true((grown >= kept) == (c.columns == 216));
    cd_tensor *right = cd_scaled_dot_product_attention(
        cd_attention_to_heads(third[0], HEADS, false),
        cd_attention_to_heads(third[1], HEADS, false),
        cd_attention_to_heads(third[2], HEADS, false), .attn_mask = c.mask, .is_causal = c.causal);
    assert_true(same(cd_attention_to_heads(y, HEADS, false), right));
    cd_tensor *dy = cd_randn(cd_shape_of(y), .dtype = CD_F64);
    cd_tensor *dqkv = cd_autograd_grad(y, qkv, .gradient = dy, .retain_graph = true);
    const int threads = cd_num_threads();
    assert_true(cd_set_num_threads(3));
    assert_true(same(dqkv, cd_autograd_grad(y, qkv, .gradient = dy, .retain_graph = true)));
    assert_true(cd_set_num_threads(threads));
    cd_tensor *by_ops = cd_autograd_grad(y, qkv, .gradient = dy, .create_graph = true);
    assert_true(same(
        dqkv, cd_autograd_grad(right, qkv, .gradient = cd_attention_to_heads(dy, HEADS, false))));
    assert_true(cd_item(cd_amax(cd_abs(cd_sub(dqkv, by_ops)))) <= 1e-13);
    assert_ok();
}

/* Scores may be -Inf by themselves, without a mask: then no value counts, and none has a gradient,
 * also where ops compute it. */
static void scores_of_minus_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *q = cd_full(CD_SHAPE(1, 1), -INFINITY, .dtype = CD_F64);
    cd_tensor *k = cd_ones(CD_SHAPE(2, 1), .dtype = CD_F64);
    cd_tensor *v = leaf(cd_ones(CD_SHAPE(2, 3), .dtype = CD_F64));
    for (int by_ops = 0; by_ops < 2; by_ops++) {
        cd_tensor *y = cd_scaled_dot_product_attention(q, k, v);
        cd_tensor *dv =
            cd_autograd_grad(y, v, .gradient = cd_ones_like(y), .create_graph = by_ops == 1);
        assert_true(cd_item(cd_all(cd_eq(y, 0))) == 1);
        assert_true(cd_item(cd_all(cd_eq(dv, 0))) == 1);
    }
    assert_ok();
}

static void self_attention(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *added = cd_randn(CD_SHAPE(130, 130), .dtype = CD_F64);
    cd_tensor *keep = cd_gt(cd_randn(CD_SHAPE(3, 1, 130, 130)), 0);
    for (int k = 0; k < 4; k++) {
        const int64_t columns = k % 2 ? 30 : 216;
        const bool batch_first = k >= 2;
        compare_self_attention((self_case){ columns, false, batch_first, NULL });
        compare_self_attention((self_case){ columns, true, batch_first, NULL });
        compare_self_attention((self_case){ columns, false, batch_first, added });
        compare_self_attention((self_case){ columns, false, batch_first, keep });
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_number_of_queries),
        TEST(causal),
        TEST(masks),
        TEST(layouts_and_batches),
        TEST(only_some_require_gradients),
        TEST(self_attention),
        TEST(scores_of_minus_infinity),
    };
    return RUN(tests);
}
