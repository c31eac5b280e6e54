/* Attention and the layers of transformers against PyTorch (golden/make_recurrent.py): initial
 * values, outputs, gradients; and what they refuse. */
#define GOLDEN_FILE "golden/recurrent.safetensors"
#include "goldens.h"

#include "nn/layers.h"
#include "nn/recurrent.h"
#include "nn/transformer.h"

enum { GRADIENTS = 40 };

typedef struct gradients {
    cd_tensor *digest[GRADIENTS];
    int count;
} gradients;

/* The number that the script keeps of a gradient. */
static cd_tensor *digest(cd_tensor *t)
{
    cd_tensor *flat = cd_reshape(t, CD_SHAPE(-1));
    return cd_sum(cd_mul(flat, cd_cos(cd_arange(cd_numel(flat), .dtype = cd_dtype_of(t)))));
}

static bool add_digest(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    gradients *g = user;
    (void)name;
    (void)kind;
    assert_true(g->count < GRADIENTS);
    g->digest[g->count++] = digest(cd_grad(t));
    return true;
}

static cd_tensor *drawn(cd_shape shape)
{
    return cd_set_requires_grad(cd_randn(shape), true);
}

static void compare(const char *name, cd_module *m, cd_tensors in, cd_tensor *y, cd_tensor *weights)
{
    assert_near(y, golden("%s.out0", name), 1e-5, 1e-6);
    cd_tensor *loss = cd_sum(cd_mul(y, cd_randn(cd_shape_of(y))));
    if (weights) {
        assert_near(weights, golden("%s.out1", name), 1e-5, 1e-6);
        loss = cd_add(loss, cd_sum(cd_mul(weights, cd_randn(cd_shape_of(weights)))));
    }
    assert_true(cd_backward(loss));
    gradients g = { .count = 0 };
    for (int i = 0; i < in.count; i++) {
        (void)add_digest("", in.tensor[i], CD_PARAMETER, &g);
    }
    assert_true(cd_visit(m, add_digest, &g));
    assert_near(cd_stack((cd_tensors){ .tensor = g.digest, .count = g.count }, 0),
                golden("%s.gradients", name), 1e-4, 1e-5);
}

static cd_tensor *padding(void)
{
    const int64_t number[] = { 0, 0, 1, 0, 0, 0 };
    return cd_ne(cd_from_array(number, CD_SHAPE(2, 3)), 0);
}

/* The causal mask for that many queries, and 3 keys. */
static cd_tensor *future(int64_t queries)
{
    return cd_ne(cd_triu(cd_ones(CD_SHAPE(queries, 3)), 1), 0);
}

#define ATTENTION(name_, make_, q_, k_, v_, ...)                                                   \
    do {                                                                                           \
        cd_manual_seed(6);                                                                         \
        cd_module *m = (make_);                                                                    \
        cd_tensor *q = drawn(q_), *k = drawn(k_), *v = drawn(v_);                                  \
        cd_attended y = cd_forward_attention(m, q, k, v, __VA_ARGS__);                             \
        compare(name_, m, CD_TENSORS(q, k, v), y.output, y.weights);                               \
    } while (0)

static void attention_computes_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_shape query = CD_SHAPE(2, 2, 4), key = CD_SHAPE(3, 2, 4);
    ATTENTION("attention", cd_nn_multihead_attention(4, 2), query, key, key, .attn_mask = NULL);
    ATTENTION("attention_sizes",
              cd_nn_multihead_attention(4, 2, .kdim = 3, .vdim = 2, .add_bias_kv = true,
                                        .add_zero_attn = true),
              query, CD_SHAPE(3, 2, 3), CD_SHAPE(3, 2, 2), .key_padding_mask = padding(),
              .attn_mask = future(2), .per_head_weights = true);
    ATTENTION("attention_added", cd_nn_multihead_attention(4, 2), CD_SHAPE(2, 4), CD_SHAPE(3, 4),
              CD_SHAPE(3, 4), .attn_mask = cd_div(cd_view(cd_arange(6.0), CD_SHAPE(2, 3)), 4));
    ATTENTION("attention_dropout", cd_nn_multihead_attention(4, 2, .dropout = 0.5), query, key, key,
              .attn_mask = NULL);
    cd_manual_seed(6);
    cd_module *m = cd_nn_multihead_attention(4, 2, .no_bias = true, .batch_first = true);
    cd_tensor *x = drawn(CD_SHAPE(2, 3, 4));
    cd_attended y =
        cd_forward_attention(m, x, x, x, .key_padding_mask = padding(), .no_weights = true);
    assert_null(y.weights);
    compare("attention_self", m, CD_TENSORS(x), y.output, NULL);
    cd_manual_seed(6);
    m = cd_nn_multihead_attention(4, 2);
    x = drawn(CD_SHAPE(3, 2, 4));
    y = cd_forward_attention(m, x, x, x, .attn_mask = future(3), .is_causal = true,
                             .no_weights = true);
    compare("attention_causal", m, CD_TENSORS(x), y.output, NULL);
}

