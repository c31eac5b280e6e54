/* nn.Transformer against PyTorch (golden/make_transformer.py): initial values, outputs, gradients;
 * its names and its errors. */
#define GOLDEN_FILE "golden/transformer.safetensors"
#include "goldens.h"
#include "modules.h"

#include <math.h>

#include "nn/state_dict.h"
#include "nn/transformer.h"

enum { MOST = 80 };

typedef struct digests {
    cd_tensor *digest[MOST];
    int count;
    bool of_gradients;
} digests;

/* The number that the script keeps of a tensor. */
static cd_tensor *digest(cd_tensor *t)
{
    cd_tensor *flat = cd_to(cd_reshape(cd_detach(t), CD_SHAPE(-1)), CD_F64);
    return cd_sum(cd_mul(flat, cd_cos(cd_arange(cd_numel(flat), .dtype = CD_F64))));
}

static bool add_digest(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    digests *d = user;
    (void)name;
    (void)kind;
    assert_true(d->count < MOST);
    d->digest[d->count++] = digest(d->of_gradients ? cd_grad(t) : t);
    return true;
}

static void compare_digests(const char *name, const char *what, digests d, double rtol, double atol)
{
    assert_ok();
    cd_tensor *all = cd_stack((cd_tensors){ .tensor = d.digest, .count = d.count }, 0);
    assert_near(all, golden("%s.%s", name, what), rtol, atol);
}

static void compare_start(const char *name, cd_module *m)
{
    digests d = { .count = 0 };
    assert_ok();
    assert_true(cd_visit(m, add_digest, &d));
    compare_digests(name, "start", d, 1e-6, 1e-6);
}

static void compare(const char *name, cd_module *m, cd_tensor *src, cd_tensor *tgt, cd_tensor *y)
{
    digests d = { .of_gradients = true };
    assert_near(y, golden("%s.out", name), 1e-5, 2e-6);
    assert_true(cd_backward(cd_sum(cd_mul(y, cd_randn(cd_shape_of(y))))));
    (void)add_digest("", src, CD_PARAMETER, &d);
    (void)add_digest("", tgt, CD_PARAMETER, &d);
    assert_true(cd_visit(m, add_digest, &d));
    compare_digests(name, "gradients", d, 1e-4, 2e-5);
}

static cd_tensor *drawn(cd_shape shape)
{
    return cd_set_requires_grad(cd_randn(shape), true);
}

static cd_tensor *padding(void)
{
    const int64_t number[] = { 0, 0, 1, 0, 0, 0 };
    return cd_ne(cd_from_array(number, CD_SHAPE(2, 3)), 0);
}

static void a_model_computes_what_pytorch_computes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(6);
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 2,
                                     .dim_feedforward = 5);
    compare_start("plain", m);
    cd_tensor *src = drawn(CD_SHAPE(3, 2, 4)), *tgt = drawn(CD_SHAPE(2, 2, 4));
    compare("plain", m, src, tgt, cd_forward(m, src, tgt));
}

static void all_options_and_masks(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(6);
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 2, .num_decoder_layers = 1,
                                     .dim_feedforward = 5, .dropout = CD_ZERO,
                                     .activation = CD_TRANSFORMER_GELU, .norm_first = true,
                                     .batch_first = true, .no_bias = true, .layer_norm_eps = 0.1);
    compare_start("first", m);
    cd_tensor *src = drawn(CD_SHAPE(2, 3, 4)), *tgt = drawn(CD_SHAPE(2, 2, 4));
    cd_tensor *later = cd_ne(cd_triu(cd_ones(CD_SHAPE(2, 3)), 1), 0);
    cd_tensor *y = cd_forward_transformer(
        m, src, tgt, .src_mask = cd_square_subsequent_mask(3),
        .tgt_mask = cd_square_subsequent_mask(2), .memory_mask = later,
        .src_key_padding_mask = padding(), .tgt_key_padding_mask = cd_slice(padding(), 1, 1, 3, 1),
        .memory_key_padding_mask = padding(), .src_is_causal = true, .tgt_is_causal = true);
    compare("first", m, src, tgt, y);
}

