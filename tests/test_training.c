/* Whole training runs: the same losses as PyTorch's from the same seed (golden/make_nn.py), the
 * same bits with any number of threads, and no new memory once a run is steady. */
#include "goldens.h"

#include "core/memory_internal.h"
#include "core/random.h"
#include "core/threads.h"
#include "nn/layers.h"
#include "optim/optim.h"

static cd_module *two_layers(void)
{
    return cd_nn_sequential(cd_nn_linear(1000, 100), cd_nn_relu(), cd_nn_linear(100, 10));
}

static void two_layers_follow_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_module *model = two_layers();
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 1e-4);
    cd_tensor *expected = golden("two_layers.nn");
    for (int t = 0; t < 50; t++) {
        CD_SCOPE();
        cd_tensor *loss = cd_mse_loss(cd_forward(model, x), y, .reduction = CD_SUM);
        assert_close(cd_item(loss), element(expected, t), 1e-3, 0);
        cd_zero_grad(sgd);
        cd_backward(loss);
        cd_step(sgd);
    }
    assert_ok();
}

static void two_layers_of_tensors_follow_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_tensor *w1 = cd_randn(CD_SHAPE(1000, 100), .requires_grad = true);
    cd_tensor *w2 = cd_randn(CD_SHAPE(100, 10), .requires_grad = true);
    cd_tensor *expected = golden("two_layers.tensors");
    for (int t = 0; t < 50; t++) {
        CD_SCOPE();
        cd_tensor *h = cd_clamp_min(cd_mm(x, w1), 0);
        cd_tensor *loss = cd_sum(cd_pow(cd_sub(cd_mm(h, w2), y), 2));
        assert_close(cd_item(loss), element(expected, t), 1e-3, 0);
        cd_backward(loss);
        {
            CD_NO_GRAD();
            cd_sub_(w1, cd_mul(cd_grad(w1), 1e-6));
            cd_sub_(w2, cd_mul(cd_grad(w2), 1e-6));
        }
        cd_grad_zero_(w1);
        cd_grad_zero_(w2);
    }
    assert_ok();
}

/* --- a small convolutional network --------------------------------------------------------------
 */

typedef struct network {
    cd_tensor *x, *y;
    cd_module *model;
    cd_optimizer *sgd;
} network;

static network small_network(void)
{
    static const int64_t classes[] = { 0, 3, 1, 3 };
    cd_manual_seed(7);
    network n = { .x = cd_randn(CD_SHAPE(4, 2, 9, 8)) };
    n.y = cd_from_array(classes, CD_SHAPE(4), .dtype = CD_I64);
    n.model =
        cd_nn_sequential(cd_nn_conv2d(2, 3, 3, .padding = 1), cd_nn_batch_norm2d(3), cd_nn_relu(),
                         cd_nn_max_pool2d(3, .stride = 2, .padding = 1),
                         cd_nn_adaptive_avg_pool2d(2, 2), cd_nn_flatten(), cd_nn_linear(12, 4));
    n.sgd = cd_optim_sgd(n.model, .lr = 0.1, .momentum = 0.9, .weight_decay = 1e-2);
    assert_ok();
    return n;
}

static double step(const network *n)
{
    CD_SCOPE();
    cd_tensor *loss = cd_cross_entropy(cd_forward(n->model, n->x), n->y);
    cd_zero_grad(n->sgd);
    cd_backward(loss);
    cd_step(n->sgd);
    return cd_item(loss);
}

static bool compare_golden(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    (void)user;
    CD_SCOPE();
    assert_near(t, golden("cnn.%s", name), 1e-5, 1e-6);
    return true;
}

static void small_network_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    network n = small_network();
    cd_tensor *expected = golden("cnn.losses");
    for (int t = 0; t < 3; t++) assert_close(step(&n), element(expected, t), 1e-5, 0);
    assert_true(cd_visit(n.model, compare_golden, NULL));
}

/* --- the same bits for any number of threads ----------------------------------------------------
 */

typedef struct bytes {
    unsigned char at[1 << 20];
    size_t used;
} bytes;

static bool append_bytes(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    bytes *b = user;
    size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    assert_true(size <= sizeof b->at - b->used);
    assert_true(cd_read(t, b->at + b->used, size));
    b->used += size;
    return true;
}

