/* The library as a guest in a process: it starts no more threads than were set, and changes no
 * settings of the process or of other libraries. Some of this can only be seen in a new process, so
 * some tests run this program again, under limits, with the name of a function as its argument. */
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <grp.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <candela.h>

#include "core/cpu/gemm_internal.h"

enum { CANNOT_TEST = 77 /* exit status: the test is skipped */, WORKERS = 3 };

extern char **environ;

/* --- what the other process does -------------------------------------------------------------- */

/* A product of matrices of ones, large enough for all threads. Returns whether it is right. */
static bool multiply(void)
{
    enum { SIDE = 200 };
    CD_SCOPE();
    cd_tensor *ones = cd_ones(CD_SHAPE(SIDE, SIDE));
    cd_tensor *c = cd_mm(ones, ones);
    return cd_ok() && (int)cd_item(cd_min(c)) == SIDE && (int)cd_item(cd_max(c)) == SIDE;
}

static int threads_here(void)
{
    int threads = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        if (sscanf(line, "Threads: %d", &threads) == 1) break;
    }
    if (status) (void)fclose(status);
    return threads;
}

static void *nothing(void *argument)
{
    return argument;
}

static bool a_thread_starts(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static int products_where_no_thread_starts(void)
{
    if (a_thread_starts()) return CANNOT_TEST;
    if (!cd_set_num_threads(4) || !multiply()) return 1;
    return threads_here() == 1 ? 0 : 2;
}

/* The process has as many threads as were set, the caller included, and starts none before a
 * job. */
static int as_many_threads_as_asked(void)
{
    if (threads_here() != 1) return 1;
    if (!cd_set_num_threads(1) || !multiply() || threads_here() != 1) return 2;
    if (!cd_set_num_threads(WORKERS) || !multiply()) return 3;
    return threads_here() == WORKERS ? 0 : 4;
}

static int one_product(void)
{
    return multiply() ? 0 : 1;
}

static const struct {
    const char *name;
    int (*run)(void);
} others[] = {
    { "one_product", one_product },
    { "products_where_no_thread_starts", products_where_no_thread_starts },
    { "as_many_threads_as_asked", as_many_threads_as_asked },
};

static int be_another(const char *name)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(name, others[i].name) == 0) return others[i].run();
    }
    return 3;
}

/* --- tests ------------------------------------------------------------------------------------ */

/* Sanitizers start threads and reserve terabytes of address space themselves. */
static void skip_under_sanitizers(void)
{
#if defined(TEST_ADDRESS_SANITIZER) || defined(TEST_THREAD_SANITIZER)
    skip();
#endif
}

/* Runs in the new process before the program. */
typedef bool preparation(void);

/* Runs this program in a new process. Returns its exit status, or the negative number of the signal
 * that ended it (-14: it hung). The program is opened first, since the new process may become a
 * user who cannot open its path. */
static int run_another(const char *name, preparation *prepare)
{
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), status = 0;
    assert_true(self >= 0);
    pid_t child = fork();
    if (child == 0) {
        char *arguments[] = { "test_host", (char *)(uintptr_t)name, NULL };
        if (prepare && !prepare()) _exit(CANNOT_TEST);
        (void)alarm(60);
        (void)fexecve(self, arguments, environ);
        _exit(errno == EACCES || errno == ENOSYS ? CANNOT_TEST : 4);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(self);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool limit_address_space(void)
{
    const rlim_t bytes = 200000u * 1024u;
    return setrlimit(RLIMIT_AS, &(struct rlimit){ bytes, bytes }) == 0;
}

static void starts_and_multiplies_in_200_megabytes(void **state)
{
    (void)state;
    skip_under_sanitizers();
    assert_int_equal(run_another("one_product", limit_address_space), 0);
}

/* Root has no limit of threads, so the process becomes another user. */
static bool become_nobody_without_threads(void)
{
    const uid_t nobody = 65534;
    if (getuid() == 0 && (setgroups(0, NULL) != 0 || setgid(nobody) != 0 || setuid(nobody) != 0)) {
        return false;
    }
    return setrlimit(RLIMIT_NPROC, &(struct rlimit){ 1, 1 }) == 0;
}

static void multiplies_where_no_thread_can_be_had(void **state)
{
    (void)state;
    skip_under_sanitizers();
    int status = run_another("products_where_no_thread_starts", become_nobody_without_threads);
    if (status == CANNOT_TEST) skip();
    assert_int_equal(status, 0);
}

static void has_as_many_threads_as_were_asked_for(void **state)
{
    (void)state;
    skip_under_sanitizers();
    if (threads_here() == 0) skip(); /* no /proc */
    assert_int_equal(run_another("as_many_threads_as_asked", NULL), 0);
}

/* In a process that uses OpenBLAS, which has one number of threads for the whole process. */
static void a_hosts_openblas_keeps_its_threads(void **state)
{
    (void)state;
    skip_under_sanitizers();
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) skip();
    void (*set_threads)(int);
    int (*threads)(void);
    *(void **)&set_threads = dlsym(library, "openblas_set_num_threads");
    *(void **)&threads = dlsym(library, "openblas_get_num_threads");
    assert_true(set_threads && threads);
    set_threads(2);
    int before = threads(); /* 1 if OpenBLAS was built without threads */
    assert_true(multiply());
    assert_int_equal(threads(), before);
}

