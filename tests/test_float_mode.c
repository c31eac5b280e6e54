/* The pool computes in the floating-point mode of its caller: results have the same bits for any
 * number of threads, whatever rounding and flushing to zero the caller has set. */
#include "test.h"

#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "autograd/autograd.h"
#include "autograd/conv_ops.h"
#include "core/float_mode_internal.h"
#include "core/threads_internal.h"

/* --- modes ------------------------------------------------------------------------------------ */

typedef struct mode {
    const char *name;
    int rounding;
    bool flush; /* subnormal operands and results become zero */
} mode;

static const mode modes[] = {
    { "nearest", FE_TONEAREST, false },  { "flush", FE_TONEAREST, true },
    { "up", FE_UPWARD, false },          { "down, flush", FE_DOWNWARD, true },
    { "to zero", FE_TOWARDZERO, false },
};
enum { MODES = sizeof modes / sizeof *modes };

static void use(const mode *m)
{
    assert_int_equal(fesetround(m->rounding), 0);
#if defined(__SSE_MATH__)
    unsigned word = __builtin_ia32_stmxcsr() & ~0x8040U;
    __builtin_ia32_ldmxcsr(m->flush ? word | 0x8040U : word);
#elif defined(__aarch64__)
    uint64_t word = cd_float_mode_read() & ~(UINT64_C(1) << 24);
    __asm__ volatile("msr fpcr, %0" : : "r"(word | (uint64_t)m->flush << 24));
#endif
}

static bool same_mode(cd_float_mode a, cd_float_mode b)
{
#if defined(__SSE_MATH__) || defined(__aarch64__)
    return memcmp(&a, &b, sizeof a) == 0;
#else
    (void)a; /* an fenv_t contains exception flags too: it cannot be compared */
    (void)b;
    return true;
#endif
}

static int threads_before;

/* A piece without work: set_up runs a job of them, so that the pool's threads start in the default
 * mode. */
static void nothing(int64_t index, void *context)
{
    (void)index;
    (void)context;
}

static int set_up(void **state)
{
    threads_before = cd_num_threads();
    cd_set_num_threads(4);
    cd_parallel(8, nothing, NULL);
    return test_setup(state);
}

static int tear_down(void **state)
{
    use(&modes[0]);
    (void)feclearexcept(FE_ALL_EXCEPT);
    cd_set_num_threads(threads_before);
    return test_teardown(state);
}

/* --- ops -------------------------------------------------------------------------------------- */

enum { SIDE = 256, COUNT = SIDE * SIDE };

/* Half of the products and sums of these inputs are subnormal, and all of them are rounded. */
static cd_tensor *input(int which)
{
    cd_tensor *x = cd_empty(CD_SHAPE(SIDE, SIDE));
    float *values = cd_data_mut(x);
    assert_non_null(values);
    for (int i = 0; i < COUNT; i++) {
        int k = (i * 7 + which * 13) % 1009;
        values[i] = (float)(k + 1) * (k % 2 ? 1.37e-21F : 0.7231F) * (i % 3 ? 1.0F : -1.0F);
    }
    return x;
}

typedef cd_tensor *op(cd_tensor *a, cd_tensor *b);

static cd_tensor *multiply(cd_tensor *a, cd_tensor *b)
{
    return cd_mul(a, b);
}

static cd_tensor *add_small(cd_tensor *a, cd_tensor *b)
{
    return cd_add(cd_mul(a, 1e-20), cd_mul(b, 3.1e-19));
}

static cd_tensor *exponential(cd_tensor *a, cd_tensor *b)
{
    return cd_exp(cd_sub(cd_neg(cd_abs(a)), cd_mul(cd_abs(b), 0.2)));
}

static cd_tensor *columns(cd_tensor *a, cd_tensor *b)
{
    return cd_sum_dim(cd_mul(a, b), 0);
}

static cd_tensor *total(cd_tensor *a, cd_tensor *b)
{
    return cd_sum(cd_mul(a, b));
}

static cd_tensor *convolution(cd_tensor *a, cd_tensor *b)
{
    cd_tensor *x = cd_reshape(a, CD_SHAPE(4, 4, 64, 64));
    cd_tensor *w =
        cd_reshape(cd_narrow(cd_flatten(b, 0, -1), 0, 0, 8 * 4 * 9), CD_SHAPE(8, 4, 3, 3));
    return cd_conv2d(x, w, NULL);
}

