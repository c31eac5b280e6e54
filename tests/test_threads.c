/* The thread pool, and the library used from several threads. Also run under the thread
 * sanitizer. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "autograd/logic.h"
#include "autograd/math.h"
#include "autograd/order_ops.h"
#include "autograd/product_ops.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum { THREADS = 4 };

/* A piece without work. main runs a job of them first, so that the pool's threads have started, and
 * made their few allocations, before a test counts objects and memory. */
static void nothing(int64_t index, void *context)
{
    (void)index;
    (void)context;
}

/* Runs the body in THREADS threads with the same argument. It returns NULL, or why it failed. */
static void run_all(void *(*body)(void *), void *argument)
{
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, body, argument), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_that(!failed, "a thread failed: %s", (const char *)failed);
    }
}

/* For the end of a thread's body: NULL, or the message of its error, in static memory. */
static void *failure(void)
{
    static _Atomic(char *) text;
    static char copy[CD_ERROR_MESSAGE_BYTES];
    if (cd_ok()) return NULL;
    char *expected = NULL;
    if (atomic_compare_exchange_strong(&text, &expected, copy)) {
        (void)snprintf(copy, sizeof copy, "%s", cd_error_message());
    }
    return copy;
}

/* --- the pool --------------------------------------------------------------------------------- */

static void a_number_of_threads_outside_the_range(void **state)
{
    (void)state;
    int before = cd_num_threads();
    static const int wrong[] = { 0, -1, 257, INT32_MAX, INT32_MIN };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(cd_set_num_threads(wrong[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "set_num_threads");
    }
    assert_int_equal(cd_num_threads(), before);
    assert_true(cd_set_num_threads(256) && cd_num_threads() == 256);
    assert_true(cd_set_num_threads(before));
}

typedef struct tally {
    atomic_int visits[1000];
    atomic_int nested;
} tally;

static void visit(int64_t index, void *context)
{
    tally *t = context;
    atomic_fetch_add(&t->visits[index], 1);
}

static void every_piece_runs_once(void **state)
{
    (void)state;
    static const int counts[] = { 1, 2, 3, 8 };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        tally t = { 0 };
        assert_true(cd_set_num_threads(counts[i]));
        for (int64_t pieces = 0; pieces <= 1000; pieces += 100) cd_parallel(pieces, visit, &t);
        for (int k = 0; k < 1000; k++) {
            assert_int_equal(atomic_load(&t.visits[k]), 10 - (k < 1000 ? k / 100 : 0));
        }
    }
}

static void pause_a_little(void)
{
    (void)nanosleep(&(struct timespec){ .tv_nsec = 300000 }, NULL);
}

/* Jobs that follow each other at once, and jobs that find the workers asleep. With more threads
 * than processors, workers sleep at once; otherwise they spin first. */
static void jobs_close_together_and_far_apart(void **state)
{
    (void)state;
    for (int threads = 2; threads <= 16; threads *= 2) {
        assert_true(cd_set_num_threads(threads));
        tally t = { 0 };
        for (int i = 0; i < 300; i++) {
            cd_parallel(i % 20, visit, &t);
            if (i % 30 == 0) pause_a_little();
        }
        for (int k = 0; k < 20; k++) assert_int_equal(atomic_load(&t.visits[k]), 15 * (19 - k));
    }
}

static pthread_t seen_by[64];

static void note_thread(int64_t index, void *context)
{
    (void)context;
    seen_by[index] = pthread_self();
    pause_a_little();
}

static int threads_seen(void)
{
    int different = 0;
    cd_parallel(64, note_thread, NULL);
    for (int i = 0; i < 64; i++) {
        bool known = false;
        for (int k = 0; k < i; k++) known |= pthread_equal(seen_by[i], seen_by[k]) != 0;
        different += !known;
    }
    return different;
}

/* Workers that were started for a larger number of threads do not take part. At least one worker of
 * the smaller number does sooner or later, when the system gives it a processor. */
static void no_more_threads_take_part_than_were_set(void **state)
{
    enum { TRIES = 2000 };
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        assert_true(cd_set_num_threads(threads));
        int different = 1;
        for (int i = 0; i < TRIES && (i == 0 || (different == 1 && threads > 1)); i++) {
            different = threads_seen();
            assert_in_range(different, 1, threads);
        }
        if (threads > 1) assert_int_not_equal(different, 1);
    }
}

