#include "core/threads_internal.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "core/error.h"
#include "core/fork_internal.h"

enum { MAX_THREADS = 256 };

/* One job is under way at a time; a second caller runs its own pieces by itself meanwhile.
 *
 * Workers wait for `job_number` to grow, then take pieces by `next` until none is left. The caller
 * takes pieces too, and leaves when the last worker that joined has gone. */
static struct {
    pthread_mutex_t lock; /* of what follows, up to `active` */
    pthread_cond_t work;  /* a new job, or fewer workers wanted */
    pthread_cond_t idle;  /* the last worker left the job */
    int wanted;           /* threads, the caller among them; 0: not yet asked the system */
    int workers;          /* started */
    int active;           /* workers inside the current job */
    uint64_t job_number;
    bool open; /* the current job takes further workers */

    pthread_mutex_t owner; /* held by the caller whose job it is */
    cd_task *task;
    void *context;
    int64_t pieces;
    atomic_llong next;
    pthread_mutex_t error_lock;
    int64_t error_piece; /* the lowest piece that failed; -1: none */
    cd_error error;
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .idle = PTHREAD_COND_INITIALIZER,
    .owner = PTHREAD_MUTEX_INITIALIZER,
    .error_lock = PTHREAD_MUTEX_INITIALIZER,
};

static _Thread_local bool inside_piece;

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : count;
}

static int wanted_threads(void)
{
    if (pool.wanted == 0) pool.wanted = processors();
    return pool.wanted;
}

bool cd_set_num_threads(int count)
{
    if (count < 1 || count > MAX_THREADS) {
        return cd_fail(CD_ERR_ARGUMENT, "set_num_threads: %d is not in 1..%d", count, MAX_THREADS);
    }
    pthread_mutex_lock(&pool.lock);
    pool.wanted = count;
    pthread_mutex_unlock(&pool.lock);
    return true;
}

int cd_num_threads(void)
{
    pthread_mutex_lock(&pool.lock);
    int count = wanted_threads();
    pthread_mutex_unlock(&pool.lock);
    return count;
}

static void remember_error(int64_t piece)
{
    pthread_mutex_lock(&pool.error_lock);
    if (pool.error_piece < 0 || piece < pool.error_piece) {
        pool.error_piece = piece;
        cd_error_take(&pool.error);
    } else {
        cd_clear_error();
    }
    pthread_mutex_unlock(&pool.error_lock);
}

/* Every piece starts without an error pending, on whichever thread, so what it does cannot depend
 * on what an earlier one met. */
static void take_pieces(void)
{
    inside_piece = true;
    for (int64_t i; (i = atomic_fetch_add(&pool.next, 1)) < pool.pieces;) {
        pool.task(i, pool.context);
        if (!cd_ok()) remember_error(i);
    }
    inside_piece = false;
}

static void *worker(void *argument)
{
    (void)argument;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (!pool.open || pool.job_number == seen || pool.active + 1 >= pool.wanted) {
            pthread_cond_wait(&pool.work, &pool.lock);
        }
        seen = pool.job_number;
        pool.active++;
        pthread_mutex_unlock(&pool.lock);
        take_pieces();
        pthread_mutex_lock(&pool.lock);
        if (--pool.active == 0) pthread_cond_signal(&pool.idle);
    }
    return NULL;
}

/* After fork only the forking thread is left: the child starts a pool of its own when it needs it.
 */
static void forget_workers(void)
{
    pool.workers = 0;
    pool.active = 0;
    pool.open = false;
    pthread_mutex_init(&pool.lock, NULL);
    pthread_mutex_init(&pool.owner, NULL);
    pthread_mutex_init(&pool.error_lock, NULL);
    pthread_cond_init(&pool.work, NULL);
    pthread_cond_init(&pool.idle, NULL);
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(NULL, NULL, forget_workers);
}

/* A system that refuses a thread leaves us with those we have: slower, not wrong. */
static void start_workers(int count)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    while (pool.workers < count) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, worker, NULL) != 0) break;
        pool.workers++;
    }
    pthread_attr_destroy(&attributes);
}

/* What is pending after a job: the error from before it, or else the one of its lowest piece. */
static void settle_errors(const cd_error *before, const cd_error *of_job)
{
    const cd_error *first = before->code != CD_OK ? before : of_job;
    if (first->code != CD_OK) (void)cd_fail(first->code, "%s", first->message);
}

static void run_here(int64_t pieces, cd_task *task, void *context)
{
    bool nested = inside_piece;
    cd_error before = { .code = CD_OK }, first = { .code = CD_OK };
    if (!cd_ok()) cd_error_take(&before);
    inside_piece = true;
    for (int64_t i = 0; i < pieces; i++) {
        task(i, context);
        if (!cd_ok()) cd_error_take(first.code == CD_OK ? &first : NULL);
    }
    inside_piece = nested;
    settle_errors(&before, &first);
}

static void run_shared(int64_t pieces, cd_task *task, void *context, int threads)
{
    pool.task = task;
    pool.context = context;
    pool.pieces = pieces;
    pool.error_piece = -1;
    pool.error.code = CD_OK;
    atomic_store(&pool.next, 0);

    cd_error before; /* kept aside so that pieces run here start clean, like those elsewhere */
    cd_error_take(&before);

    pthread_mutex_lock(&pool.lock);
    start_workers(threads - 1);
    pool.open = true;
    pool.job_number++;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.lock);

    take_pieces();

    pthread_mutex_lock(&pool.lock);
    pool.open = false;
    while (pool.active > 0) pthread_cond_wait(&pool.idle, &pool.lock);
    pthread_mutex_unlock(&pool.lock);

    settle_errors(&before, &pool.error);
}

void cd_parallel(int64_t pieces, cd_task *task, void *context)
{
    int threads = pieces > 1 && !inside_piece ? cd_num_threads() : 1;
    if (threads == 1 || pthread_mutex_trylock(&pool.owner) != 0) {
        run_here(pieces, task, context);
        return;
    }
    run_shared(pieces, task, context, threads);
    pthread_mutex_unlock(&pool.owner);
}