static cd_tensor *gradient(cd_tensor *a, cd_tensor *b)
{
    cd_tensor *x = cd_detach(a);
    cd_set_requires_grad(x, true);
    if (!cd_backward(cd_sum(cd_mul(cd_softmax(x, 1), b)))) return NULL;
    return cd_grad(x);
}

static const struct {
    const char *name;
    op *run;
} ops[] = {
    { "mul", multiply },       { "add", add_small },
    { "exp", exponential },    { "sum_dim", columns },
    { "sum", total },          { "matmul", cd_matmul },
    { "conv2d", convolution }, { "softmax backward", gradient },
};
enum { OPS = sizeof ops / sizeof *ops };

/* The elements of the result, in memory that the caller frees. */
static void *bits(op *run, cd_tensor *const in[2], size_t *bytes)
{
    CD_SCOPE();
    cd_tensor *y = run(in[0], in[1]);
    assert_ok();
    *bytes = (size_t)cd_numel(y) * sizeof(float);
    void *out = malloc(*bytes);
    assert_true(out && cd_read(y, out, *bytes));
    return out;
}

static void results_are_the_same_for_any_number_of_threads_in_any_mode(void **state)
{
    (void)state;
    enum { ROUNDS = 3 };
    cd_tensor *const in[2] = { input(0), input(1) };
    bool differs[MODES] = { false };
    for (int k = 0; k < OPS; k++) {
        void *nearest = NULL;
        for (int m = 0; m < MODES; m++) {
            size_t bytes;
            use(&modes[m]);
            cd_set_num_threads(1);
            void *expected = bits(ops[k].run, in, &bytes);
            for (int round = 0; round < ROUNDS; round++) {
                cd_set_num_threads(2 + round % 3);
                void *found = bits(ops[k].run, in, &bytes);
                assert_that(memcmp(found, expected, bytes) == 0, "%s, mode %s, %d threads",
                            ops[k].name, modes[m].name, 2 + round % 3);
                free(found);
            }
            if (m == 0) {
                nearest = expected;
                continue;
            }
            differs[m] |= memcmp(expected, nearest, bytes) != 0;
            free(expected);
        }
        free(nearest);
    }
    /* Each mode must change some result; otherwise this test shows nothing. */
    for (int m = 1; m < MODES; m++) assert_that(differs[m], "mode %s", modes[m].name);
}

static void *work_in_a_mode(void *argument)
{
    const mode *m = argument;
    CD_SCOPE();
    use(m);
    cd_tensor *const in[2] = { input(0), input(1) };
    const char *wrong = NULL;
    size_t bytes;
    void *expected = bits(exponential, in, &bytes);
    for (int round = 0; round < 5 && !wrong; round++) {
        void *found = bits(exponential, in, &bytes);
        if (memcmp(found, expected, bytes) != 0) wrong = m->name;
        free(found);
    }
    free(expected);
    return (void *)(uintptr_t)wrong;
}

/* One caller has the pool while the others compute alone; the pool changes from mode to mode. */
static void callers_of_several_modes_at_once(void **state)
{
    (void)state;
    pthread_t thread[MODES];
    for (int i = 0; i < MODES; i++) {
        assert_int_equal(
            pthread_create(&thread[i], NULL, work_in_a_mode, (void *)(uintptr_t)&modes[i]), 0);
    }
    for (int i = 0; i < MODES; i++) {
        void *wrong;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_that(!wrong, "mode %s", (const char *)wrong);
    }
}

/* --- pieces ----------------------------------------------------------------------------------- */

/* A job of two pieces that wait for each other, so that they run on two threads; and what each
 * piece sees. */
typedef struct pair {
    atomic_int arrived;
    pthread_t caller;
    bool timed_out; /* only one piece arrived */
    bool divides;   /* the piece in the worker divides by zero */
    int rounding[2], trapping[2], flags[2];
    cd_float_mode mode[2];
    bool in_worker[2];
} pair;

static bool wait_for_both(pair *p)
{
    atomic_fetch_add(&p->arrived, 1);
    for (int i = 0; i < 10000 && atomic_load(&p->arrived) < 2; i++) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    return atomic_load(&p->arrived) == 2;
}

static void observe(int64_t index, void *context)
{
    pair *p = context;
    if (!wait_for_both(p)) p->timed_out = true;
    p->in_worker[index] = !pthread_equal(pthread_self(), p->caller);
    p->rounding[index] = fegetround();
    p->mode[index] = cd_float_mode_read();
    p->flags[index] = fetestexcept(FE_ALL_EXCEPT);
#ifdef __GLIBC__
    p->trapping[index] = fegetexcept();
#endif
    volatile double zero = 0, result = 1;
    if (p->divides && p->in_worker[index]) result = result / zero;
}

