/* Views that are changed in place: lifetimes, allocations that fail, threads, gradients against
 * differences; and cd_as_strided, which gives out-of-date views their new history. */
#include "changed_views.h"

#include <pthread.h>

#include "autograd/gradcheck.h"
#include "core/memory_internal.h"

/* --- as_strided ------------------------------------------------------------------------------- */

static void as_strided_counts_from_the_start_of_the_storage(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(6), 0, true);
    cd_tensor *y = cd_as_strided(x, CD_SHAPE(2, 2), CD_SHAPE(1, 1), 1);
    NAME(y, "AsStridedBackward0");
    assert_true(cd_backward(y, .gradient = counted(CD_SHAPE(2, 2), 1, false)));
    EXPECT(cd_grad(x), 0, 1, 5, 4, 0, 0);
    (void)cd_grad_drop(x);
    cd_tensor *q = cd_as_strided(part(x, 1, 5), CD_SHAPE(2), CD_SHAPE(3), 0);
    EXPECT(q, 0, 3); /* the 0 is beside the slice */
    assert_true(cd_backward(cd_sum(q)));
    EXPECT(cd_grad(x), 0, 0, 0, 1, 0, 0);
}

static void as_strided_shares_a_gradient_out_evenly(void **state)
{
    (void)state;
    cd_tensor *e = cd_detach(cd_expand(cd_zeros(CD_SHAPE(1)), CD_SHAPE(3)));
    (void)cd_set_requires_grad(e, true);
    cd_tensor *y = cd_as_strided(e, CD_SHAPE(2), CD_SHAPE(0), 0);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(e), 2.0 / 3, 2.0 / 3, 2.0 / 3);
}

static void as_strided_takes_strides_that_lead_nowhere(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(6));
    assert_int_equal(cd_numel(cd_as_strided(x, CD_SHAPE(0), CD_SHAPE(INT64_MAX), INT64_MAX)), 0);
    cd_tensor *one = cd_as_strided(x, CD_SHAPE(1, 1), CD_SHAPE(INT64_MAX, INT64_MAX), 5);
    assert_non_null(cd_fill_(one, 3));
    EXPECT(x, 0, 0, 0, 0, 0, 3);
    assert_null(cd_as_strided(x, CD_SHAPE(2, 2), CD_SHAPE(INT64_MAX / 8, INT64_MAX / 8), 0));
    assert_failed_with(CD_ERR_ARGUMENT, "6 elements of the storage");
}

/* --- lifetimes -------------------------------------------------------------------------------- */

static void a_view_outlives_its_base(void **state)
{
    (void)state;
    cd_tensor *a = four(), *v;
    {
        CD_SCOPE();
        cd_tensor *b = cd_mul(a, 1);
        v = cd_escape(part(part(b, 0, 3), 1, 3));
        (void)cd_mul_(b, 3);
    }
    (void)cd_mul_(v, 2);
    EXPECT(v, 12, 18);
    NAME(v, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(a), 0, 6, 6, 0);
}

static void a_base_outlives_its_views(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    {
        CD_SCOPE();
        (void)cd_mul_(part(b, 0, 2), 3);
        (void)cd_mul_(part(b, 1, 3), part(a, 0, 2));
    }
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 3 + 6, 3 + 3, 2, 1);
}

static void graphs_of_changes_are_freed(void **state)
{
    (void)state;
    cd_tensor *a = four();
    int64_t objects = cd_memory_stats().objects;
    for (int pass = 0; pass < 2; pass++) {
        CD_SCOPE();
        cd_tensor *b = cd_mul(a, 1), *v = part(b, 0, 2), *w = part(v, 0, 1);
        (void)cd_mul_(v, part(a, 1, 3));
        NAME(w, "AsStridedBackward0");
        (void)cd_add_(w, w);
        (void)cd_mul_(b, 2);
        if (pass == 1) assert_non_null(cd_autograd_grad(cd_sum(v), a, .create_graph = true));
    }
    assert_int_equal(cd_memory_stats().objects, objects);
}

/* --- memory that fails ------------------------------------------------------------------------ */

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

typedef struct subject {
    cd_tensor *leaf, *base, *view, *other, *factor;
} subject;

static subject make_subject(void)
{
    subject s = { .leaf = counted(CD_SHAPE(2, 3), 1, true),
                  .factor = counted(CD_SHAPE(2), 2, true) };
    s.base = cd_mul(s.leaf, 1);
    s.view = cd_select(s.base, 1, 1);
    s.other = cd_t(s.base);
    assert_ok();
    return s;
}