static void layers_compute_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(6);
    cd_module *m = cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 5);
    cd_tensor *x = drawn(CD_SHAPE(3, 2, 4));
    compare("encoder", m, CD_TENSORS(x), cd_forward(m, x), NULL);
    cd_manual_seed(6);
    m = cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 5, .dropout = CD_ZERO,
                                        .activation = CD_TRANSFORMER_GELU, .batch_first = true,
                                        .norm_first = true, .no_bias = true, .layer_norm_eps = 0.1);
    x = drawn(CD_SHAPE(2, 3, 4));
    compare("encoder_first", m, CD_TENSORS(x), cd_forward(m, x, NULL, padding()), NULL);
    cd_manual_seed(6);
    m = cd_nn_transformer_decoder_layer(4, 2, .dim_feedforward = 5, .dropout = 0.25);
    x = drawn(CD_SHAPE(2, 2, 4));
    cd_tensor *memory = drawn(CD_SHAPE(3, 2, 4));
    compare("decoder", m, CD_TENSORS(x, memory),
            cd_forward(m, x, memory, NULL, future(2), NULL, padding()), NULL);
}

static void stacks_compute_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(6);
    cd_module *layer =
        cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 5, .batch_first = true);
    cd_module *m = cd_nn_transformer_encoder(layer, 2, .norm = cd_nn_layer_norm(CD_SHAPE(4)));
    cd_tensor *x = drawn(CD_SHAPE(2, 3, 4));
    cd_tensor *y = cd_forward_encoder(m, x, .src_mask = future(3),
                                      .src_key_padding_mask = padding(), .is_causal = true);
    compare("encoder_stack", m, CD_TENSORS(x), y, NULL);
    cd_manual_seed(6);
    layer = cd_nn_transformer_decoder_layer(4, 2, .dim_feedforward = 5, .dropout = CD_ZERO);
    m = cd_nn_transformer_decoder(layer, 2);
    x = drawn(CD_SHAPE(3, 2, 4));
    cd_tensor *memory = drawn(CD_SHAPE(3, 2, 4));
    y = cd_forward_decoder(m, x, memory, .tgt_mask = future(3),
                           .memory_key_padding_mask = padding(), .tgt_is_causal = true);
    compare("decoder_stack", m, CD_TENSORS(x, memory), y, NULL);
}

/* A mask that is said to be causal is not read, if that makes no difference to it. */
static void a_causal_mask_is_not_read(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_nn_multihead_attention(4, 2);
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2, 4)), *wrong = cd_zeros(CD_SHAPE(3, 3));
    cd_tensor *no_padding = cd_zeros(CD_SHAPE(2, 3), .dtype = CD_BOOL);
    cd_tensor *right = cd_forward_attention(m, x, x, x, .attn_mask = future(3)).output;
    cd_tensor *without = cd_forward_attention(m, x, x, x, .attn_mask = wrong).output;
    cd_attended y =
        cd_forward_attention(m, x, x, x, .attn_mask = wrong, .is_causal = true, .no_weights = true);
    assert_near(y.output, right, 1e-5, 1e-6);
    y = cd_forward_attention(m, x, x, x, .attn_mask = wrong, .is_causal = true);
    assert_near(y.output, without, 0, 0);
    y = cd_forward_attention(m, x, x, x, .attn_mask = wrong, .is_causal = true,
                             .key_padding_mask = no_padding, .no_weights = true);
    assert_near(y.output, without, 1e-5, 1e-6);
}

static void stacks_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cd_module *layer = cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 5);
    assert_true(cd_print_module(
        stream, cd_nn_transformer_encoder(layer, 2, .norm = cd_nn_layer_norm(CD_SHAPE(4)))));
    fclose(stream);
    const char *start = "TransformerEncoder(\n"
                        "  (layers): ModuleList(\n"
                        "    (0-1): 2 x TransformerEncoderLayer(\n";
    assert_memory_equal(text, start, strlen(start));
    assert_non_null(strstr(text, "  (norm): LayerNorm((4,), eps=1e-05, elementwise_affine=True"));
    free(text);
}

/* As in PyTorch: 0 without weights, where scaled_dot_product_attention computes it, else NaN. */
static void a_query_that_sees_no_key(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_multihead_attention(4, 2);
    cd_tensor *x = drawn(CD_SHAPE(2, 1, 4)), *all = cd_ones(CD_SHAPE(1, 2), .dtype = CD_BOOL);
    cd_tensor *y =
        cd_forward_attention(m, x, x, x, .key_padding_mask = all, .no_weights = true).output;
    assert_near(y, cd_zeros(CD_SHAPE(2, 1, 4)), 0, 0);
    assert_true(cd_backward(cd_sum(y)));
    assert_near(cd_grad(x), cd_zeros(CD_SHAPE(2, 1, 4)), 0, 0);
    assert_true(
        isnan(element(cd_forward_attention(m, x, x, x, .key_padding_mask = all).output, 0)));
}

