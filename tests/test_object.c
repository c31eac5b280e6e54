/* Pointers to objects: what a call says to one that is NULL, stale, foreign or of another kind;
 * what keeps an object alive; deleters of wrapped memory; the root scope. */
#include "test.h"

#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"

static void null_names_the_function_and_the_argument(void **state)
{
    (void)state;
    assert_int_equal(cd_numel(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "numel: the tensor is NULL");
    assert_null(cd_neg(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "neg: x is NULL");
}

static void null_after_an_error_keeps_the_cause(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    assert_null(cd_neg(cd_sigmoid(cd_add(x, cd_zeros(CD_SHAPE(4))))));
    assert_failed_with(CD_ERR_SHAPE, "add:");
}

static void a_stale_handle_is_an_error(void **state)
{
    (void)state;
    cd_tensor *t;
    {
        CD_SCOPE();
        t = cd_zeros(CD_SHAPE(2));
    }
    assert_null(cd_add(t, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "add: a is no live tensor");
    assert_false(cd_backward(t));
    assert_failed_with(CD_ERR_ARGUMENT, "backward");
    assert_null(cd_keep(t));
    assert_failed_with(CD_ERR_STATE, "keep");
}

static void foreign_memory_is_an_error(void **state)
{
    (void)state;
    double foreign[64] = { 1, 2, 3 };
    assert_null(cd_neg((cd_tensor *)(void *)foreign));
    assert_failed_with(CD_ERR_ARGUMENT, "neg: x is no live tensor: its last owner has gone (keep "
                                        "what must outlive its scope), or it never was one");
    assert_null(cd_keep(foreign));
    assert_failed_with(CD_ERR_STATE,
                       "no live object: its last owner has gone, or it never was one");
    assert_false(cd_drop(foreign));
    assert_failed_with(CD_ERR_STATE, "no live object");
}

static void another_kind_is_named(void **state)
{
    (void)state;
    static const cd_class other = { .kind = CD_KIND_DATASET, .name = "data set" };
    cd_object object = { .class_ = &other };
    atomic_init(&object.kind, (uint32_t)CD_KIND_DATASET);
    assert_null(cd_neg((cd_tensor *)(void *)&object));
    assert_failed_with(CD_ERR_ARGUMENT, "neg: x is a data set, not a tensor");
}

/* --- what keeps an object alive --------------------------------------------------------------- */

static void a_graph_keeps_what_it_needs(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true), *y = NULL;
    {
        CD_SCOPE();
        cd_tensor *factor = cd_mul(cd_ones(CD_SHAPE(2)), 3);
        (void)cd_assign(&y, cd_mul(x, factor));
    }
    assert_true(cd_backward(y, .gradient = cd_ones(CD_SHAPE(2))));
    float g[2];
    assert_true(cd_read(cd_grad(x), g, sizeof g));
    assert_close(g[0], 3, 0, 0);
    assert_true(cd_release(y));
}

static void a_view_keeps_the_storage(void **state)
{
    (void)state;
    cd_tensor *view = NULL;
    {
        CD_SCOPE();
        cd_tensor *x = cd_ones(CD_SHAPE(100, 50));
        (void)cd_assign(&view, cd_t(x));
    }
    assert_int_equal(cd_size(view, 0), 50);
    assert_close(cd_item(cd_sum(view)), 5000, 0, 0);
    assert_true(cd_release(view));
}

static void the_handle_goes_with_its_last_owner_though_a_graph_holds_it(void **state)
{
    (void)state;
    int64_t before = cd_memory_stats().objects;
    {
        CD_SCOPE();
        cd_tensor *y = NULL;
        {
            CD_SCOPE();
            cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
            y = cd_escape(cd_mul(x, x));
        }
        assert_true(cd_backward(y, .gradient = cd_ones(CD_SHAPE(2))));
        assert_ok();
    }
    assert_int_equal(cd_memory_stats().objects, before);
}

/* --- borrowed memory -------------------------------------------------------------------------- */

static int deleted;
static void *deleted_memory, *deleted_user;

static void deleter(void *memory, void *user)
{
    deleted++;
    deleted_memory = memory;
    deleted_user = user;
}

static void the_deleter_is_called_once(void **state)
{
    (void)state;
    float memory[6] = { 1, 2, 3, 4, 5, 6 };
    deleted = 0;
    cd_tensor *view = NULL;
    {
        CD_SCOPE();
        cd_tensor *t = cd_wrap(memory, CD_SHAPE(2, 3), .deleter = deleter, .user = &deleted);
        (void)cd_assign(&view, cd_t(t));
    }
    assert_int_equal(deleted, 0);
    assert_true(cd_assign(&view, NULL));
    assert_int_equal(deleted, 1);
    assert_ptr_equal(deleted_memory, memory);
    assert_ptr_equal(deleted_user, &deleted);
}

static void the_deleter_is_not_called_on_failure(void **state)
{
    (void)state;
    float memory[6];
    deleted = 0;
    assert_null(cd_wrap(memory, CD_SHAPE(-2), .deleter = deleter));
    assert_failed_with(CD_ERR_SHAPE, "wrap");
    assert_null(cd_wrap((void *)((char *)memory + 1), CD_SHAPE(2), .deleter = deleter));
    assert_failed_with(CD_ERR_ARGUMENT, "aligned");
    assert_null(cd_wrap(NULL, CD_SHAPE(2), .deleter = deleter));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_null(cd_wrap((void *)memory, CD_SHAPE(2), .dtype = CD_I32, .requires_grad = true,
                        .deleter = deleter));
    assert_failed_with(CD_ERR_DTYPE, "floating");
    assert_int_equal(deleted, 0);
}

/* How many more allocations succeed. */
static int fail_after;

static bool fail_later(size_t bytes)
{
    (void)bytes;
    return fail_after-- <= 0;
}

static void the_deleter_is_not_called_without_memory(void **state)
{
    (void)state;
    float memory[6];
    deleted = 0;
    for (int allowed = 0; allowed < 2; allowed++) {
        fail_after = allowed;
        cd_memory_fault_hook = fail_later;
        assert_null(cd_wrap(memory, CD_SHAPE(6), .deleter = deleter));
        cd_memory_fault_hook = NULL;
        assert_failed_with(CD_ERR_MEMORY, "");
        assert_int_equal(deleted, 0);
    }
}

static void wrapped_memory_is_written_to(void **state)
{
    (void)state;
    float memory[3] = { 1, 2, 3 };
    cd_tensor *t = cd_wrap(memory, CD_SHAPE(3));
    assert_non_null(cd_add_(t, 1));
    assert_close(memory[2], 4, 0, 0);
}

static void makes_tensors(void *memory, void *user)
{
    (void)memory;
    CD_SCOPE();
    cd_tensor *t = cd_ones(CD_SHAPE(10));
    *(double *)user = cd_item(cd_sum(t));
    (void)cd_zeros(CD_SHAPE(200));
}

static void a_deleter_may_use_the_library(void **state)
{
    (void)state;
    float memory[3] = { 0 };
    double sum = 0;
    {
        CD_SCOPE();
        (void)cd_zeros(CD_SHAPE(3));
        (void)cd_wrap(memory, CD_SHAPE(3), .deleter = makes_tensors, .user = &sum);
        (void)cd_zeros(CD_SHAPE(3));
    }
    assert_close(sum, 10, 0, 0);
}

/* --- the root scope --------------------------------------------------------------------------- */

static int warnings;
static char last_warning[CD_ERROR_MESSAGE_BYTES];

static void count_warnings(cd_log_level level, const char *message, void *user)
{
    (void)user;
    warnings += level == CD_LOG_WARNING;
    (void)snprintf(last_warning, sizeof last_warning, "%s", message);
}

/* The next two tests run in the root scope: main opens no scope for them, as TEST would. */
static void a_long_loop_with_drop_stays_flat(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(8));
    cd_memory_info before = cd_memory_stats();
    for (int i = 0; i < 100000; i++) {
        cd_tensor *h = cd_mul(x, 2), *y = cd_add(h, 1);
        (void)cd_drop(h);
        (void)cd_drop(y);
    }
    cd_memory_info after = cd_memory_stats();
    assert_ok();
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.bytes_in_use, before.bytes_in_use);
    assert_int_equal(after.system_calls, before.system_calls);
    (void)cd_drop(x);
}

