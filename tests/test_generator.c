/* Generator objects, and ops that fill a tensor in place with random numbers. */
#include "test.h"

#include <pthread.h>
#include <sys/wait.h>

#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "io/checkpoint.h"

enum { STATE = CD_RNG_STATE_BYTES };

static void assert_same_state(const cd_generator *a, const cd_generator *b)
{
    uint8_t state_a[STATE], state_b[STATE];
    assert_true(cd_generator_get_state(a, state_a, sizeof state_a));
    assert_true(cd_generator_get_state(b, state_b, sizeof state_b));
    assert_memory_equal(state_a, state_b, STATE);
}

static void assert_same_values(const cd_tensor *a, const cd_tensor *b)
{
    assert_ok();
    double x[64], y[64];
    size_t bytes = (size_t)cd_numel(a) * 8;
    cd_tensor *wide_a = cd_to((cd_tensor *)(uintptr_t)a, CD_F64);
    cd_tensor *wide_b = cd_to((cd_tensor *)(uintptr_t)b, CD_F64);
    assert_true(bytes <= sizeof x && cd_read(wide_a, x, bytes) && cd_read(wide_b, y, bytes));
    assert_memory_equal(x, y, bytes);
}

/* --- objects ---------------------------------------------------------------------------------- */

static void a_generator_gives_the_default_ones_numbers(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(42);
    cd_manual_seed(42);
    assert_same_values(cd_rand(CD_SHAPE(5), .generator = g), cd_rand(CD_SHAPE(5)));
    assert_same_values(cd_randn(CD_SHAPE(5), .generator = g), cd_randn(CD_SHAPE(5)));
    assert_same_values(cd_randint(0, 9, CD_SHAPE(5), .generator = g),
                       cd_randint(0, 9, CD_SHAPE(5)));
    assert_same_values(cd_randperm(5, .generator = g), cd_randperm(5));
    cd_tensor *x = cd_zeros(CD_SHAPE(20)), *y = cd_zeros(CD_SHAPE(20));
    assert_same_values(cd_uniform_(x, 0, 1, .generator = g), cd_uniform_(y, 0, 1));
    assert_same_values(cd_normal_(x, 0, 1, .generator = g), cd_normal_(y, 0, 1));
    assert_same_values(cd_bernoulli_(x, 0.5, .generator = g), cd_bernoulli_(y, 0.5));
    assert_same_values(cd_bernoulli(x, .generator = g), cd_bernoulli(y));
    assert_same_values(cd_rand_like(x, .generator = g), cd_rand_like(x));
    assert_same_values(cd_randn_like(x, .generator = g), cd_randn_like(x));
}

static void drawing_from_one_leaves_the_others(void **state)
{
    (void)state;
    cd_generator *a = cd_generator_new(1), *b = cd_generator_new(1);
    uint8_t before[STATE], after[STATE];
    assert_true(cd_get_rng_state(before, STATE));
    (void)cd_randn(CD_SHAPE(3), .generator = a);
    assert_true(cd_get_rng_state(after, STATE));
    assert_memory_equal(before, after, STATE);
    assert_same_state(b, cd_generator_new(1));
}

static void seeds_are_kept_whole(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(UINT64_MAX);
    assert_true(cd_generator_initial_seed(g) == UINT64_MAX);
    assert_true(cd_generator_manual_seed(g, UINT64_C(7) << 40));
    assert_true(cd_generator_initial_seed(g) == UINT64_C(7) << 40);
    assert_true(cd_generator_manual_seed(g, 3));
    assert_same_state(g, cd_generator_new(3));
}