/* Trains a network that is large enough for every kernel to split its work. */
static void train_with(int threads, bytes *out)
{
    CD_SCOPE();
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(threads));
    cd_manual_seed(3);
    cd_tensor *x = cd_randn(CD_SHAPE(16, 3, 32, 32)), *y = cd_randn(CD_SHAPE(16, 10));
    cd_module *model = cd_nn_sequential(
        cd_nn_conv2d(3, 16, 3, .padding = 1), cd_nn_batch_norm2d(16), cd_nn_relu(),
        cd_nn_max_pool2d(2), cd_nn_conv2d(16, 32, 3), cd_nn_batch_norm2d(32), cd_nn_relu(),
        cd_nn_adaptive_avg_pool2d(4, 4), cd_nn_flatten(), cd_nn_linear(512, 10));
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.05, .momentum = 0.9);
    for (int t = 0; t < 3; t++) {
        CD_SCOPE();
        cd_zero_grad(sgd);
        cd_backward(cd_mse_loss(cd_forward(model, x), y));
        cd_step(sgd);
    }
    assert_ok();
    out->used = 0;
    assert_true(cd_visit(model, append_bytes, out));
    assert_true(cd_set_num_threads(before));
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    (void)state;
    static bytes one, other;
    static const int counts[] = { 2, 3, 4, 8 };
    train_with(1, &one);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        train_with(counts[i], &other);
        assert_int_equal(one.used, other.used);
        assert_that(memcmp(one.at, other.at, one.used) == 0, "%d threads give other bits",
                    counts[i]);
    }
}

/* --- memory in a long run -----------------------------------------------------------------------
 */

/* Skips the test in a build with sanitizers, where freed blocks are not cached: every step would
 * allocate. */
static void need_cache(void)
{
    cd_free(cd_alloc(5000));
    if (cd_memory_stats().bytes_cached > 0) return;
    print_message("SKIPPED: this build keeps no freed blocks\n");
    skip();
}

/* Checks that the steps allocate nothing more from the system after a while. A thread allocates its
 * buffers when it gets its first piece of work, which may be late: any of ten rounds may be the one
 * without allocations. */
static void becomes_steady(void (*some_steps)(const network *), const network *n)
{
    int64_t calls = 1;
    for (int round = 0; round < 10 && calls > 0; round++) {
        int64_t before = cd_memory_stats().system_calls;
        some_steps(n);
        calls = cd_memory_stats().system_calls - before;
    }
    assert_ok();
    assert_int_equal(calls, 0);
}

static void twenty_steps(const network *n)
{
    for (int t = 0; t < 20; t++) (void)step(n);
}

static void steady_step_asks_the_system_for_nothing(void **state)
{
    (void)state;
    need_cache();
    CD_SCOPE();
    network n = small_network();
    becomes_steady(twenty_steps, &n);
}

static void ten_steps_of_mse(const network *n)
{
    for (int t = 0; t < 10; t++) {
        CD_SCOPE();
        cd_zero_grad(n->sgd);
        cd_backward(cd_mse_loss(cd_forward(n->model, n->x), n->y));
        cd_step(n->sgd);
    }
}

static void steady_step_of_two_layers_asks_the_system_for_nothing(void **state)
{
    (void)state;
    need_cache();
    CD_SCOPE();
    network n = { .x = cd_randn(CD_SHAPE(64, 1000)), .y = cd_randn(CD_SHAPE(64, 10)) };
    n.model = two_layers();
    n.sgd = cd_optim_sgd(n.model, .lr = 1e-5, .momentum = 0.9);
    becomes_steady(ten_steps_of_mse, &n);
}

static void two_thousand_steps_leave_memory_flat(void **state)
{
    (void)state;
    CD_SCOPE();
    int threads = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    network n = small_network();
    for (int t = 0; t < 10; t++) (void)step(&n);
    cd_memory_info before = cd_memory_stats();
    for (int t = 0; t < 2000; t++) (void)step(&n);
    cd_memory_info after = cd_memory_stats();
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.blocks_in_use, before.blocks_in_use);
    assert_int_equal(after.bytes_in_use, before.bytes_in_use);
    assert_int_equal(after.bytes_cached, before.bytes_cached);
    assert_true(cd_set_num_threads(threads));
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_layers_follow_pytorch),
        TEST(two_layers_of_tensors_follow_pytorch),
        TEST(small_network_follows_pytorch),
        TEST(any_number_of_threads_gives_the_same_bits),
        TEST(steady_step_asks_the_system_for_nothing),
        TEST(steady_step_of_two_layers_asks_the_system_for_nothing),
        TEST(two_thousand_steps_leave_memory_flat),
    };
    return RUN(tests);
}