/* The process takes hardly any processor time while there is no job. */
static void idle_workers_sleep(void **state)
{
    (void)state;
    struct timespec before, after;
    cd_parallel(100, nothing, NULL);
    for (int i = 0; i < 10; i++) pause_a_little();
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    (void)nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
    double used =
        (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    assert_that(used < 0.05, "%g s of processor time in 0.2 s", used);
}

static void inner(int64_t index, void *context)
{
    (void)index;
    atomic_fetch_add(&((tally *)context)->nested, 1);
}

static void outer(int64_t index, void *context)
{
    (void)index;
    cd_parallel(10, inner, context);
}

static void a_piece_may_call_cd_parallel(void **state)
{
    (void)state;
    tally t = { 0 };
    assert_true(cd_set_num_threads(4));
    cd_parallel(50, outer, &t);
    assert_int_equal(atomic_load(&t.nested), 500);
}

static void fail_some(int64_t index, void *context)
{
    (void)context;
    if (index % 7 == 3) (void)cd_fail(CD_ERR_FORMAT, "piece %d", (int)index);
}

static void the_error_of_the_lowest_piece_arrives(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 8; threads *= 2) {
        assert_true(cd_set_num_threads(threads));
        for (int i = 0; i < 50; i++) {
            cd_parallel(100, fail_some, NULL);
            assert_failed_with(CD_ERR_FORMAT, "piece 3");
            assert_int_equal(cd_error_message()[0], 0);
        }
    }
}

static void look_for_errors(int64_t index, void *context)
{
    (void)index;
    if (!cd_ok()) atomic_fetch_add((atomic_int *)context, 1);
    (void)cd_fail(CD_ERR_FORMAT, "a later error");
}

static void an_earlier_error_stays_and_no_piece_sees_it(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads += 3) {
        atomic_int seen = 0;
        assert_true(cd_set_num_threads(threads));
        (void)cd_fail(CD_ERR_IO, "an earlier error");
        cd_parallel(100, look_for_errors, &seen);
        assert_failed_with(CD_ERR_IO, "an earlier error");
        assert_int_equal(atomic_load(&seen), 0);
    }
}

static void *use_the_pool(void *argument)
{
    (void)argument;
    for (int i = 0; i < 50; i++) {
        tally *t = calloc(1, sizeof *t);
        if (!t) return "no memory";
        cd_parallel(100, visit, t);
        bool right = true;
        for (int k = 0; k < 100; k++) right &= atomic_load(&t->visits[k]) == 1;
        free(t);
        if (!right) return "a piece did not run once";
    }
    return failure();
}

static void several_callers_at_once(void **state)
{
    (void)state;
    assert_true(cd_set_num_threads(3));
    run_all(use_the_pool, NULL);
}

/* Under the thread sanitizer a child cannot start threads. */
static void the_child_of_a_fork_has_a_pool(void **state)
{
    (void)state;
#if defined(TEST_THREAD_SANITIZER)
    skip();
#endif
    assert_true(cd_set_num_threads(4));
    tally before = { 0 };
    cd_parallel(100, visit, &before);
    pid_t child = fork();
    if (child == 0) {
        tally t = { 0 };
        alarm(20);
        cd_parallel(1000, visit, &t);
        int wrong = 0;
        for (int k = 0; k < 1000; k++) wrong += atomic_load(&t.visits[k]) != 1;
        CD_SCOPE();
        cd_tensor *x = cd_ones(CD_SHAPE(300, 300), .requires_grad = true);
        bool right = cd_backward(cd_sum(cd_mul(x, x))) && cd_item(cd_sum(cd_grad(x))) == 180000;
        _exit(wrong == 0 && right ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

enum { FORKS = 100, BUSY = 3 };
static _Atomic bool stop;

/* Takes the locks of memory, slabs and gradients again and again. */
static void *keep_busy(void *argument)
{
    cd_tensor *w = argument;
    while (!atomic_load(&stop)) {
        CD_SCOPE();
        (void)cd_backward(cd_sum(cd_mul(w, cd_ones(CD_SHAPE(3000)))));
        cd_memory_trim();
    }
    return failure();
}

static void *make_one(void *argument)
{
    (void)cd_ones(CD_SHAPE(3));
    return argument;
}

/* In the child: no lock is held, and new threads may get the memory of threads of the parent. */
static bool works_in_the_child(cd_tensor *w)
{
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(30000), .requires_grad = true);
    bool done = cd_backward(cd_sum(cd_mul(x, x))) && cd_backward(cd_sum(cd_mul(w, w)));
    for (int i = 0; i < BUSY; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, make_one, NULL) != 0) return false;
        (void)pthread_join(thread, NULL);
    }
    return done && cd_memory_stats().objects > 0 && cd_set_num_threads(2) && cd_num_threads() == 2;
}

