/* Scopes: when they end, which objects they end, what escapes from them, failed allocations. */
#include "test.h"

#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"

static int64_t objects(void)
{
    return cd_memory_stats().objects;
}

static cd_tensor *make(void)
{
    return cd_zeros(CD_SHAPE(3));
}

/* A call that is given a destroyed tensor fails. */
static void assert_gone(const void *object)
{
    assert_int_equal(cd_numel(object), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "no live tensor");
}

/* --- scopes ----------------------------------------------------------------------------------- */

static void a_scope_frees_what_was_made_in_it(void **state)
{
    (void)state;
    int64_t before = objects();
    cd_tensor *t;
    {
        CD_SCOPE();
        t = make();
        assert_true(objects() > before);
    }
    assert_int_equal(objects(), before);
    assert_gone(t);
}

static void scopes_nest(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *outer = make(), *inner;
    {
        CD_SCOPE();
        inner = make();
        assert_int_equal(cd_numel(outer), 3);
    }
    assert_int_equal(cd_numel(outer), 3);
    assert_gone(inner);
}

/* After many inner scopes have ended, each outer scope is still open and owns what was made
 * in it. */
static void scopes_outlive_deep_nesting(void **state)
{
    (void)state;
    enum { DEEP = 300, OUTER = 20 };
    for (int outer = 0; outer < OUTER; outer++) {
        cd_scope open[DEEP];
        cd_tensor *made[OUTER];
        int64_t before = objects();
        for (int i = 0; i < DEEP; i++) {
            open[i] = cd_scope_begin();
            if (i <= outer) made[i] = make();
        }
        for (int i = DEEP - 1; i > outer; i--) assert_true(cd_scope_end(open[i]));
        for (int i = outer; i >= 0; i--) {
            assert_int_equal(cd_numel(made[i]), 3);
            assert_true(cd_scope_end(open[i]));
            assert_gone(made[i]);
        }
        assert_int_equal(objects(), before);
    }
}

static void a_mode_owns_nothing(void **state)
{
    (void)state;
    cd_tensor *t;
    {
        CD_NO_GRAD();
        t = make();
    }
    assert_int_equal(cd_numel(t), 3);
}

static cd_tensor *returns_from_within(int64_t *inside)
{
    CD_SCOPE();
    (void)make();
    *inside = objects();
    return NULL;
}

static void return_ends_a_scope(void **state)
{
    (void)state;
    int64_t before = objects(), inside;
    assert_null(returns_from_within(&inside));
    assert_true(inside > before);
    assert_int_equal(objects(), before);
}

static void break_and_continue_end_a_scope(void **state)
{
    (void)state;
    int64_t before = objects();
    for (int i = 0; i < 10; i++) {
        CD_SCOPE();
        (void)make();
        if (i % 2) continue;
        if (i == 6) break;
    }
    assert_int_equal(objects(), before);
}

static void goto_ends_a_scope(void **state)
{
    (void)state;
    int64_t before = objects();
    {
        CD_SCOPE();
        (void)make();
        goto out;
    }
out:
    assert_int_equal(objects(), before);
}

static void a_scope_is_ended_once(void **state)
{
    (void)state;
    cd_scope scope = cd_scope_begin();
    assert_true(cd_scope_end(scope));
    assert_false(cd_scope_end(scope));
    assert_failed_with(CD_ERR_STATE, "not open");
}

static void a_scope_never_begun_cannot_end(void **state)
{
    (void)state;
    cd_scope never = { .depth = 1, .serial = 0 }, root = { .depth = 0, .serial = 0 };
    cd_scope far = { .depth = 1000000, .serial = 1 }, below = { .depth = -1, .serial = 0 };
    const cd_scope wrong[] = { never, root, far, below };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(cd_scope_end(wrong[i]));
        assert_failed_with(CD_ERR_STATE, "not open");
    }
}

static void ending_a_scope_ends_those_in_it(void **state)
{
    (void)state;
    int64_t before = objects();
    cd_scope outer = cd_scope_begin();
    (void)make();
    cd_scope inner = cd_scope_begin();
    (void)make();
    assert_true(cd_scope_end(outer));
    assert_int_equal(objects(), before);
    assert_false(cd_scope_end(inner));
    assert_failed_with(CD_ERR_STATE, "not open");
}

static void a_scope_in_the_same_place_is_another(void **state)
{
    (void)state;
    cd_scope first = cd_scope_begin();
    assert_true(cd_scope_end(first));
    cd_scope second = cd_scope_begin();
    assert_int_equal(first.depth, second.depth);
    assert_false(cd_scope_end(first));
    assert_failed_with(CD_ERR_STATE, "not open");
    assert_true(cd_scope_end(second));
}

/* When a goto skips CD_SCOPE(), the cleanup attribute still calls cd_scope_leave, with whatever
 * bytes are on the stack. */
static void leaving_a_scope_that_was_jumped_past_does_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *t = make();
    cd_scope garbage = { .depth = 1, .serial = 0xdeadbeef }, worse = { .depth = -7, .serial = 9 };
    cd_scope_leave(&garbage);
    cd_scope_leave(&worse);
    assert_ok();
    assert_int_equal(cd_numel(t), 3);
}