/* The masks in the order of PyTorch's arguments. */
static void without_a_batch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(6);
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                     .dim_feedforward = 5, .dropout = 0.25);
    compare_start("unbatched", m);
    cd_tensor *src = drawn(CD_SHAPE(3, 4)), *tgt = drawn(CD_SHAPE(2, 4));
    cd_tensor *y = cd_forward(m, src, tgt, NULL, cd_square_subsequent_mask(2), NULL, NULL, NULL,
                              cd_select(padding(), 0, 0));
    compare("unbatched", m, src, tgt, y);
}

static void names_are_those_of_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                     .dim_feedforward = 5, .device = CD_META);
    cd_dict *names = cd_state_dict(m);
    assert_int_equal(cd_dict_count(names), 34);
    assert_string_equal(cd_dict_name(names, 0), "encoder.layers.0.self_attn.in_proj_weight");
    assert_string_equal(cd_dict_name(names, 12), "encoder.norm.weight");
    assert_string_equal(cd_dict_name(names, 18), "decoder.layers.0.multihead_attn.in_proj_weight");
    assert_string_equal(cd_dict_name(names, 33), "decoder.norm.bias");
    cd_tensor *y = cd_forward(m, cd_empty(CD_SHAPE(3, 2, 4), .device = CD_META),
                              cd_empty(CD_SHAPE(5, 2, 4), .device = CD_META));
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(5, 2, 4)));
}

static void the_causal_mask(void **state)
{
    (void)state;
    CD_SCOPE();
    const double values[] = { 0, -INFINITY, 0, 0 };
    cd_tensor *mask = cd_square_subsequent_mask(2, .dtype = CD_F64);
    assert_near(mask, cd_from_array(values, CD_SHAPE(2, 2)), 0, 0);
    assert_int_equal(cd_numel(cd_square_subsequent_mask(0)), 0);
    assert_null(cd_square_subsequent_mask(-1));
    assert_failed_with(CD_ERR_ARGUMENT, "the size is -1");
}

/* The encoder's place can have another module, which gets the inputs that are given. */
static void another_encoder(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                     .dim_feedforward = 5, .dropout = CD_ZERO);
    cd_tensor *src = cd_randn(CD_SHAPE(3, 2, 4)), *tgt = cd_randn(CD_SHAPE(2, 2, 4));
    assert_true(cd_module_set(m, "encoder", cd_nn_identity()));
    assert_near(cd_forward(m, src, tgt), cd_forward(cd_module_get(m, "decoder"), tgt, src), 0, 0);
    assert_null(cd_forward(m, src, tgt, cd_square_subsequent_mask(3)));
    assert_failed_with(CD_ERR_ARGUMENT, "Identity");
}

static void wrong_inputs_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                     .dim_feedforward = 5);
    cd_tensor *x = cd_ones(CD_SHAPE(3, 2, 4));
    assert_null(cd_forward(m, x));
    assert_failed_with(CD_ERR_ARGUMENT, "Transformer takes 2 to 8 inputs, and got 1");
    assert_null(cd_forward(m, x, cd_ones(CD_SHAPE(3, 1, 4))));
    assert_failed_with(CD_ERR_SHAPE,
                       "the batch number of src (3x2x4) and tgt (3x1x4) must be equal");
    assert_null(cd_forward(m, x, cd_ones(CD_SHAPE(3, 2, 5))));
    assert_failed_with(CD_ERR_SHAPE, "the feature number of src (3x2x4) and tgt (3x2x5) must be "
                                     "equal to d_model, 4");
    assert_null(cd_forward(m, x, cd_ones(CD_SHAPE(2, 4))));
    assert_failed_with(CD_ERR_SHAPE, "must both have 3 dimensions");
    assert_null(cd_forward_transformer(cd_nn_identity(), x, x));
    assert_failed_with(CD_ERR_ARGUMENT, "a Identity is no Transformer");
    assert_null(cd_nn_transformer(4, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "does not divide");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_model_computes_what_pytorch_computes),
        TEST(all_options_and_masks),
        TEST(without_a_batch),
        TEST(names_are_those_of_pytorch),
        TEST(the_causal_mask),
        TEST(another_encoder),
        TEST(wrong_inputs_are_refused),
    };
    return RUN(tests);
}
