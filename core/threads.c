/* The thread pool behind cd_parallel. */
#include "core/threads_internal.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "core/error.h"
#include "core/float_mode_internal.h"
#include "core/fork_internal.h"

enum { MAX_THREADS = 256 };

/* The pool runs one job at a time. A thread that calls cd_parallel while another thread's job is
 * running runs its own pieces itself.
 *
 * `state` is a word that the caller and the workers change atomically:
 *
 *     bits 32..63  the number of the job
 *     bits 16..31  room: how many more workers may join the job; 0 when the job is closed
 *     bits  0..15  inside: how many workers have joined and not left
 *
 * A worker joins by subtracting 1 from the room and adding 1 to inside. It takes pieces, whose
 * indices come from `next`, until none is left, and subtracts 1 from inside. The caller takes
 * pieces too, then sets the room to 0 and waits until inside is 0.
 *
 * Jobs often follow each other closely, and waking a sleeping thread takes as long as a small job.
 * So a thread that waits first spins, reading `state`, and sleeps only if that takes too long. */
static struct {
    atomic_uint_fast64_t state;
    atomic_int wanted;     /* threads per job with the caller; 0 until cd_num_threads sets it */
    atomic_int workers;    /* threads started; changes only while `owner` is held */
    atomic_int processors; /* when workers were last started */

    /* A thread that goes to sleep first sets `sleepers` or `caller_sleeps`, then reads `state` once
     * more. A thread that changes `state` reads those afterwards. So at least one sees the other,
     * and no wake-up is lost. */
    pthread_mutex_t lock;
    pthread_cond_t work;       /* a new job */
    pthread_cond_t idle;       /* the last worker has left the job */
    atomic_int sleepers;       /* workers that wait for `work`, or are about to */
    atomic_bool caller_sleeps; /* waits for `idle`, or is about to */

    pthread_mutex_t owner; /* held by the thread whose job is running */

    /* The job. */
    cd_task *task;
    void *context;
    int64_t pieces;
    atomic_llong next;  /* the index of the next piece */
    cd_float_mode mode; /* the caller's */
    atomic_uint raised; /* floating-point exception flags of the workers */
    pthread_mutex_t error_lock;
    int64_t error_piece; /* the lowest index of a piece that failed; -1: none */
    cd_error error;      /* of that piece */
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .idle = PTHREAD_COND_INITIALIZER,
    .owner = PTHREAD_MUTEX_INITIALIZER,
    .error_lock = PTHREAD_MUTEX_INITIALIZER,
};

static const uint64_t INSIDE = 0xffff, ONE_ROOM = 0x10000, ROOM = 0xffff0000;

static _Thread_local bool inside_piece;

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : count;
}

bool cd_set_num_threads(int count)
{
    if (count < 1 || count > MAX_THREADS) {
        return cd_fail(CD_ERR_ARGUMENT, "set_num_threads: %d is not in 1..%d", count, MAX_THREADS);
    }
    atomic_store(&pool.wanted, count);
    return true;
}