/* The settings of a process, as far as it can ask for them. */
typedef struct {
    void (*handlers[65])(int);
    bool blocked[65];
    struct rlimit limits[RLIM_NLIMITS];
    fenv_t floating;
    char environment[1 << 16], locale[256], folder[4096];
    mode_t mask;
    int descriptors;
} settings;

static void read_settings(settings *s)
{
    memset(s, 0, sizeof *s);
    sigset_t blocked;
    sigemptyset(&blocked);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (int i = 1; i < 65; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0) s->handlers[i] = action.sa_handler;
        s->blocked[i] = sigismember(&blocked, i) == 1;
    }
    for (unsigned i = 0; i < (unsigned)RLIM_NLIMITS; i++) (void)getrlimit(i, &s->limits[i]);
    (void)fegetenv(&s->floating);
    size_t used = 0;
    for (char **e = environ; *e && used < sizeof s->environment; e++) {
        used += (size_t)snprintf(s->environment + used, sizeof s->environment - used, "%s\n", *e);
    }
    (void)snprintf(s->locale, sizeof s->locale, "%s", setlocale(LC_ALL, NULL));
    (void)getcwd(s->folder, sizeof s->folder);
    s->mask = umask(0);
    (void)umask(s->mask);
    for (int i = 0; i < 256; i++) s->descriptors += fcntl(i, F_GETFD) != -1;
}

/* Uses all that calls other libraries: a training step, a model saved and loaded. */
static void work(void)
{
    char path[] = "/tmp/candela_host_XXXXXX.safetensors";
    int file = mkstemps(path, 12);
    assert_true(file >= 0);
    (void)close(file);
    CD_SCOPE();
    cd_module *model = cd_nn_sequential(cd_nn_conv2d(3, 8, 3), cd_nn_relu());
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.1);
    cd_backward(cd_sum(cd_forward(model, cd_randn(CD_SHAPE(2, 3, 16, 16)))));
    cd_step(sgd);
    assert_true(cd_save(model, path));
    assert_true(cd_load(model, path));
    assert_true(multiply());
    (void)unlink(path);
}

static void the_process_keeps_its_settings(void **state)
{
    (void)state;
    static settings before, after;
    (void)signal(SIGUSR1, SIG_IGN); /* not the default, so a reset would show */
    (void)fesetround(FE_UPWARD);
    read_settings(&before);
    work();
    read_settings(&after);
    (void)fesetround(FE_TONEAREST);
    (void)signal(SIGUSR1, SIG_DFL);
    assert_memory_equal(after.handlers, before.handlers, sizeof before.handlers);
    assert_memory_equal(after.blocked, before.blocked, sizeof before.blocked);
    assert_memory_equal(after.limits, before.limits, sizeof before.limits);
#if defined(__x86_64__)
    /* Exception flags may be set; modes must stay. */
    assert_int_equal(after.floating.__mxcsr & ~0x3fu, before.floating.__mxcsr & ~0x3fu);
    assert_int_equal(after.floating.__control_word, before.floating.__control_word);
#endif
    assert_string_equal(after.environment, before.environment);
    assert_string_equal(after.locale, before.locale);
    assert_string_equal(after.folder, before.folder);
    assert_int_equal(after.mask, before.mask);
    assert_int_equal(after.descriptors, before.descriptors);
}

int main(int count, char **arguments)
{
    if (count > 1) return be_another(arguments[1]);
    const struct CMUnitTest tests[] = {
        TEST(starts_and_multiplies_in_200_megabytes), TEST(multiplies_where_no_thread_can_be_had),
        TEST(has_as_many_threads_as_were_asked_for),  TEST(a_hosts_openblas_keeps_its_threads),
        TEST(the_process_keeps_its_settings),
    };
    return RUN(tests);
}