static cd_tensor *change_constant(const subject *s)
{
    return cd_zero_(s->view);
}

static cd_tensor *change_by_tensor(const subject *s)
{
    return cd_mul_(s->view, s->factor);
}

static cd_tensor *change_by_copy(const subject *s)
{
    return cd_copy_(s->view, s->factor);
}

static cd_tensor *change_untracked(const subject *s)
{
    (void)s;
    cd_tensor *base = cd_zeros(CD_SHAPE(2, 2));
    return base ? cd_add_(cd_index(base, 0), s->factor) : NULL;
}

static void a_failed_change_changes_nothing(void **state)
{
    (void)state;
    cd_tensor *(*const changes[])(const subject *) = { change_constant, change_by_tensor,
                                                       change_by_copy, change_untracked };
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        for (int64_t at = 0;; at++) {
            CD_SCOPE();
            subject s = make_subject();
            allocations = 0;
            fail_at = at;
            cd_memory_fault_hook = fail_once;
            bool done = changes[k](&s);
            cd_memory_fault_hook = NULL;
            if (done) {
                assert_true(at > 1);
                break;
            }
            assert_failed_with(CD_ERR_MEMORY, "");
            assert_int_equal(cd_version(s.base), 0);
            EXPECT(s.base, 1, 2, 3, 4, 5, 6);
            NAME(s.base, "MulBackward0");
            NAME(s.view, "SelectBackward0");
            NAME(s.other, "TBackward0");
            assert_true(cd_backward(cd_sum(s.base)));
            EXPECT(cd_grad(s.leaf), 1, 1, 1, 1, 1, 1);
        }
    }
}

static void a_view_that_could_not_be_renewed_is_renewed_later(void **state)
{
    (void)state;
    for (int64_t at = 0;; at++) {
        CD_SCOPE();
        subject s = make_subject();
        (void)cd_mul_(s.base, 2);
        allocations = 0;
        fail_at = at;
        cd_memory_fault_hook = fail_once;
        char *text = cd_to_string(s.other);
        const char *name = text ? cd_grad_fn_name(s.other) : NULL;
        cd_memory_fault_hook = NULL;
        free(text);
        if (!name) assert_failed_with(CD_ERR_MEMORY, "");
        NAME(s.other, "AsStridedBackward0");
        assert_true(cd_backward(cd_sum(s.other)));
        EXPECT(cd_grad(s.leaf), 2, 2, 2, 2, 2, 2);
        if (name) break;
        assert_true(at < 100);
    }
}

/* --- threads ---------------------------------------------------------------------------------- */

static struct {
    cd_tensor *view[2];
    pthread_barrier_t start;
} shared;

/* The threads wait for each other, so that all find the views out of date. */
static void *read_views(void *argument)
{
    (void)argument;
    const char *wrong = NULL;
    (void)pthread_barrier_wait(&shared.start);
    for (int round = 0; round < 20 && !wrong; round++) {
        CD_SCOPE();
        cd_tensor *y = cd_add(cd_mul(cd_sum(shared.view[0]), 2), cd_sum(shared.view[1]));
        const char *name = cd_grad_fn_name(shared.view[round % 2]);
        if (!name || strcmp(name, "AsStridedBackward0") != 0) wrong = "not the right name";
        if (cd_item(y) != 30) wrong = "not the right sum";
        if (!cd_requires_grad(y) || cd_is_leaf(shared.view[0])) wrong = "no history";
    }
    return cd_ok() ? (void *)(uintptr_t)wrong : (void *)(uintptr_t) "an error";
}

