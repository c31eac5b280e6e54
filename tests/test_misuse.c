/* Wrong use of the library, except for wrong arguments of single ops (see test_ops): each mistake
 * gives an error with the right code and message, and changes nothing. */
#include "test.h"

#include <limits.h>

#include "candela.h"

/* Asserts that the call returns NULL, false or 0, and sets this error. */
#define BAD(call_, code_, text_)                                                                   \
    do {                                                                                           \
        assert_that(!(call_), "%s: it succeeded", #call_);                                         \
        assert_failed_with(code_, text_);                                                          \
    } while (0)

/* --- objects that no longer exist ------------------------------------------------------------- */

static void after_the_scope_ended(void **state)
{
    (void)state;
    cd_tensor *x, *y = cd_ones(CD_SHAPE(2, 3));
    cd_module *m;
    cd_generator *g;
    {
        CD_SCOPE();
        x = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
        m = cd_nn_linear(3, 2);
        g = cd_generator_new(1);
    }
    BAD(cd_add(x, y), CD_ERR_ARGUMENT, "add: a is no live tensor");
    BAD(cd_add(y, x), CD_ERR_ARGUMENT, "add: b is no live tensor");
    BAD(cd_add_(y, x), CD_ERR_ARGUMENT, "add: b is no live tensor");
    BAD(cd_sum(x), CD_ERR_ARGUMENT, "sum: ");
    BAD(cd_cat(CD_TENSORS(y, x), 0), CD_ERR_ARGUMENT, "cat: tensor 1");
    BAD(cd_backward(x), CD_ERR_ARGUMENT, "backward");
    BAD(cd_grad(x), CD_ERR_ARGUMENT, "grad");
    BAD(cd_keep(x), CD_ERR_STATE, "keep");
    BAD(cd_numel(x), CD_ERR_ARGUMENT, "numel");
    BAD(cd_forward(m, y), CD_ERR_ARGUMENT, "forward");
    BAD(cd_optim_sgd(m, .lr = 0.1), CD_ERR_ARGUMENT, "sgd");
    BAD(cd_rand(CD_SHAPE(2), .generator = g), CD_ERR_ARGUMENT, "rand: the generator");
    assert_close(cd_item(cd_sum(y)), 6, 0, 0);
}

static void release_and_drop_without_an_owner(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    BAD(cd_release(x), CD_ERR_STATE, "release");
    assert_non_null(cd_keep(x));
    assert_true(cd_release(x));
    BAD(cd_release(x), CD_ERR_STATE, "release");
    assert_true(cd_drop(x));
    BAD(cd_drop(x), CD_ERR_STATE, "drop");
    cd_scope scope = cd_scope_begin();
    assert_true(cd_scope_end(scope));
    BAD(cd_scope_end(scope), CD_ERR_STATE, "scope");
}

/* --- graphs ----------------------------------------------------------------------------------- */

static void backward_twice(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SHAPE(2), 3, .requires_grad = true), *y = cd_sum(cd_mul(x, x));
    assert_true(cd_backward(y));
    BAD(cd_backward(y), CD_ERR_AUTOGRAD, "retain_graph");
    BAD(cd_autograd_grad(y, x), CD_ERR_AUTOGRAD, "retain_graph");
    assert_close(cd_item(cd_sum(cd_grad(x))), 12, 0, 0);
}

static void backward_from_what_has_no_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true), *plain = cd_ones(CD_SCALAR);
    cd_tensor *y = cd_mul(x, 2);
    BAD(cd_backward(plain), CD_ERR_AUTOGRAD, "backward");
    BAD(cd_backward(y), CD_ERR_AUTOGRAD, "shape 2");
    BAD(cd_backward(y, .gradient = cd_ones(CD_SHAPE(3))), CD_ERR_SHAPE, "3");
    BAD(cd_backward(cd_argmax(x)), CD_ERR_AUTOGRAD, "backward");
    BAD(cd_autograd_grad(cd_sum(y), plain), CD_ERR_AUTOGRAD, "autograd_grad");
    BAD(cd_autograd_grad(cd_sum(y), NULL), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_autograd_grad(NULL, x), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_set_requires_grad(cd_arange(3), true), CD_ERR_DTYPE, "int64");
    BAD(cd_set_requires_grad(y, false), CD_ERR_AUTOGRAD, "requires");
    assert_null(cd_grad(x));
}

