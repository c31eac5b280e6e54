/* Threads that start and end while others run: the memory that the library takes from the system
 * depends on how much is alive at the same time, not on how many threads there have been. */
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

#include "autograd/ops.h"
#include "core/tensor.h"

#if defined(TEST_THREAD_SANITIZER)
enum { ROUNDS = 20 }; /* slow; and data races show in a few rounds */
#else
enum { ROUNDS = 100 };
#endif
enum { THREADS = 8, OBJECTS = 1000 };

typedef struct worker {
    pthread_t thread;
    cd_tensor *made[OBJECTS]; /* kept until release(); or NULL */
} worker;

static pthread_barrier_t all_have_made, all_have_seen;

/* Runs the body in THREADS threads, and waits for their end. */
static void round_of(worker *w, void *(*body)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&w[i].thread, NULL, body, &w[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(w[i].thread, &failed), 0);
        assert_that(!failed, "a thread failed: %s", (const char *)failed);
    }
}

/* For the end of a thread's body: NULL, or the message of its error. */
static void *failure(void)
{
    static char text[CD_ERROR_MESSAGE_BYTES];
    if (cd_ok()) return NULL;
    (void)snprintf(text, sizeof text, "%s", cd_error_message());
    return text;
}

/* Tensors that need no block. */
static cd_tensor *small(int i)
{
    cd_tensor *x = cd_full(CD_SHAPE(3), i);
    return i % 2 ? cd_add(x, x) : x;
}

/* All threads have their objects at the same time, so each round needs the same memory. */
static void *make_and_end(void *argument)
{
    (void)argument;
    {
        CD_SCOPE();
        for (int i = 0; i < OBJECTS && small(i); i++) continue;
        (void)pthread_barrier_wait(&all_have_made);
    }
    (void)pthread_barrier_wait(&all_have_seen);
    return failure();
}

/* The threads may run one after the other or all at once, so rounds differ. */
static void *make_at_will(void *argument)
{
    (void)argument;
    CD_SCOPE();
    for (int i = 0; i < OBJECTS && small(i); i++) continue;
    return failure();
}

static void *make_for_others(void *argument)
{
    worker *w = argument;
    CD_SCOPE();
    for (int i = 0; i < OBJECTS; i++) w->made[i] = cd_keep(small(i));
    return failure();
}

static void release(worker *w)
{
    for (int i = 0; i < OBJECTS; i++) {
        if (w->made[i]) (void)cd_release(w->made[i]);
        w->made[i] = NULL;
    }
}

/* Releases the objects of a thread of the round before, and makes objects for the next round. */
static void *release_and_make(void *argument)
{
    release(argument);
    return make_for_others(argument);
}

static size_t taken(void)
{
    cd_memory_info info = cd_memory_stats();
    return info.bytes_headers + info.bytes_in_use + info.bytes_cached;
}

/* Runs ROUNDS rounds, with `after` for each worker after each. After three rounds the memory taken
 * may grow by `slack` at most. Slack is for rounds that differ: each thread may then need one more
 * slab of each of two sizes. */
static void stays_flat(void *(*body)(void *), void (*after)(worker *), size_t slack)
{
    static worker w[THREADS];
    memset(w, 0, sizeof w);
    size_t headers = 0, bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        round_of(w, body);
        for (int k = 0; after && k < THREADS; k++) after(&w[k]);
        if (i == 2) {
            headers = cd_memory_stats().bytes_headers;
            bytes = taken();
        }
    }
    size_t grown = cd_memory_stats().bytes_headers - headers;
    assert_that(grown <= slack, "the headers grew by %zu bytes", grown);
    assert_that(taken() <= bytes + slack, "everything grew by %zu bytes", taken() - bytes);
    for (int k = 0; k < THREADS; k++) release(&w[k]);
}

static const size_t SLAB = 64 * 1024;

static void rounds_of_threads(void **state)
{
    (void)state;
    stays_flat(make_and_end, NULL, 0);
    stays_flat(make_at_will, NULL, 2 * THREADS * SLAB);
}

static void a_long_lived_thread_frees_what_others_made(void **state)
{
    (void)state;
    stays_flat(make_for_others, release, 2 * THREADS * SLAB);
}

static void threads_end_with_objects_that_others_release(void **state)
{
    (void)state;
    stays_flat(release_and_make, NULL, 2 * THREADS * SLAB);
}

static void a_limit_that_one_round_keeps_is_kept_by_all(void **state)
{
    (void)state;
    static worker w[THREADS];
    round_of(w, make_and_end);
    cd_memory_trim();
    cd_memory_limit(taken() + THREADS * SLAB + ((size_t)1 << 20));
    stays_flat(make_and_end, NULL, 0);
    stays_flat(make_for_others, release, 2 * THREADS * SLAB);
    cd_memory_limit(0);
}

/* --- a system without thread-specific data ---------------------------------------------------- */

#if defined(TEST_THREAD_SANITIZER) /* which replaces pthread_setspecific itself */
static void a_thread_without_its_data_is_refused(void **state)
{
    (void)state;
    skip();
}
#else
static _Thread_local bool refuses;

/* Replaces the C library's function. Fails in a thread that sets `refuses`, as the original does
 * without memory. */
__attribute__((visibility("default"))) int pthread_setspecific(pthread_key_t key, const void *value)
{
    if (refuses) return ENOMEM;
    int (*system)(pthread_key_t, const void *);
    *(void **)(void *)&system = dlsym(RTLD_NEXT, "pthread_setspecific");
    return system(key, value);
}

/* Can make no object while pthread_setspecific fails, but can release objects; and works as any
 * other thread once it succeeds. */
static void *have_no_data(void *argument)
{
    worker *w = argument;
    refuses = true;
    cd_tensor *x = cd_ones(CD_SHAPE(3));
    cd_error error;
    bool refused = !x && cd_error_take(&error) && error.code == CD_ERR_MEMORY;
    release(w);
    refuses = false;
    if (refused) w->made[0] = cd_keep(small(1));
    return refused ? failure() : (void *)(uintptr_t) "nothing was refused";
}

static void a_thread_without_its_data_is_refused(void **state)
{
    (void)state;
    static worker w[THREADS];
    round_of(w, make_for_others);
    int64_t objects = cd_memory_stats().objects;
    round_of(w, have_no_data);
    assert_true(cd_memory_stats().objects < objects);
    for (int k = 0; k < THREADS; k++) release(&w[k]);
}

#endif

/* This program run with the argument "without-keys": all thread-specific keys of the process are in
 * use before the library's first call. */
static int without_keys(void)
{
    pthread_key_t key;
    int made = 0;
    while (pthread_key_create(&key, NULL) == 0) made++;
    cd_error error;
    bool refused = !cd_zeros(CD_SHAPE(3)) && cd_error_take(&error);
    return made > 0 && refused && strstr(error.message, "no data of its own") ? 0 : 1;
}

static void a_process_without_keys_is_refused(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)execl("/proc/self/exe", "test_thread_memory", "without-keys", (char *)NULL);
        _exit(2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "without-keys") == 0) return without_keys();
    const struct CMUnitTest tests[] = {
        TEST(rounds_of_threads),
        TEST(a_long_lived_thread_frees_what_others_made),
        TEST(threads_end_with_objects_that_others_release),
        TEST(a_limit_that_one_round_keeps_is_kept_by_all),
        TEST(a_thread_without_its_data_is_refused),
        TEST(a_process_without_keys_is_refused),
    };
    (void)pthread_barrier_init(&all_have_made, NULL, THREADS);
    (void)pthread_barrier_init(&all_have_seen, NULL, THREADS);
    return RUN(tests);
}
