/* What the library leaves alone in the process it is in: threads, other libraries' settings, and
 * the process's own. Some of it holds only in a process that has just begun, so the tests run this
 * program again with the name of what it is to do, under limits. */
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

enum { NOT_HERE = 77, WORKERS = 3 };

extern char **environ;

/* ---- what the other process does ---------------------------------------------------------------
 */

/* Ones by ones, large enough for all threads. */
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
    if (a_thread_starts()) return NOT_HERE;
    if (!cd_set_num_threads(4) || !multiply()) return 1;
    return threads_here() == 1 ? 0 : 2;
}

/* As many threads as were asked for, the caller among them, and none before they have work. */
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

/* ---- the tests ---------------------------------------------------------------------------------
 */

/* Sanitizers have threads and terabytes of address space of their own. */
static void skip_under_sanitizers(void)
{
#if defined(TEST_ADDRESS_SANITIZER) || defined(TEST_THREAD_SANITIZER)
    skip();
#endif
}

/* What is to be done to the new process before this program begins in it. */
typedef bool preparation(void);

/* This program anew; its exit status, or the negative number of the signal that ended it (14: it
 * hung). It is opened first: an ordinary user may not be able to reach it by its path. */
static int run_another(const char *name, preparation *prepare)
{
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), status = 0;
    assert_true(self >= 0);
    pid_t child = fork();
    if (child == 0) {
        char *arguments[] = { "test_host", (char *)(uintptr_t)name, NULL };
        if (prepare && !prepare()) _exit(NOT_HERE);
        (void)alarm(60);
        (void)fexecve(self, arguments, environ);
        _exit(errno == EACCES || errno == ENOSYS ? NOT_HERE : 4);
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

/* The limit does not bind root. */
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
    if (status == NOT_HERE) skip();
    assert_int_equal(status, 0);
}

static void has_as_many_threads_as_were_asked_for(void **state)
{
    (void)state;
    skip_under_sanitizers();
    if (threads_here() == 0) skip(); /* no /proc */
    assert_int_equal(run_another("as_many_threads_as_asked", NULL), 0);
}

/* A host with an OpenBLAS of its own, which has one number of threads for the whole process. */
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
    int before = threads(); /* 1 where it was built without threads */
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

static void look_up(settings *s)
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

/* A little of everything that uses other libraries: a training step, and a model saved and read. */
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
    (void)signal(SIGUSR1, SIG_IGN); /* one that a default would not equal */
    (void)fesetround(FE_UPWARD);
    look_up(&before);
    work();
    look_up(&after);
    (void)fesetround(FE_TONEAREST);
    (void)signal(SIGUSR1, SIG_DFL);
    assert_memory_equal(after.handlers, before.handlers, sizeof before.handlers);
    assert_memory_equal(after.blocked, before.blocked, sizeof before.blocked);
    assert_memory_equal(after.limits, before.limits, sizeof before.limits);
#if defined(__x86_64__)
    /* The flags of what happened are for everybody to set; the modes are not. */
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