static void a_saved_value_is_changed_in_place(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SHAPE(2), 0.5, .requires_grad = true);
    cd_tensor *a = cd_mul(x, 2), *by_input = cd_sum(cd_mul(a, a));
    assert_non_null(cd_add_(a, 1));
    BAD(cd_backward(by_input), CD_ERR_AUTOGRAD, "MulBackward0");
    cd_tensor *y = cd_exp(x), *by_output = cd_sum(y);
    assert_non_null(cd_mul_(cd_select(y, 0, 0), 2));
    BAD(cd_backward(by_output), CD_ERR_AUTOGRAD, "ExpBackward0");
    cd_tensor *index = cd_zeros(CD_SHAPE(1), .dtype = CD_I64), *z = cd_sum(cd_gather(x, 0, index));
    assert_non_null(cd_fill_(index, 1));
    BAD(cd_backward(z), CD_ERR_AUTOGRAD, "GatherBackward0");
    cd_tensor *mask = cd_eq(cd_detach(x), 0.5), *w = cd_sum(cd_masked_fill(x, mask, 0));
    assert_non_null(cd_zero_(mask));
    BAD(cd_backward(w), CD_ERR_AUTOGRAD, "MaskedFillBackward0");
    assert_null(cd_grad(x));
}

/* --- sizes and dimensions --------------------------------------------------------------------- */

static void sizes_that_cannot_be(void **state)
{
    (void)state;
    const int64_t max = INT64_MAX, min = INT64_MIN;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3));
    BAD(cd_zeros(CD_SHAPE(max)), CD_ERR_SHAPE, "9223372036854775807");
    BAD(cd_ones(CD_SHAPE(min)), CD_ERR_SHAPE, "negative");
    BAD(cd_full(CD_SHAPE(max, max), 1), CD_ERR_SHAPE, "counted");
    BAD(cd_empty(CD_SHAPE(3037000500, 3037000500)), CD_ERR_SHAPE, "counted");
    BAD(cd_rand(CD_SHAPE(0, max)), CD_ERR_SHAPE, "counted");
    BAD(cd_zeros(((cd_shape){ .ndim = 9 })), CD_ERR_SHAPE, "0 to 8");
    BAD(cd_eye(max), CD_ERR_SHAPE, "eye");
    BAD(cd_randperm(min), CD_ERR_ARGUMENT, "0 or more");
    BAD(cd_linspace(0, 1, max), CD_ERR_SHAPE, "linspace");
    BAD(cd_repeat(x, CD_SHAPE(max, 2)), CD_ERR_SHAPE, "2x3");
    BAD(cd_expand(x, CD_SHAPE(max, 2, 3)), CD_ERR_SHAPE, "counted");
    BAD(cd_reshape(x, CD_SHAPE(max, max)), CD_ERR_SHAPE, "reshape");
    BAD(cd_one_hot(cd_arange(2), max), CD_ERR_SHAPE, "one_hot");
    BAD(cd_narrow(x, 0, max, max), CD_ERR_SHAPE, "2x3");
    BAD(cd_narrow(x, 1, min, 1), CD_ERR_SHAPE, "2x3");
    BAD(cd_select(x, 0, min), CD_ERR_SHAPE, "2x3");
    BAD(cd_topk(x, max), CD_ERR_ARGUMENT, "topk");
    BAD(cd_nn_linear(max, max), CD_ERR_SHAPE, "counted");
    BAD(cd_nn_linear(-1, 3), CD_ERR_ARGUMENT, "-1");
}