/* Under the address sanitizer its own allocator may be locked in the child. */
static void a_fork_while_other_threads_are_at_work(void **state)
{
    (void)state;
#if defined(TEST_THREAD_SANITIZER) || defined(TEST_ADDRESS_SANITIZER)
    skip();
#endif
    pthread_t thread[BUSY];
    cd_tensor *w = cd_ones(CD_SHAPE(3000), .requires_grad = true);
    atomic_store(&stop, false);
    for (int i = 0; i < BUSY; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, keep_busy, w), 0);
    }
    int good = 0;
    for (int i = 0; i < FORKS && good == i; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(works_in_the_child(w) ? 0 : 1);
        }
        (void)waitpid(child, &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    atomic_store(&stop, true);
    for (int i = 0; i < BUSY; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(thread[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(good, FORKS);
}

/* --- threads of the program ------------------------------------------------------------------- */

static void *make_and_leave(void *argument)
{
    (void)argument;
    for (int i = 0; i < 100; i++) (void)cd_ones(CD_SHAPE(100));
    return failure();
}

static void objects_of_a_thread_end_with_it(void **state)
{
    (void)state;
    cd_memory_info before = cd_memory_stats();
    run_all(make_and_leave, NULL);
    cd_memory_info after = cd_memory_stats();
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.blocks_in_use, before.blocks_in_use);
}

static void *leave_an_error(void *argument)
{
    (void)argument;
    (void)cd_fail(CD_ERR_IO, "mine");
    return cd_error_code() == CD_ERR_IO ? NULL : "it is not there";
}

static void errors_are_each_threads_own(void **state)
{
    (void)state;
    run_all(leave_an_error, NULL);
    assert_true(cd_ok());
}

static void *look_at_the_mode(void *argument)
{
    (void)argument;
    return cd_grad_enabled() ? NULL : "the mode of another thread";
}

static void modes_are_each_threads_own(void **state)
{
    (void)state;
    CD_NO_GRAD();
    run_all(look_at_the_mode, NULL);
}

static void *make_for_another(void *argument)
{
    cd_tensor *t = cd_full(CD_SHAPE(1000), 2);
    *(cd_tensor **)argument = cd_keep(t);
    return NULL;
}

static void *use_and_release(void *argument)
{
    cd_tensor *t = argument;
    if (cd_item(cd_sum(t)) != 2000) return "other values";
    (void)cd_release(t);
    return failure();
}

static void made_in_one_thread_used_and_released_in_another(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        cd_tensor *t = NULL;
        pthread_t maker, user;
        void *failed = NULL;
        assert_int_equal(pthread_create(&maker, NULL, make_for_another, &t), 0);
        assert_int_equal(pthread_join(maker, NULL), 0);
        assert_int_equal(cd_numel(t), 1000);
        assert_int_equal(pthread_create(&user, NULL, use_and_release, t), 0);
        assert_int_equal(pthread_join(user, &failed), 0);
        assert_null(failed);
    }
}

static void *keep_and_release(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        (void)cd_keep(argument);
        (void)cd_release(argument);
    }
    return failure();
}

static void counts_are_right_when_threads_keep_at_once(void **state)
{
    (void)state;
    cd_tensor *t = cd_ones(CD_SHAPE(2));
    run_all(keep_and_release, t);
    assert_false(cd_release(t));
    assert_failed_with(CD_ERR_STATE, "was not kept");
    assert_int_equal(cd_numel(t), 2);
}