static pair observe_both(bool divides)
{
    pair p = { .caller = pthread_self(), .divides = divides };
    cd_parallel(2, observe, &p);
    assert_false(p.timed_out);
    assert_true(p.in_worker[0] != p.in_worker[1]);
    return p;
}

static void a_worker_has_the_mode_of_each_job(void **state)
{
    (void)state;
    for (int m = MODES - 1; m >= 0; m--) {
        use(&modes[m]);
        cd_float_mode mine = cd_float_mode_read();
        pair p = observe_both(false);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(p.rounding[i], modes[m].rounding);
            assert_true(same_mode(p.mode[i], mine));
        }
        assert_true(same_mode(cd_float_mode_read(), mine));
    }
}

/* An exception in a worker sets the caller's flag, as if the caller had computed alone, and no flag
 * of a later job. Flags that the caller had before stay, and are not set in the worker. */
static void exceptions_are_flagged_in_the_caller(void **state)
{
    (void)state;
    (void)feclearexcept(FE_ALL_EXCEPT);
    (void)feraiseexcept(FE_INVALID);
    pair p = observe_both(true);
    assert_int_equal(fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW),
                     FE_DIVBYZERO | FE_INVALID);
    for (int i = 0; i < 2; i++) assert_int_equal(p.flags[i], p.in_worker[i] ? 0 : FE_INVALID);
    (void)feclearexcept(FE_ALL_EXCEPT);
    p = observe_both(false);
    assert_int_equal(p.flags[0] | p.flags[1], 0);
    assert_int_equal(fetestexcept(FE_DIVBYZERO | FE_INVALID), 0);
}

static void masks_of_exceptions_are_the_callers(void **state)
{
    (void)state;
#ifdef __GLIBC__
    (void)feclearexcept(FE_ALL_EXCEPT);
    if (feenableexcept(FE_OVERFLOW) < 0) skip(); /* a processor that cannot trap */
    pair p = observe_both(true);
    (void)fedisableexcept(FE_ALL_EXCEPT);
    for (int i = 0; i < 2; i++) assert_int_equal(p.trapping[i], FE_OVERFLOW);
    p = observe_both(false);
    for (int i = 0; i < 2; i++) assert_int_equal(p.trapping[i], 0);
#else
    print_message("SKIPPED: this C library has no feenableexcept\n");
    skip();
#endif
}

static void inner(int64_t index, void *context)
{
    int *rounding = context;
    rounding[index] = fegetround();
}

static void outer(int64_t index, void *context)
{
    int(*rounding)[2] = context;
    cd_parallel(2, inner, rounding[index]);
}

static void pieces_within_pieces_have_the_mode_too(void **state)
{
    (void)state;
    enum { PIECES = 32 };
    int rounding[PIECES][2];
    use(&modes[2]);
    cd_parallel(PIECES, outer, rounding);
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(rounding[i][0], FE_UPWARD);
        assert_int_equal(rounding[i][1], FE_UPWARD);
    }
}

static void the_child_of_a_fork_has_the_mode_too(void **state)
{
    (void)state;
#if defined(TEST_THREAD_SANITIZER) /* under which a child cannot start threads */
    skip();
#endif
    use(&modes[3]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pair p = { .caller = pthread_self() };
        cd_parallel(2, observe, &p);
        cd_float_mode mine = cd_float_mode_read();
        bool right = !p.timed_out && same_mode(p.mode[0], mine) && same_mode(p.mode[1], mine) &&
                     p.rounding[0] == FE_DOWNWARD && p.rounding[1] == FE_DOWNWARD;
        _exit(right ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define IN_MODES(function_) cmocka_unit_test_setup_teardown(function_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MODES(results_are_the_same_for_any_number_of_threads_in_any_mode),
        IN_MODES(callers_of_several_modes_at_once),
        IN_MODES(a_worker_has_the_mode_of_each_job),
        IN_MODES(exceptions_are_flagged_in_the_caller),
        IN_MODES(masks_of_exceptions_are_the_callers),
        IN_MODES(pieces_within_pieces_have_the_mode_too),
        IN_MODES(the_child_of_a_fork_has_the_mode_too),
    };
    return RUN(tests);
}