static void dimensions_far_away(void **state)
{
    (void)state;
    const int max = INT_MAX, min = INT_MIN;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    BAD(cd_sum_dim(x, max), CD_ERR_SHAPE, "dimension 2147483647");
    BAD(cd_sum_dim(x, min), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_logsumexp(x, min), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_norm(x, .by_dim = true, .dim = min), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_softmax(x, max), CD_ERR_SHAPE, "dimension 2147483647");
    BAD(cd_gather(x, min, index), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_scatter_add(x, max, index, x), CD_ERR_SHAPE, "dimension 2147483647");
    BAD(cd_cat(CD_TENSORS(x, x), min), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_stack(CD_TENSORS(x, x), max), CD_ERR_SHAPE, "dimension 2147483647");
    BAD(cd_unsqueeze(x, min), CD_ERR_SHAPE, "2x3");
    BAD(cd_squeeze(x, max), CD_ERR_SHAPE, "dimension 2147483647");
    BAD(cd_transpose(x, min, 0), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_permute(x, CD_SHAPE(0, INT64_MAX)), CD_ERR_SHAPE, "permute");
    BAD(cd_size(x, min), CD_ERR_SHAPE, "dimension -2147483648");
    BAD(cd_flatten(x, min, max), CD_ERR_SHAPE, "flatten");
}

/* --- kinds and NULL --------------------------------------------------------------------------- */

static void objects_of_another_kind(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3));
    cd_module *m = cd_nn_linear(3, 2);
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1);
    void *tensor = x, *module = m, *optimizer = o;
    BAD(cd_add(module, x), CD_ERR_ARGUMENT, "a is a module, not a tensor");
    BAD(cd_sum(optimizer), CD_ERR_ARGUMENT, "not a tensor");
    BAD(cd_backward(module), CD_ERR_ARGUMENT, "not a tensor");
    BAD(cd_forward(tensor, x), CD_ERR_ARGUMENT, "not a module");
    BAD(cd_forward(m, module), CD_ERR_ARGUMENT, "not a tensor");
    BAD(cd_train(tensor), CD_ERR_ARGUMENT, "not a module");
    BAD(cd_step(module), CD_ERR_ARGUMENT, "not an optimizer");
    BAD(cd_set_lr(tensor, 1), CD_ERR_ARGUMENT, "not an optimizer");
    BAD(cd_optim_sgd(tensor, .lr = 1), CD_ERR_ARGUMENT, "not a module");
    BAD(cd_generator_manual_seed(tensor, 1), CD_ERR_ARGUMENT, "not a generator");
    BAD(cd_randn(CD_SHAPE(2), .generator = module), CD_ERR_ARGUMENT, "not a generator");
    BAD(cd_nn_sequential(m, tensor), CD_ERR_ARGUMENT, "not a module");
    assert_close(cd_item(cd_sum(x)), 6, 0, 0);
}