static void *drop_anothers(void *argument)
{
    if (cd_drop(argument)) return "it was dropped";
    bool right = cd_error_code() == CD_ERR_STATE;
    cd_clear_error();
    return right ? NULL : "another error";
}

static void a_thread_cannot_drop_what_another_holds(void **state)
{
    (void)state;
    cd_tensor *t = cd_ones(CD_SHAPE(2));
    run_all(drop_anothers, t);
    assert_int_equal(cd_numel(t), 2);
}

/* --- shared leaves ---------------------------------------------------------------------------- */

enum { PASSES = 400, SHARED = 3, WIDTH = 2000 };

static void *go_backward(void *argument)
{
    cd_tensor *const *w = argument;
    for (int i = 0; i < PASSES; i++) {
        CD_SCOPE();
        cd_tensor *y = cd_sum(cd_mul(cd_add(w[0], w[1]), 2));
        if (!cd_backward(cd_add(y, cd_sum(w[2])))) break;
        (void)cd_grad(w[i % SHARED]);
    }
    return failure();
}

static void make_shared(cd_tensor **w)
{
    for (int k = 0; k < SHARED; k++) w[k] = cd_ones(CD_SHAPE(WIDTH), .requires_grad = true);
}

static void threads_add_to_shared_leaves(void **state)
{
    (void)state;
    cd_tensor *w[SHARED];
    make_shared(w);
    run_all(go_backward, w);
    static const double each[SHARED] = { 2, 2, 1 };
    for (int k = 0; k < SHARED; k++) {
        assert_close(cd_item(cd_sum(cd_grad(w[k]))), each[k] * WIDTH * THREADS * PASSES, 0, 0);
    }
}

/* All threads start together, so that one computes its sum while another stores its own. */
static pthread_barrier_t start;

static void *go_backward_with_a_graph(void *argument)
{
    cd_tensor *const *w = argument;
    (void)pthread_barrier_wait(&start);
    for (int i = 0; i < PASSES; i++) {
        CD_SCOPE();
        if (!cd_backward(cd_sum(cd_mul(w[0], 3)), .create_graph = true)) break;
    }
    return failure();
}

static void no_gradient_is_lost_with_create_graph(void **state)
{
    (void)state;
    cd_tensor *w[SHARED];
    make_shared(w);
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    run_all(go_backward_with_a_graph, w);
    (void)pthread_barrier_destroy(&start);
    assert_close(cd_item(cd_sum(cd_grad(w[0]))), 3.0 * WIDTH * THREADS * PASSES, 0, 0);
}

/* y's graph has saved x, whose scope ends in the other thread at this time. */
static void *backward_of_kept(void *argument)
{
    cd_tensor *y = argument;
    (void)cd_backward(y);
    (void)cd_release(y);
    return failure();
}

static void a_leaf_goes_while_another_thread_goes_backward(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        pthread_t thread;
        void *failed = NULL;
        {
            CD_SCOPE();
            cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true);
            cd_tensor *y = cd_keep(cd_sum(cd_mul(cd_sigmoid(x), x)));
            assert_int_equal(pthread_create(&thread, NULL, backward_of_kept, y), 0);
        }
        assert_int_equal(pthread_join(thread, &failed), 0);
        assert_null(failed);
    }
}

static atomic_bool pass_started;

static void *backward_with_a_graph(void *argument)
{
    cd_tensor *y = argument;
    atomic_store(&pass_started, true);
    (void)cd_backward(y, .create_graph = true);
    (void)cd_release(y);
    return failure();
}

/* The graph of x's gradient leads back to x, a cycle of references. Whichever comes later, the pass
 * that stores the gradient or the end of x's last owner, must drop the gradient: otherwise x and
 * the graph are never freed. */