int cd_num_threads(void)
{
    int count = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
    if (count > 0) return count;
    int unset = 0;
    count = processors();
    return atomic_compare_exchange_strong(&pool.wanted, &unset, count) ? count : unset;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* How long a thread spins. Longer than the time between two matrix products of a small network, and
 * about as long as falling asleep and being woken take. */
static const int64_t SPIN_NANOSECONDS = 50000;

static int64_t nanoseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Tells the processor that this is a spin loop. */
static void pause_spin(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Whether the job is open to a worker whose last job had the number `seen`. */
static bool may_join(uint64_t state, uint64_t seen)
{
    return (state & ROOM) != 0 && state >> 32 != seen;
}

static bool nobody_inside(uint64_t state, uint64_t unused)
{
    (void)unused;
    return (state & INSIDE) == 0;
}

/* Spins until `condition` is true of the state and `seen`, or for SPIN_NANOSECONDS: returns whether
 * it is true. Tests it only once if `may_spin` is false. */
static bool spin(bool (*condition)(uint64_t, uint64_t), uint64_t seen, bool may_spin)
{
    enum { TESTS_PER_CLOCK = 32 };
    int64_t end = 0;
    for (int i = 0; !condition(atomic_load(&pool.state), seen); i++) {
        if (!may_spin) return false;
        if (i % TESTS_PER_CLOCK == 0) {
            int64_t now = nanoseconds();
            if (i == 0) end = now + SPIN_NANOSECONDS;
            if (now >= end) return false;
        }
        pause_spin();
    }
    return true;
}

/* With more threads than processors, a thread that spins may take the processor from the thread
 * that it waits for. */
static bool processors_to_spin(void)
{
    return atomic_load_explicit(&pool.workers, memory_order_relaxed) <
           atomic_load_explicit(&pool.processors, memory_order_relaxed);
}

static void wait_for_work(uint64_t seen)
{
    if (spin(may_join, seen, processors_to_spin())) return;
    pthread_mutex_lock(&pool.lock);
    atomic_fetch_add(&pool.sleepers, 1);
    while (!may_join(atomic_load(&pool.state), seen)) pthread_cond_wait(&pool.work, &pool.lock);
    atomic_fetch_sub(&pool.sleepers, 1);
    pthread_mutex_unlock(&pool.lock);
}

static void wait_until_idle(void)
{
    if (spin(nobody_inside, 0, processors_to_spin())) return;
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.caller_sleeps, true);
    while (!nobody_inside(atomic_load(&pool.state), 0)) pthread_cond_wait(&pool.idle, &pool.lock);
    atomic_store(&pool.caller_sleeps, false);
    pthread_mutex_unlock(&pool.lock);
}

/* Wakes workers, so that `needed` are awake. Those that are awake already see the job
 * themselves. */
static void wake(int needed)
{
    int sleeping = atomic_load(&pool.sleepers);
    if (sleeping == 0) return;
    int awake = atomic_load(&pool.workers) - sleeping;
    pthread_mutex_lock(&pool.lock);
    for (; awake < needed; awake++) pthread_cond_signal(&pool.work);
    pthread_mutex_unlock(&pool.lock);
}

/* --- pieces ----------------------------------------------------------------------------------- */

/* Moves the thread's pending error to the job, if it is that of the lowest piece so far. */
static void record_error(int64_t piece)
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

/* Every piece starts without a pending error, on any thread, so that no piece depends on an error
 * of an earlier one. */
static void take_pieces(void)
{
    inside_piece = true;
    for (int64_t i; (i = atomic_fetch_add(&pool.next, 1)) < pool.pieces;) {
        pool.task(i, pool.context);
        if (!cd_ok()) record_error(i);
    }
    inside_piece = false;
}

/* Runs pieces in a worker as the caller would: in the caller's floating-point mode, and with the
 * exception flags collected for the caller. An exception that the caller's mode traps, traps in the
 * thread that meets it. */
static void help(void)
{
    cd_float_mode_use(&pool.mode);
    take_pieces();
    unsigned raised = cd_float_flags();
    if (raised) atomic_fetch_or(&pool.raised, raised);
}

static void *worker(void *argument)
{
    (void)argument;
    for (uint64_t seen = 0;;) {
        wait_for_work(seen);
        uint64_t state = atomic_load(&pool.state);
        while (may_join(state, seen) &&
               !atomic_compare_exchange_weak(&pool.state, &state, state - ONE_ROOM + 1)) {
        }
        if (!may_join(state, seen)) continue; /* other workers were faster */
        seen = state >> 32;
        help();
        state = atomic_fetch_sub(&pool.state, 1);
        if ((state & INSIDE) == 1 && atomic_load(&pool.caller_sleeps)) {
            pthread_mutex_lock(&pool.lock);
            pthread_cond_signal(&pool.idle);
            pthread_mutex_unlock(&pool.lock);
        }
    }
    return NULL;
}

/* In the child the workers do not exist: the pool is reset, and starts new workers when it needs
 * them. */
static void forget_workers(void)
{
    atomic_store(&pool.workers, 0);
    atomic_store(&pool.sleepers, 0);
    atomic_store(&pool.caller_sleeps, false);
    atomic_store(&pool.state, 0);
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

/* Starts workers until there are `count`. If the system refuses one, the pool goes on with those it
 * has: results are the same, but slower. */
static void start_workers(int count)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    atomic_store(&pool.processors, processors());
    while (atomic_load(&pool.workers) < count) {
        pthread_t thread;
        atomic_fetch_add(&pool.workers, 1);
        if (pthread_create(&thread, &attributes, worker, NULL) == 0) continue;
        atomic_fetch_sub(&pool.workers, 1);
        break;
    }
    pthread_attr_destroy(&attributes);
}

/* Sets the pending error after a job: the one from before the job, or else that of the lowest
 * piece. */
static void settle_errors(const cd_error *before, const cd_error *of_job)
{
    const cd_error *first = before->code != CD_OK ? before : of_job;
    if (first->code != CD_OK) (void)cd_fail(first->code, "%s", first->message);
}

/* Runs the pieces one by one in this thread. */
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

/* Runs the pieces in this thread and in workers. */
static void run_shared(int64_t pieces, cd_task *task, void *context, int threads)
{
    pool.task = task;
    pool.context = context;
    pool.pieces = pieces;
    pool.error_piece = -1;
    pool.error.code = CD_OK;
    atomic_store(&pool.next, 0);
    pool.mode = cd_float_mode_read();
    atomic_store(&pool.raised, 0);

    cd_error before; /* set aside, so that pieces in this thread start without an error too */
    cd_error_take(&before);

    int helpers = (int)(pieces < threads ? pieces : threads) - 1;
    if (atomic_load(&pool.workers) < helpers) start_workers(helpers);
    uint64_t number = (atomic_load(&pool.state) >> 32) + 1;
    atomic_store(&pool.state, number << 32 | (uint64_t)helpers * ONE_ROOM);
    wake(helpers);

    take_pieces();

    atomic_fetch_and(&pool.state, ~ROOM);
    wait_until_idle();
    cd_float_flags_add(atomic_load(&pool.raised));

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

void cd_parallel_alone(void)
{
    inside_piece = true;
}