static void null_everywhere(void **state)
{
    (void)state;
    uint8_t bytes[4];
    BAD(!isnan(cd_item(NULL)), CD_ERR_ARGUMENT, "item: ");
    BAD(cd_numel(NULL), CD_ERR_ARGUMENT, "numel: ");
    BAD(cd_data(NULL), CD_ERR_ARGUMENT, "data: ");
    BAD(cd_data_mut(NULL), CD_ERR_ARGUMENT, "data_mut: ");
    BAD(cd_to_string(NULL), CD_ERR_ARGUMENT, "to_string: ");
    BAD(cd_print(stdout, NULL), CD_ERR_ARGUMENT, "print: ");
    BAD(cd_read(NULL, bytes, sizeof bytes), CD_ERR_ARGUMENT, "read: ");
    BAD(cd_read(cd_ones(CD_SHAPE(1)), NULL, 4), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_write(cd_ones(CD_SHAPE(1)), NULL, 4), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_from_array(NULL, CD_SHAPE(2)), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_wrap(NULL, CD_SHAPE(2)), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_zeros_like(NULL), CD_ERR_ARGUMENT, "zeros_like: ");
    BAD(cd_randn_like(NULL), CD_ERR_ARGUMENT, "randn_like: ");
    BAD(cd_keep(NULL), CD_ERR_ARGUMENT, "keep: ");
    BAD(cd_release(NULL), CD_ERR_ARGUMENT, "release: ");
    BAD(cd_backward(NULL), CD_ERR_ARGUMENT, "backward: ");
    BAD(cd_grad(NULL), CD_ERR_ARGUMENT, "grad: ");
    BAD(cd_set_requires_grad(NULL, true), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_forward(NULL, cd_ones(CD_SHAPE(1))), CD_ERR_ARGUMENT, "forward: ");
    BAD(cd_forward(cd_nn_relu(), NULL), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_optim_sgd(NULL, .lr = 1), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_step(NULL), CD_ERR_ARGUMENT, "step: ");
    BAD(cd_schedule_cosine(NULL, 10), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_generator_get_state(NULL, bytes, 4), CD_ERR_ARGUMENT, "generator");
    BAD(cd_set_rng_state(NULL, CD_RNG_STATE_BYTES), CD_ERR_FORMAT, "random state");
    BAD(cd_init_normal_(NULL, 0, 1), CD_ERR_ARGUMENT, "init_normal_: ");
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void numbers_that_fit_no_dtype(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *mask = cd_eq(x, 1), *bytes = cd_to(x, CD_U8);
    const double nan = NAN, inf = INFINITY;
    BAD(cd_full(CD_SHAPE(2), 1e39), CD_ERR_ARGUMENT, "float32");
    BAD(cd_full(CD_SHAPE(2), nan, .dtype = CD_I32), CD_ERR_ARGUMENT, "int32");
    BAD(cd_full_like(bytes, 256), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_fill_(bytes, inf), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_masked_fill_(bytes, mask, 1000), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_where(mask, bytes, 256), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_maximum(bytes, 256), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_clamp(bytes, 256, 300), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_pow(bytes, 256), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_arange(300, .dtype = CD_U8), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_randint(0, 257, CD_SHAPE(2), .dtype = CD_U8), CD_ERR_ARGUMENT, "uint8");
    BAD(cd_linspace(0, 1e10, 3, .dtype = CD_I32), CD_ERR_ARGUMENT, "int32");
    BAD(cd_uniform_(x, 0, 1e39), CD_ERR_ARGUMENT, "float32");
    BAD(cd_optim_sgd(cd_nn_linear(2, 2), .lr = nan), CD_ERR_ARGUMENT, "nan");
    assert_close(cd_item(cd_sum(bytes)), 6, 0, 0);
    assert_close(cd_item(cd_sum(x)), 6, 0, 0);
}

/* A wrong label, index or number is an error, and neither tensors nor the generator change. */
static void labels_out_of_range(void **state)
{
    (void)state;
    uint8_t before[CD_RNG_STATE_BYTES], after[CD_RNG_STATE_BYTES];
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true), *sum = cd_zeros(CD_SHAPE(2, 3));
    const int64_t far[] = { 0, 3 }, negative[] = { -1, 0 };
    cd_tensor *high = cd_from_array(far, CD_SHAPE(2), .dtype = CD_I64);
    cd_tensor *low = cd_from_array(negative, CD_SHAPE(2), .dtype = CD_I64);
    assert_true(cd_get_rng_state(before, sizeof before));
    BAD(cd_cross_entropy(x, high), CD_ERR_ARGUMENT, "target 3 (at position 1)");
    BAD(cd_cross_entropy(x, low), CD_ERR_ARGUMENT, "target -1 (at position 0)");
    BAD(cd_nll_loss(x, high), CD_ERR_ARGUMENT, "from 0 to 2");
    BAD(cd_one_hot(high, 3), CD_ERR_ARGUMENT, "index 3 (at position 1)");
    BAD(cd_one_hot(low, -1), CD_ERR_ARGUMENT, "negative");
    BAD(cd_gather(x, 1, cd_unsqueeze(high, 1)), CD_ERR_ARGUMENT, "index 3 (at position 1)");
    BAD(cd_scatter_add_(sum, 1, cd_unsqueeze(high, 1), cd_ones(CD_SHAPE(2, 3))), CD_ERR_ARGUMENT,
        "index 3 (at position 1)");
    BAD(cd_bernoulli_(sum, 1.5), CD_ERR_ARGUMENT, "0 to 1");
    BAD(cd_normal_(sum, 0, -1), CD_ERR_ARGUMENT, "std");
    BAD(cd_rand(CD_SHAPE(2), .dtype = CD_I64), CD_ERR_DTYPE, "int64");
    BAD(cd_randint(3, 3, CD_SHAPE(2)), CD_ERR_ARGUMENT, "below");
    assert_true(cd_get_rng_state(after, sizeof after));
    assert_memory_equal(before, after, sizeof before);
    assert_close(cd_item(cd_sum(sum)), 0, 0, 0);
    assert_int_equal(cd_version(sum), 0);
}