static void no_gradient_outlives_the_last_owner_of_its_leaf(void **state)
{
    (void)state;
    cd_memory_info before = cd_memory_stats();
    for (int i = 0; i < 2000; i++) {
        pthread_t thread;
        void *failed = NULL;
        {
            CD_SCOPE();
            cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true);
            cd_tensor *y = cd_keep(cd_sum(cd_mul(x, x)));
            atomic_store(&pass_started, false);
            assert_int_equal(pthread_create(&thread, NULL, backward_with_a_graph, y), 0);
            while (!atomic_load(&pass_started)) (void)sched_yield();
            for (volatile int left = i % 500 * 10; left > 0; left--) {
            }
        }
        assert_int_equal(pthread_join(thread, &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(cd_memory_stats().objects, before.objects);
}

static void *drop_gradients(void *argument)
{
    cd_tensor *const *w = argument;
    for (int i = 0; i < PASSES; i++) {
        CD_SCOPE();
        if (i % 2) (void)cd_grad_drop(w[0]);
        (void)cd_grad(w[0]);
        if (!cd_backward(cd_sum(cd_mul(w[0], w[0])))) break;
    }
    return failure();
}

static void gradients_are_dropped_while_others_add(void **state)
{
    (void)state;
    cd_tensor *w[SHARED];
    make_shared(w);
    run_all(drop_gradients, w);
}

/* Each piece of these has scratch memory, which several of its blocks or rows use in turn. */
static void sorting_and_attention_do_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    CD_SCOPE();
    const int before = cd_num_threads();
    cd_tensor *x = cd_round(cd_mul(cd_randn(CD_SHAPE(40, 2000, 2)), 100));
    cd_tensor *q = cd_randn(CD_SHAPE(3, 5, 200, 4)), *k = cd_randn(CD_SHAPE(3, 1, 70, 4));
    cd_tensor *v = cd_transpose(cd_randn(CD_SHAPE(5, 3, 70)), 1, 2);
    cd_tensor *mask = cd_gt(cd_randn(CD_SHAPE(5, 200, 70)), 0);
    cd_tensor *first = NULL, *where = NULL;
    for (int threads = 1; threads <= 4; threads++) {
        cd_tensor *indices = NULL;
        assert_true(cd_set_num_threads(threads));
        cd_tensor *y = cd_scaled_dot_product_attention(q, k, v, .attn_mask = mask);
        (void)cd_sort(x, 1, .indices = &indices);
        assert_ok();
        if (threads == 1) {
            first = y;
            where = indices;
        }
        assert_true(cd_item(cd_all(cd_eq(y, first))) == 1);
        assert_true(cd_item(cd_all(cd_eq(indices, where))) == 1);
    }
    cd_tensor *scores = cd_mul(cd_matmul(q, cd_transpose(k, -1, -2)), 0.5);
    scores = cd_masked_fill(scores, cd_logical_not(mask), -INFINITY);
    cd_tensor *error = cd_abs(cd_sub(cd_matmul(cd_softmax(scores, -1), v), first));
    assert_true(cd_item(cd_amax(error)) < 1e-5);
    assert_true(cd_set_num_threads(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_number_of_threads_outside_the_range),
        TEST(every_piece_runs_once),
        TEST(jobs_close_together_and_far_apart),
        TEST(no_more_threads_take_part_than_were_set),
        TEST(idle_workers_sleep),
        TEST(a_piece_may_call_cd_parallel),
        TEST(the_error_of_the_lowest_piece_arrives),
        TEST(an_earlier_error_stays_and_no_piece_sees_it),
        TEST(several_callers_at_once),
        TEST(the_child_of_a_fork_has_a_pool),
        TEST(a_fork_while_other_threads_are_at_work),
        TEST(objects_of_a_thread_end_with_it),
        TEST(errors_are_each_threads_own),
        TEST(modes_are_each_threads_own),
        TEST(made_in_one_thread_used_and_released_in_another),
        TEST(counts_are_right_when_threads_keep_at_once),
        TEST(a_thread_cannot_drop_what_another_holds),
        TEST(threads_add_to_shared_leaves),
        TEST(no_gradient_is_lost_with_create_graph),
        TEST(a_leaf_goes_while_another_thread_goes_backward),
        TEST(no_gradient_outlives_the_last_owner_of_its_leaf),
        TEST(gradients_are_dropped_while_others_add),
        TEST(sorting_and_attention_do_not_depend_on_the_number_of_threads),
    };
    (void)cd_set_num_threads(8);
    cd_parallel(100, nothing, NULL);
    return RUN(tests);
}