static void a_full_root_scope_warns_once(void **state)
{
    (void)state;
    warnings = 0;
    cd_set_logger(count_warnings, NULL);
    cd_tensor *x = cd_ones(CD_SCALAR);
    for (int i = 0; i < 20005; i++) (void)cd_contiguous(x);
    cd_set_logger(NULL, NULL);
    assert_int_equal(warnings, 1);
    assert_non_null(strstr(last_warning, "root scope holds 10000 objects"));
    for (int i = 0; i < 20006; i++) (void)cd_drop(x);
    assert_ok();
}

static void a_step_in_steady_state_asks_for_nothing(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(100), .requires_grad = true);
    int64_t calls = 0;
    for (int i = 0; i < 50; i++) {
        CD_SCOPE();
        if (i == 10) calls = cd_memory_stats().system_calls;
        assert_true(cd_backward(cd_sum(cd_mul(cd_sigmoid(x), x))));
        assert_true(cd_grad_drop(x));
    }
#if !defined(TEST_ADDRESS_SANITIZER)
    assert_int_equal(cd_memory_stats().system_calls, calls);
#else
    (void)calls;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(null_names_the_function_and_the_argument),
        TEST(null_after_an_error_keeps_the_cause),
        TEST(a_stale_handle_is_an_error),
        TEST(foreign_memory_is_an_error),
        TEST(another_kind_is_named),
        TEST(a_graph_keeps_what_it_needs),
        TEST(a_view_keeps_the_storage),
        TEST(the_handle_goes_with_its_last_owner_though_a_graph_holds_it),
        TEST(the_deleter_is_called_once),
        TEST(the_deleter_is_not_called_on_failure),
        TEST(the_deleter_is_not_called_without_memory),
        TEST(wrapped_memory_is_written_to),
        TEST(a_deleter_may_use_the_library),
        TEST(a_step_in_steady_state_asks_for_nothing),
        cmocka_unit_test(a_long_loop_with_drop_stays_flat),
        cmocka_unit_test(a_full_root_scope_warns_once),
    };
    return RUN(tests);
}