#define refuses(code_, text_, call_)                                                               \
    do {                                                                                           \
        assert_null((call_));                                                                      \
        assert_failed_with((code_), (text_));                                                      \
    } while (0)

static const void *options_of_watch = &options_of_watch;

static bool watch_forward(cd_module *m, const cd_arguments *a)
{
    (void)m;
    options_of_watch = a->options;
    a->out[0] = a->in[0];
    return true;
}

/* A class of the user's would not know the options of the library's own layers. */
static void a_stack_gives_no_options_to_layers_of_the_user(void **state)
{
    (void)state;
    static const cd_module_class watch = { .name = "Watch",
                                           .size = sizeof(cd_module),
                                           .inputs = 3,
                                           .optional_inputs = 6,
                                           .forward = watch_forward };
    CD_SCOPE();
    cd_module *stack = cd_nn_transformer_encoder(cd_module_new(&watch), 2);
    assert_non_null(cd_forward_encoder(stack, cd_ones(CD_SHAPE(2, 1, 3)), .is_causal = true));
    assert_null(options_of_watch);
}

static void attention_refuses_what_it_cannot_use(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_multihead_attention(4, 2);
    cd_tensor *q = cd_ones(CD_SHAPE(2, 2, 4)), *k = cd_ones(CD_SHAPE(3, 2, 4));
    refuses(CD_ERR_ARGUMENT, "does not divide", cd_nn_multihead_attention(4, 3));
    refuses(CD_ERR_ARGUMENT, "takes 3 to 5 inputs",
            cd_forward_n(m, &q, 1, (cd_tensor *[2]){ NULL }, 2) ? m : NULL);
    refuses(CD_ERR_ARGUMENT, "takes 2 to 6 inputs",
            cd_forward(cd_nn_transformer_decoder_layer(4, 2), q));
    refuses(CD_ERR_ARGUMENT, "needs one",
            cd_forward_attention(m, q, q, q, .is_causal = true).output);
    cd_module *layer = cd_nn_transformer_encoder_layer(4, 2);
    refuses(CD_ERR_ARGUMENT, "needs one",
            cd_forward_encoder(cd_nn_transformer_encoder(layer, 1), q, .is_causal = true));
    refuses(CD_ERR_ARGUMENT, "num_layers is 0", cd_nn_transformer_encoder(layer, 0));
    refuses(CD_ERR_ARGUMENT, "NULL", cd_nn_transformer_decoder(NULL, 2));
    refuses(CD_ERR_ARGUMENT, "takes 1 to 3 inputs",
            cd_forward(cd_nn_transformer_encoder(layer, 1), q, NULL, NULL, q));
    refuses(CD_ERR_ARGUMENT, "neither a TransformerDecoderLayer nor a TransformerDecoder",
            cd_forward_decoder(layer, q, q));
    cd_module *stack = cd_nn_transformer_encoder(layer, 1);
    assert_non_null(cd_module_pop(cd_module_get(stack, "layers"), 0));
    refuses(CD_ERR_STATE, "has no layers", cd_forward(stack, q));
    refuses(CD_ERR_ARGUMENT, "Linear is no MultiheadAttention",
            cd_forward_attention(cd_nn_linear(4, 4), q, k, k).output);
    refuses(CD_ERR_SHAPE, "the last of key must be 4",
            cd_forward_attention(m, q, cd_ones(CD_SHAPE(3, 2, 3)), k).output);
    refuses(CD_ERR_SHAPE, "do not fit together", cd_forward_attention(m, q, q, k).output);
    refuses(CD_ERR_SHAPE, "attn_mask is 3x2x4, and must be 2x3 or 4x2x3",
            cd_forward_attention(m, q, k, k, .attn_mask = k).output);
    refuses(CD_ERR_SHAPE, "key_padding_mask is",
            cd_forward_attention(m, q, k, k, .key_padding_mask = k).output);
    refuses(CD_ERR_DTYPE, "attn_mask is int64",
            cd_forward_attention(m, q, k, k, .attn_mask = cd_to(future(2), CD_I64)).output);
    refuses(CD_ERR_DTYPE, "query is float64",
            cd_forward_attention(m, cd_to(q, CD_F64), k, k).output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attention_computes_what_pytorch_computes),
        TEST(layers_compute_what_pytorch_computes),
        TEST(stacks_compute_what_pytorch_computes),
        TEST(a_causal_mask_is_not_read),
        TEST(stacks_print_as_in_pytorch),
        TEST(a_query_that_sees_no_key),
        TEST(a_stack_gives_no_options_to_layers_of_the_user),
        TEST(attention_refuses_what_it_cannot_use),
    };
    return RUN(tests);
}