static void threads_use_old_views_at_once(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    pthread_t thread[THREADS];
    shared.view[0] = part(b, 0, 2);
    shared.view[1] = part(b, 1, 4);
    (void)cd_mul_(b, 2);
    assert_int_equal(pthread_barrier_init(&shared.start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, read_views, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_that(!wrong, "%s", (const char *)wrong);
    }
    (void)pthread_barrier_destroy(&shared.start);
    assert_true(cd_backward(cd_sum(shared.view[0])));
    EXPECT(cd_grad(a), 2, 2, 0, 0);
}

/* --- against differences ---------------------------------------------------------------------- */

static cd_tensor *slice_times_tensor(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *b = cd_mul(in[0], 1);
    (void)cd_mul_(cd_select(b, 1, 1), in[1]);
    return b;
}

static cd_tensor *copy_into_zeros(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *b = cd_zeros(CD_SHAPE(3, 3), .dtype = CD_F64);
    (void)cd_copy_(cd_slice(b, 1, 0, 3, 2), cd_transpose(in[0], 0, 1));
    (void)cd_copy_(cd_select(cd_index(b, 0), 0, 1), cd_sum(in[1]));
    return cd_mul(b, b);
}

static cd_tensor *overlapping_chain(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *b = cd_mul(cd_sigmoid(in[0]), 1), *v = cd_slice(b, 1, 0, 2, 1),
              *w = cd_slice(b, 1, 1, 3, 1);
    cd_tensor *early = cd_sum(v);
    (void)cd_mul_(v, cd_unsqueeze(in[1], 1));
    (void)cd_add_(w, cd_mul(cd_clone(v), 2));
    (void)cd_mul_(b, 3);
    (void)cd_div_(v, cd_unsqueeze(cd_exp(in[1]), 1));
    (void)cd_zero_(cd_index(cd_index(w, 0), 0));
    return cd_add(cd_mul(cd_t(w), cd_t(w)), early);
}

static cd_tensor *old_view_of_changed_base(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *b = cd_mul(in[0], in[0]), *t = cd_t(b), *row = cd_index(t, 1);
    (void)cd_mul_(b, cd_unsqueeze(in[1], 1));
    (void)cd_sub_(row, in[1]);
    return cd_mul(t, 2);
}

static cd_tensor *base_out_of_order(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *d = cd_detach(cd_t(cd_full(CD_SHAPE(2, 3), 2, .dtype = CD_F64)));
    (void)cd_mul_(cd_select(d, 1, 0), cd_sum_dim(in[0], 0));
    (void)cd_add_(cd_index(d, 1), in[1]);
    return cd_mul(d, d);
}

static cd_tensor *strided_blocks(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *b = cd_clone(in[0]);
    (void)cd_mul_(cd_as_strided(b, CD_SHAPE(2, 2), CD_SHAPE(1, 3), 1), cd_unsqueeze(in[1], 0));
    cd_tensor *windows = cd_as_strided(b, CD_SHAPE(3, 3), CD_SHAPE(1, 1), 0);
    (void)cd_mul_(b, cd_clone(b));
    return cd_mul(windows, windows);
}

static void gradients_agree_with_differences(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        cd_gradcheck_call *call;
    } cases[] = { { "slice_times_tensor", slice_times_tensor },
                  { "copy_into_zeros", copy_into_zeros },
                  { "overlapping_chain", overlapping_chain },
                  { "old_view_of_changed_base", old_view_of_changed_base },
                  { "base_out_of_order", base_out_of_order },
                  { "strided_blocks", strided_blocks } };
    cd_manual_seed(3);
    cd_tensor *const in[2] = { cd_randn(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true),
                               cd_randn(CD_SHAPE(2), .dtype = CD_F64, .requires_grad = true) };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        assert_that(cd_gradcheck_function(cases[k].call, in, 2), "%s: %s", cases[k].name,
                    cd_error_message());
        assert_that(cd_gradgradcheck_function(cases[k].call, in, 2), "%s: %s", cases[k].name,
                    cd_error_message());
    }
}

/* A saved value must not lead back to its node by the history that the saved tensor gets later. */
static void a_saved_input_changed_with_its_own_product_makes_no_cycle(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(3), .requires_grad = true);
    cd_tensor *h = cd_mul(w, 1), *y = cd_mul(h, w);
    assert_non_null(cd_add_(h, y)); /* a cycle would be a leak, which the fixture finds */
    cd_tensor *c = cd_ones(CD_SHAPE(3)), *z = cd_mul(c, w);
    assert_non_null(cd_add_(c, z));
}

static void a_view_changed_with_the_square_of_its_base_makes_no_cycle(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(cd_ones(CD_SHAPE(3), .requires_grad = true), 1);
    cd_tensor *v = cd_narrow(b, 0, 0, 2), *y = cd_mul(v, v);
    assert_non_null(cd_mul_(v, y));
    assert_false(cd_backward(cd_sum(b)));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(as_strided_counts_from_the_start_of_the_storage),
        TEST(as_strided_shares_a_gradient_out_evenly),
        TEST(as_strided_takes_strides_that_lead_nowhere),
        TEST(a_view_outlives_its_base),
        TEST(a_base_outlives_its_views),
        TEST(graphs_of_changes_are_freed),
        TEST(a_failed_change_changes_nothing),
        TEST(a_view_that_could_not_be_renewed_is_renewed_later),
        TEST(threads_use_old_views_at_once),
        TEST(gradients_agree_with_differences),
        TEST(a_saved_input_changed_with_its_own_product_makes_no_cycle),
        TEST(a_view_changed_with_the_square_of_its_base_makes_no_cycle),
    };
    return RUN(tests);
}