static void scopes_and_cd_keep_own_generators(void **state)
{
    (void)state;
    int64_t before = cd_memory_stats().objects;
    cd_generator *kept;
    {
        CD_SCOPE();
        kept = cd_keep(cd_generator_new(5));
        assert_non_null(cd_generator_new(6));
    }
    assert_int_equal(cd_memory_stats().objects, before + 1);
    assert_true(cd_generator_initial_seed(kept) == 5);
    assert_true(cd_release(kept));
    assert_int_equal(cd_memory_stats().objects, before);
    assert_false(cd_generator_manual_seed(kept, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "no live generator");
    assert_null(cd_rand(CD_SHAPE(2), .generator = kept));
    assert_failed_with(CD_ERR_ARGUMENT, "rand: the generator is no live generator");
}

static void other_pointers_than_generators_are_refused(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(2));
    cd_generator *wrong = (cd_generator *)(void *)t;
    uint8_t bytes[STATE] = { 0 };
    assert_false(cd_generator_manual_seed(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "generator_manual_seed: the generator is NULL");
    assert_true(cd_generator_initial_seed(NULL) == 0);
    assert_failed_with(CD_ERR_ARGUMENT, "generator_initial_seed");
    assert_false(cd_generator_get_state(NULL, bytes, STATE));
    assert_failed_with(CD_ERR_ARGUMENT, "generator_get_state");
    assert_false(cd_generator_set_state(wrong, bytes, STATE));
    assert_failed_with(CD_ERR_ARGUMENT, "the generator is a tensor, not a generator");
    assert_null(cd_randn(CD_SHAPE(2), .generator = wrong));
    assert_failed_with(CD_ERR_ARGUMENT, "randn: the generator is a tensor");
    assert_null(cd_randint(0, 2, CD_SHAPE(2), .generator = wrong));
    assert_failed_with(CD_ERR_ARGUMENT, "randint");
    assert_null(cd_randperm(2, .generator = wrong));
    assert_failed_with(CD_ERR_ARGUMENT, "randperm");
    assert_null(cd_rand_like(t, .generator = wrong));
    assert_failed_with(CD_ERR_ARGUMENT, "rand_like");
}

static void a_generator_is_unchanged_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(2);
    uint8_t other[STATE];
    assert_true(cd_generator_get_state(cd_generator_new(9), other, STATE));
    (void)cd_fail(CD_ERR_IO, "pending");
    assert_false(cd_generator_manual_seed(g, 3));
    assert_false(cd_generator_set_state(g, other, STATE));
    assert_failed_with(CD_ERR_IO, "pending");
    assert_same_state(g, cd_generator_new(2));
}

static void a_failed_call_draws_nothing(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(2);
    const float wrong[2] = { 0.5F, 2 };
    assert_null(cd_rand(CD_SHAPE(-1), .generator = g));
    assert_null(cd_randint(3, 3, CD_SHAPE(2), .generator = g));
    assert_null(cd_randperm(-1, .generator = g));
    cd_clear_error();
    assert_null(cd_uniform_(cd_ones(CD_SHAPE(2)), 1, 0, .generator = g));
    cd_clear_error();
    assert_null(cd_bernoulli(cd_from_array(wrong, CD_SHAPE(2)), .generator = g));
    cd_clear_error();
    assert_same_state(g, cd_generator_new(2));
}

/* --- allocations that fail -------------------------------------------------------------------- */

static int allocations, fail_at;
static bool fail_one(size_t bytes)
{
    (void)bytes;
    return ++allocations == fail_at;
}

static cd_tensor *draw_with_graph(cd_generator *g, int which)
{
    cd_tensor *x = cd_rand(CD_SHAPE(3), .generator = g, .requires_grad = true);
    if (which == 0) return cd_bernoulli(cd_t(cd_reshape(x, CD_SHAPE(1, 3))), .generator = g);
    return cd_normal_(cd_mul(x, 2), 0, 1, .generator = g);
}

/* A call draws all its numbers or none. So after a failure the generator is in one of two states:
 * the initial one, or the one after cd_rand, the first of the two calls. */
static void failed_allocations_draw_nothing(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        bool done = false;
        for (fail_at = 1; !done; fail_at++) {
            CD_SCOPE();
            cd_generator *g = cd_generator_new(4), *none = cd_generator_new(4);
            cd_generator *first = cd_generator_new(4);
            (void)cd_rand(CD_SHAPE(3), .generator = first);
            allocations = 0;
            cd_memory_fault_hook = fail_one;
            done = draw_with_graph(g, which) != NULL;
            cd_memory_fault_hook = NULL;
            if (done) break;
            assert_failed_with(CD_ERR_MEMORY, "");
            uint8_t now[STATE], initial[STATE], after_rand[STATE];
            assert_true(cd_generator_get_state(g, now, STATE));
            assert_true(cd_generator_get_state(none, initial, STATE));
            assert_true(cd_generator_get_state(first, after_rand, STATE));
            assert_that(memcmp(now, initial, STATE) == 0 || memcmp(now, after_rand, STATE) == 0,
                        "allocation %d failed, and numbers were drawn", fail_at);
        }
        assert_true(fail_at > 3);
    }
}

static cd_tensor *draw_one(cd_generator *g, int which, cd_tensor *x)
{
    if (which == 0) return cd_rand(CD_SHAPE(1), .generator = g);
    if (which == 1) return cd_randn_like(x, .generator = g);
    if (which == 2) return cd_randint(0, 9, CD_SHAPE(1), .generator = g);
    if (which == 3) return cd_randperm(2, .generator = g);
    return cd_bernoulli(x, .generator = g);
}

/* Fails when a scope's list grows: headers of objects and tensors of a few elements are smaller. */
static bool fail_lists(size_t bytes)
{
    return bytes >= 1024;
}

/* The result's entry in the scope is reserved before a number is drawn. After some calls the list
 * of entries is full and cannot grow: that call must draw nothing. */