/* --- options that need each other ------------------------------------------------------------- */

static void arrays_and_counts_that_are_not_both_there(void **state)
{
    (void)state;
    static const int64_t sizes[] = { 256, 128 };
    static const cd_text_pair texts[] = { { "a", "b" } };
    static const char *const classes[] = { "cat", "dog" };
    cd_tensor *const leaves[] = { cd_ones(CD_SHAPE(2), .requires_grad = true) };
    cd_module *m = cd_nn_linear(2, 2);
    const cd_card card = { .architecture = "mlp",
                           .options = "{\"inputs\": 2, \"outputs\": 2}",
                           .classes = classes };
    BAD(cd_mlp(784, 10, .hidden = sizes), CD_ERR_ARGUMENT, ".hidden_count is 0");
    BAD(cd_mlp(784, 10, .hidden_count = 2), CD_ERR_ARGUMENT, ".hidden is NULL");
    BAD(cd_optim_sgd(NULL, .tensors = leaves), CD_ERR_ARGUMENT, ".count");
    BAD(cd_optim_sgd(NULL, .count = 1), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_optim_sgd(m, .count = 1), CD_ERR_ARGUMENT, ".count is 1");
    BAD(cd_save(m, "/dev/null/m", .texts = texts), CD_ERR_ARGUMENT, ".text_count is 0");
    BAD(cd_save(m, "/dev/null/m", .text_count = 1), CD_ERR_ARGUMENT, ".texts is NULL");
    cd_module *small = cd_mlp(2, 2);
    BAD(cd_save_model(small, &card, "/dev/null/m"), CD_ERR_ARGUMENT, "0 names of classes");
    BAD(cd_nn_sequential_n(NULL, 1), CD_ERR_ARGUMENT, "NULL");
    BAD(cd_cat((cd_tensors){ .tensor = leaves }, 0), CD_ERR_ARGUMENT, "cat");
    BAD(cd_cat((cd_tensors){ .count = 1 }, 0), CD_ERR_ARGUMENT, "cat");
    BAD(cd_stack((cd_tensors){ .count = 0 }, 0), CD_ERR_ARGUMENT, "stack");
    /* An mlp without hidden layers is valid: a single Linear. */
    assert_int_equal(cd_num_parameters(cd_mlp(784, 10)), 7850);
    assert_non_null(cd_make_model("mlp", "{\"inputs\": 2, \"outputs\": 2, \"hidden\": []}"));
}

