/* Products by the serial build of OpenBLAS, which is one that says it is: they take turns. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/cpu/gemm_internal.h"
#include "core/threads.h"

/* In place of OpenBLAS's own. */
int openblas_get_parallel(void);
int openblas_get_parallel(void)
{
    return 0;
}

enum { SIDE = 64, PRODUCTS = 200, BUSY = 2, FORKS = 100 };

/* Ones times ones. */
static bool multiply(void)
{
    float ones[SIDE * SIDE], c[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) ones[i] = 1;
    const cd_gemm_call call = { .m = SIDE,
                                .n = SIDE,
                                .k = SIDE,
                                .alpha = 1,
                                .a = ones,
                                .lda = SIDE,
                                .b = ones,
                                .ldb = SIDE,
                                .c = c,
                                .ldc = SIDE };
    if (!cd_gemm_openblas_takes(&call)) return false;
    cd_gemm_with(CD_GEMM_OPENBLAS, CD_F32, &call);
    for (int i = 0; i < SIDE * SIDE; i++) {
        if (c[i] != SIDE) return false;
    }
    return true;
}

static atomic_bool stop;
static atomic_int wrong;

static void *keep_multiplying(void *argument)
{
    while (!atomic_load(&stop)) {
        if (!multiply()) atomic_fetch_add(&wrong, 1);
    }
    return argument;
}

static void begin(pthread_t *thread)
{
    atomic_store(&stop, false);
    for (int i = 0; i < BUSY; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, keep_multiplying, NULL), 0);
    }
}

static void end(const pthread_t *thread)
{
    atomic_store(&stop, true);
    for (int i = 0; i < BUSY; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_int_equal(atomic_load(&wrong), 0);
}

static void threads_take_turns(void **state)
{
    (void)state;
    if (!cd_gemm_openblas_name()) skip();
    pthread_t thread[BUSY];
    begin(thread);
    for (int i = 0; i < PRODUCTS; i++) assert_true(multiply());
    end(thread);
}

/* The sanitizers' own locks may be held in the child. */
static void a_child_finds_the_turn_free(void **state)
{
    (void)state;
#if defined(TEST_THREAD_SANITIZER) || defined(TEST_ADDRESS_SANITIZER)
    skip();
#endif
    if (!cd_gemm_openblas_name()) skip();
    pthread_t thread[BUSY];
    begin(thread);
    int good = 0;
    for (int i = 0; i < FORKS && good == i; i++) {
        int status = -1;
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            _exit(multiply() ? 0 : 1);
        }
        (void)waitpid(child, &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    end(thread);
    assert_int_equal(good, FORKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(threads_take_turns),
        TEST(a_child_finds_the_turn_free),
    };
    return RUN(tests);
}