static void a_full_scope_draws_nothing(void **state)
{
    (void)state;
    for (int which = 0; which < 5; which++) {
        CD_SCOPE();
        uint8_t before[STATE], after[STATE];
        bool done = true;
        cd_generator *g = cd_generator_new(4);
        cd_tensor *x = cd_full(CD_SHAPE(1), 0.5);
        for (int i = 0; done; i++) {
            assert_true(i < 5000);
            assert_true(cd_generator_get_state(g, before, STATE));
            cd_memory_fault_hook = fail_lists;
            done = draw_one(g, which, x) != NULL;
            cd_memory_fault_hook = NULL;
            assert_true(cd_generator_get_state(g, after, STATE));
            assert_true((memcmp(before, after, STATE) != 0) == done);
        }
        assert_failed_with(CD_ERR_MEMORY, "");
    }
}

static void a_generator_that_cannot_be_made_is_an_error(void **state)
{
    (void)state;
    cd_generator *g = NULL;
    for (fail_at = 1; !g; fail_at++) {
        allocations = 0;
        cd_memory_fault_hook = fail_one;
        g = cd_generator_new(4);
        cd_memory_fault_hook = NULL;
        if (!g) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_true(fail_at > 2);
    assert_true(cd_generator_initial_seed(g) == 4);
}

/* --- states ----------------------------------------------------------------------------------- */

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class holder_class = {
    .name = "Holder", .size = sizeof(cd_module), .inputs = 1, .forward = pass
};

static cd_module *holder_of(cd_tensor *t)
{
    cd_module *m = cd_module_new(&holder_class);
    assert_true(cd_register_buffer(m, "rng_state", NULL, t));
    return m;
}

static void a_state_goes_through_a_file(void **state)
{
    (void)state;
    uint8_t bytes[STATE];
    char path[512];
    (void)snprintf(path, sizeof path, "%s/rng.safetensors", test_folder());
    cd_generator *g = cd_generator_new(12), *h = cd_generator_new(0);
    (void)cd_randn(CD_SHAPE(7), .generator = g); /* an odd number: one normal is kept for later */
    assert_true(cd_generator_get_state(g, bytes, STATE));
    cd_tensor *saved = cd_from_array(bytes, CD_SHAPE(STATE), .dtype = CD_U8);
    assert_true(cd_save(holder_of(saved), path));

    cd_tensor *read = cd_zeros_like(saved);
    assert_true(cd_load(holder_of(read), path));
    assert_true(cd_generator_set_state(h, cd_data(read), STATE));
    assert_same_values(cd_randn(CD_SHAPE(20), .generator = h),
                       cd_randn(CD_SHAPE(20), .generator = g));
    assert_same_values(cd_randn(CD_SHAPE(3), .generator = h),
                       cd_randn(CD_SHAPE(3), .generator = g));
    assert_true(cd_generator_initial_seed(h) == 12);
}

static void a_wrong_state_changes_nothing(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(12);
    uint8_t bytes[STATE];
    assert_false(cd_generator_get_state(g, bytes, STATE - 1));
    assert_failed_with(CD_ERR_ARGUMENT, "generator_get_state: room for 5055 bytes");
    assert_false(cd_generator_get_state(g, NULL, STATE));
    assert_failed_with(CD_ERR_ARGUMENT, "room for 0 bytes");
    assert_true(cd_generator_get_state(g, bytes, STATE));
    assert_false(cd_generator_set_state(g, bytes, STATE - 1));
    assert_failed_with(CD_ERR_FORMAT, "5055 bytes");
    bytes[12] = 0;
    assert_false(cd_generator_set_state(g, bytes, STATE));
    assert_failed_with(CD_ERR_FORMAT, "seeded");
    assert_same_state(g, cd_generator_new(12));
}

/* A generator takes the default generator's state, and the other way round. */
static void states_move_to_and_from_the_default_generator(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(0);
    uint8_t bytes[STATE];
    cd_manual_seed(99);
    (void)cd_randn(CD_SHAPE(3));
    assert_true(cd_get_rng_state(bytes, STATE) && cd_generator_set_state(g, bytes, STATE));
    assert_same_values(cd_randn(CD_SHAPE(5), .generator = g), cd_randn(CD_SHAPE(5)));
    assert_true(cd_generator_get_state(g, bytes, STATE) && cd_set_rng_state(bytes, STATE));
    assert_same_values(cd_randn(CD_SHAPE(5), .generator = g), cd_randn(CD_SHAPE(5)));
}

/* --- threads and forks ------------------------------------------------------------------------ */

enum { THREADS = 4, ROUNDS = 500 };

typedef struct task {
    cd_generator *generator;
    int64_t sum;
} task;

static void *draw_many(void *argument)
{
    task *t = argument;
    for (int i = 0; i < ROUNDS; i++) {
        CD_SCOPE();
        t->sum += cd_item_int(
            cd_sum(cd_randint(0, INT64_C(1) << 20, CD_SHAPE(8), .generator = t->generator)));
    }
    return NULL;
}

/* The sum of all draws is the same whichever threads make them, unless a draw is lost or
 * repeated. */
static void threads_share_one_without_losing_a_draw(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(8), *alone = cd_generator_new(8);
    task tasks[THREADS], single = { alone, 0 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        tasks[i] = (task){ g, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, draw_many, &tasks[i]), 0);
    }
    int64_t sum = 0;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        sum += tasks[i].sum;
    }
    for (int i = 0; i < THREADS; i++) draw_many(&single);
    assert_true(sum == single.sum);
    assert_same_state(g, alone);
}