static void options_that_are_only_looked_at_with_another(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *t = cd_zeros(CD_SHAPE(2), .dtype = CD_I64);
    cd_generator *g = cd_generator_new(1);
    BAD(cd_norm(x, .dim = 1), CD_ERR_ARGUMENT, ".by_dim");
    BAD(cd_topk(x, 1, .dim = -2), CD_ERR_ARGUMENT, ".by_dim");
    BAD(cd_cross_entropy(x, t, .ignore_index = 1), CD_ERR_ARGUMENT, ".ignore = true");
    BAD(cd_nn_cross_entropy_loss(.ignore_index = 1), CD_ERR_ARGUMENT, ".ignore = true");
    BAD(cd_nn_mse_loss(.ignore_index = 1), CD_ERR_ARGUMENT, ".ignore = true");
    BAD(cd_nn_bce_with_logits_loss(.ignore_index = 1), CD_ERR_ARGUMENT, ".ignore = true");
    BAD(cd_mse_loss(x, x, .pos_weight = x), CD_ERR_ARGUMENT, "not for this loss");
    BAD(cd_sum_dim(x, 0, .indices = &t), CD_ERR_ARGUMENT, ".indices");
    BAD(cd_zeros(CD_SHAPE(2), .generator = g), CD_ERR_ARGUMENT, "zeros: .generator");
    BAD(cd_ones(CD_SHAPE(2), .generator = g), CD_ERR_ARGUMENT, "ones: .generator");
    BAD(cd_empty_like(x, .generator = g), CD_ERR_ARGUMENT, "empty_like: .generator");
    assert_close(cd_item(cd_norm(x, .p = 1)), 6, 0, 0);
}

static void arrays_that_are_no_such_tensor(void **state)
{
    (void)state;
    float four[4] = { 1, 2, 3, 4 };
    short shorts[4] = { 1, 2, 3, 4 };
    int64_t rows[2][2] = { { 1, 2 }, { 3, 4 } };
    BAD(cd_from_array(four, CD_SHAPE(3, 4)), CD_ERR_SHAPE, "16 bytes");
    BAD(cd_wrap(four, CD_SHAPE(5)), CD_ERR_SHAPE, "16 bytes");
    BAD(cd_from_array(&four[1], CD_SHAPE(4)), CD_ERR_SHAPE, "12 bytes");
    BAD(cd_from_array(shorts, CD_SHAPE(4)), CD_ERR_DTYPE, ".dtype");
    BAD(cd_from_array(rows, CD_SHAPE(2, 2)), CD_ERR_DTYPE, "&a[0][0]");
    BAD(cd_wrap(rows, CD_SHAPE(2, 2)), CD_ERR_DTYPE, "&a[0][0]");
    cd_tensor *x = cd_from_array(&rows[0][0], CD_SHAPE(2, 2));
    assert_int_equal(cd_dtype_of(x), CD_I64);
    assert_int_equal(cd_item_int(cd_sum(x)), 10);
    assert_close(cd_item(cd_sum(cd_from_array(&four[2], CD_SHAPE(2)))), 7, 0, 0);
    assert_int_equal(cd_item_int(cd_sum(cd_from_array(rows, CD_SHAPE(4), .dtype = CD_I64))), 10);
    assert_non_null(cd_from_array(four, CD_SHAPE(0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(after_the_scope_ended),
        TEST(release_and_drop_without_an_owner),
        TEST(backward_twice),
        TEST(backward_from_what_has_no_gradient),
        TEST(a_saved_value_is_changed_in_place),
        TEST(sizes_that_cannot_be),
        TEST(dimensions_far_away),
        TEST(objects_of_another_kind),
        TEST(null_everywhere),
        TEST(numbers_that_fit_no_dtype),
        TEST(labels_out_of_range),
        TEST(arrays_and_counts_that_are_not_both_there),
        TEST(options_that_are_only_looked_at_with_another),
        TEST(arrays_that_are_no_such_tensor),
    };
    return RUN(tests);
}