static void many_scopes_deep(void **state)
{
    (void)state;
    enum { DEEP = 10000 };
    int64_t before = objects();
    cd_scope first = cd_scope_begin();
    for (int i = 1; i < DEEP; i++) {
        (void)cd_scope_begin();
        (void)make();
    }
    assert_ok();
    assert_true(cd_scope_end(first));
    assert_int_equal(objects(), before);
}

static void a_million_scopes_deep_is_an_error(void **state)
{
    (void)state;
    cd_scope first = cd_scope_begin();
    for (int i = 0; i < 1 << 20 && cd_ok(); i++) (void)cd_scope_begin();
    assert_failed_with(CD_ERR_STATE, "scope:");
    assert_true(cd_scope_end(first));
}

static jmp_buf back;

static void jump_out_of_scopes(void)
{
    CD_SCOPE();
    (void)make();
    CD_NO_GRAD();
    {
        CD_SCOPE();
        (void)make();
        longjmp(back, 1);
    }
}

static void longjmp_leaves_scopes_to_the_one_around(void **state)
{
    (void)state;
    int64_t before = objects();
    cd_scope outer = cd_scope_begin();
    if (setjmp(back) == 0) jump_out_of_scopes();
    assert_false(cd_grad_enabled());
    assert_true(objects() > before);
    assert_true(cd_scope_end(outer));
    assert_true(cd_grad_enabled());
    assert_int_equal(objects(), before);
}

/* --- escape ----------------------------------------------------------------------------------- */

static cd_tensor *made_inside(void)
{
    CD_SCOPE();
    (void)make();
    return cd_escape(make());
}

static void what_escapes_belongs_to_the_scope_around(void **state)
{
    (void)state;
    int64_t before = objects();
    {
        CD_SCOPE();
        cd_tensor *t = made_inside();
        assert_int_equal(cd_numel(t), 3);
    }
    assert_int_equal(objects(), before);
}

static cd_tensor *from_two_scopes(void)
{
    CD_SCOPE();
    return cd_escape(made_inside());
}

static void escaping_twice(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_int_equal(cd_numel(from_two_scopes()), 3);
}

static cd_tensor *through_a_mode(void)
{
    CD_SCOPE();
    CD_NO_GRAD();
    return cd_escape(make());
}

static void escaping_through_a_mode(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_int_equal(cd_numel(through_a_mode()), 3);
}

static void escape_of_null_is_null(void **state)
{
    (void)state;
    assert_null(cd_escape(NULL));
    assert_ok();
}

static void several_escape_at_once(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *kept[3];
    {
        CD_SCOPE();
        for (int i = 0; i < 3; i++) {
            (void)make();
            kept[i] = cd_escape(make());
            (void)make();
        }
    }
    for (int i = 0; i < 3; i++) assert_int_equal(cd_numel(kept[i]), 3);
}

static void escape_of_what_is_gone_is_an_error(void **state)
{
    (void)state;
    cd_tensor *t;
    {
        CD_SCOPE();
        t = make();
    }
    assert_null(cd_escape(t));
    assert_failed_with(CD_ERR_STATE, "escape");
}

/* --- without memory --------------------------------------------------------------------------- */

static bool refuse(size_t bytes)
{
    (void)bytes;
    return true;
}

/* If the list of a scope is full and cannot grow, the object that needs an entry loses its owner,
 * and the call returns NULL. */
static void no_memory_for_a_scopes_list(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    CD_SCOPE();
    cd_tensor *t = cd_keep(make());
    int64_t before = objects();
    cd_memory_fault_hook = refuse;
    int i = 0;
    while (i < MANY && cd_contiguous(t)) i++;
    cd_memory_fault_hook = NULL;
    assert_true(i < MANY);
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_int_equal(objects(), before);
    assert_true(cd_release(t));
}

static void no_memory_for_a_scope(void **state)
{
    (void)state;
    cd_scope first = cd_scope_begin();
    cd_memory_fault_hook = refuse;
    for (int i = 0; i < 100 && cd_ok(); i++) {
        cd_scope scope = cd_scope_begin();
        if (!cd_ok()) assert_int_equal(scope.depth, -1);
    }
    cd_memory_fault_hook = NULL;
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_true(cd_scope_end(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_scope_frees_what_was_made_in_it),
        TEST(scopes_nest),
        TEST(scopes_outlive_deep_nesting),
        TEST(a_mode_owns_nothing),
        TEST(return_ends_a_scope),
        TEST(break_and_continue_end_a_scope),
        TEST(goto_ends_a_scope),
        TEST(a_scope_is_ended_once),
        TEST(a_scope_never_begun_cannot_end),
        TEST(ending_a_scope_ends_those_in_it),
        TEST(a_scope_in_the_same_place_is_another),
        TEST(leaving_a_scope_that_was_jumped_past_does_nothing),
        TEST(many_scopes_deep),
        TEST(a_million_scopes_deep_is_an_error),
        TEST(longjmp_leaves_scopes_to_the_one_around),
        TEST(what_escapes_belongs_to_the_scope_around),
        TEST(escaping_twice),
        TEST(escaping_through_a_mode),
        TEST(escape_of_null_is_null),
        TEST(several_escape_at_once),
        TEST(escape_of_what_is_gone_is_an_error),
        TEST(no_memory_for_a_scopes_list),
        TEST(no_memory_for_a_scope),
    };
    return RUN(tests);
}