static void *make_and_drop(void *unused)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        CD_SCOPE();
        (void)cd_rand(CD_SHAPE(2), .generator = cd_generator_new(i));
        (void)cd_generator_new(i);
    }
    return unused;
}

static void threads_make_their_own(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_and_drop, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_ok();
}

static bool stop;
static void *draw_until_stopped(void *generator)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        CD_SCOPE();
        (void)cd_rand(CD_SHAPE(300), .generator = generator);
        (void)cd_generator_new(1);
    }
    return NULL;
}

static void a_forked_child_can_draw_from_it(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(3);
    pthread_t thread;
    __atomic_store_n(&stop, false, __ATOMIC_RELAXED);
    assert_int_equal(pthread_create(&thread, NULL, draw_until_stopped, g), 0);
    int bad = 0;
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20); /* a lock held by a thread that does not exist here would block it */
            bool drawn = cd_rand(CD_SHAPE(2), .generator = g) && cd_generator_new(1);
            _exit(drawn ? 0 : 1);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) bad++;
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(bad, 0);
}

/* --- drawing in place ------------------------------------------------------------------------- */

static void random_numbers_have_no_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SHAPE(3), 0.5, .requires_grad = true);
    cd_tensor *made[] = { cd_uniform_(cd_mul(x, 1), 0, 1), cd_normal_(cd_mul(x, 1), 0, 1),
                          cd_bernoulli_(cd_mul(x, 1), 0.5), cd_bernoulli(x) };
    static const char *const names[] = { "UniformBackward0", "NormalBackward0",
                                         "BernoulliBackward2", "BernoulliBackward0" };
    for (int i = 0; i < 4; i++) {
        assert_ok();
        assert_string_equal(cd_grad_fn_name(made[i]), names[i]);
        assert_true(cd_backward(cd_sum(made[i])));
        assert_same_values(cd_grad(x), cd_zeros(CD_SHAPE(3)));
        assert_true(cd_grad_drop(x));
    }
}

static void drawing_in_place_is_a_change(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true), *w = cd_mul(x, 1);
    cd_tensor *y = cd_mul(w, w);
    assert_ptr_equal(cd_uniform_(w, 0, 1), w);
    assert_int_equal(cd_version(w), 1);
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "");
    assert_null(cd_normal_(x, 0, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "normal_: a leaf");
    assert_int_equal(cd_version(x), 0);
    CD_NO_GRAD();
    assert_ptr_equal(cd_normal_(x, 0, 1), x);
    assert_int_equal(cd_version(x), 1);
}

static void a_refused_change_leaves_the_tensor(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SHAPE(2), 7);
    assert_null(cd_uniform_(x, 2, 1));
    cd_clear_error();
    assert_null(cd_normal_(x, 0, -1));
    cd_clear_error();
    (void)cd_fail(CD_ERR_IO, "pending");
    assert_null(cd_bernoulli_(x, 0.5));
    assert_failed_with(CD_ERR_IO, "pending");
    assert_int_equal(cd_version(x), 0);
    assert_same_values(x, cd_full(CD_SHAPE(2), 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_generator_gives_the_default_ones_numbers),
        TEST(drawing_from_one_leaves_the_others),
        TEST(seeds_are_kept_whole),
        TEST(scopes_and_cd_keep_own_generators),
        TEST(other_pointers_than_generators_are_refused),
        TEST(a_generator_is_unchanged_while_an_error_is_pending),
        TEST(a_failed_call_draws_nothing),
        TEST(failed_allocations_draw_nothing),
        TEST(a_full_scope_draws_nothing),
        TEST(a_generator_that_cannot_be_made_is_an_error),
        TEST(a_state_goes_through_a_file),
        TEST(a_wrong_state_changes_nothing),
        TEST(states_move_to_and_from_the_default_generator),
        TEST(threads_share_one_without_losing_a_draw),
        TEST(threads_make_their_own),
        TEST(a_forked_child_can_draw_from_it),
        TEST(random_numbers_have_no_gradient),
        TEST(drawing_in_place_is_a_change),
        TEST(a_refused_change_leaves_the_tensor),
    };
    return RUN(tests);
}
