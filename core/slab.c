/* Slabs of 64 KiB, cut into pieces of one size; free lists per thread, and shared ones. */
#include "core/slab_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/error.h"
#include "core/sanitizer_internal.h"
#include "core/thread_exit_internal.h"

enum { SLAB_BYTES = 64 * 1024, CLASSES = CD_SLAB_MAX / CD_SLAB_STEP };

/* A free piece. Its first 16 bytes are not touched: they hold the kind of the object that was
 * there, for checks of stale pointers. */
typedef struct piece {
    char untouched[16];
    struct piece *next;
} piece;

/* The header of a slab, at its beginning. */
typedef struct slab {
    struct slab *next;
    cd_allocator allocator; /* that the slab came from */
} slab;

/* The most bytes of free pieces of each class that a thread keeps for itself: enough for the graph
 * of a thousand small ops. The rest goes to the shared lists, as in memory.c. */
enum { THREAD_BYTES = 16 * SLAB_BYTES };

/* A thread's count of live pieces, in the list of all threads' counts. */
typedef struct counter {
    atomic_llong *live;
    struct counter *next, **back; /* back: the pointer that points here */
} counter;

static _Thread_local struct {
    piece *free[CLASSES];
    int64_t room[CLASSES]; /* how many more pieces `free` may have; 0 if not registered */
    atomic_llong live;     /* pieces that this thread took minus those it gave back */
    bool registered;       /* cd_slab_thread_exit will run when this thread ends */
    counter counter;
} local;

static struct {
    pthread_mutex_t lock; /* guards everything but `bytes` */
    slab *slabs;
    piece *free[CLASSES];
    counter *counters; /* of the threads that exist */
    long long live;    /* the sum of `live` over threads that have ended */
    atomic_size_t bytes;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t class_of(size_t bytes)
{
    return (bytes - 1) / CD_SLAB_STEP;
}

static size_t bytes_of(size_t class_index)
{
    return (class_index + 1) * CD_SLAB_STEP;
}

/* Of a free piece only what is declared above may be used, so that the address sanitizer reports
 * the use of an object after its end. */
static void set_free(piece *p, size_t class_index)
{
    cd_set_usable(p, sizeof *p, bytes_of(class_index));
}

static void push(piece **list, piece *p)
{
    p->next = *list;
    *list = p;
}

static piece *pop(piece **list)
{
    piece *p = *list;
    if (p) *list = p->next;
    return p;
}

/* --- fork ------------------------------------------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&shared.lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&shared.lock);
}

/* In the child the other threads do not exist, and new ones may reuse the memory of their
 * counters: so their counts are added to shared.live, and the list is left with this thread's
 * counter alone. */
static void after_fork_in_child(void)
{
    for (const counter *c = shared.counters; c; c = c->next) {
        if (c != &local.counter) shared.live += atomic_load(c->live);
    }
    shared.counters = NULL;
    if (local.registered) {
        local.counter.next = NULL;
        local.counter.back = &shared.counters;
        shared.counters = &local.counter;
    }
    after_fork();
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* --- threads ---------------------------------------------------------------------------------- */

static __attribute__((noinline, cold)) bool enter_thread(void)
{
    if (!cd_thread_exit_register()) return false;
    local.registered = true;
    local.counter.live = &local.live;
    for (size_t i = 0; i < CLASSES; i++) local.room[i] = THREAD_BYTES / (int64_t)bytes_of(i);
    pthread_mutex_lock(&shared.lock);
    local.counter.next = shared.counters;
    local.counter.back = &shared.counters;
    if (shared.counters) shared.counters->back = &local.counter.next;
    shared.counters = &local.counter;
    pthread_mutex_unlock(&shared.lock);
    return true;
}

void cd_slab_thread_exit(void)
{
    if (!local.registered) return;
    pthread_mutex_lock(&shared.lock);
    for (size_t i = 0; i < CLASSES; i++) {
        for (piece *p; (p = pop(&local.free[i]));) push(&shared.free[i], p);
        local.room[i] = 0;
    }
    shared.live += atomic_load(&local.live);
    atomic_store(&local.live, 0);
    *local.counter.back = local.counter.next;
    if (local.counter.next) local.counter.next->back = local.counter.back;
    pthread_mutex_unlock(&shared.lock);
    local.registered = false;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static void add_live(long long change)
{
    long long live = atomic_load_explicit(&local.live, memory_order_relaxed);
    atomic_store_explicit(&local.live, live + change, memory_order_relaxed);
}

/* Adds a free piece to this thread's list, which has room for it. */
static void keep_local(piece *p, size_t class_index)
{
    local.room[class_index]--;
    push(&local.free[class_index], p);
}

/* Fills this thread's empty list from the shared list, or from a new slab if that is empty too.
 * Takes at most a slab's worth from the shared list: if one thread took everything, threads that
 * run beside it would need new slabs, every time that such threads come and go. */
static bool refill(size_t class_index)
{
    const size_t bytes = bytes_of(class_index);
    size_t max = (SLAB_BYTES - CD_SLAB_STEP) / bytes;
    pthread_mutex_lock(&shared.lock);
    for (piece *p; max > 0 && (p = pop(&shared.free[class_index])); max--)
        keep_local(p, class_index);
    pthread_mutex_unlock(&shared.lock);
    if (local.free[class_index]) return true;

    cd_allocator allocator = cd_memory_allocator();
    slab *fresh = cd_memory_from(&allocator, SLAB_BYTES);
    if (!fresh) return cd_memory_refused(SLAB_BYTES);
    atomic_fetch_add(&shared.bytes, SLAB_BYTES);
    fresh->allocator = allocator;
    pthread_mutex_lock(&shared.lock);
    fresh->next = shared.slabs;
    shared.slabs = fresh;
    pthread_mutex_unlock(&shared.lock);

    for (size_t offset = CD_SLAB_STEP; offset + bytes <= SLAB_BYTES; offset += bytes) {
        piece *p = (piece *)(void *)((char *)fresh + offset);
        memset(p->untouched, 0, sizeof p->untouched);
        set_free(p, class_index);
        keep_local(p, class_index);
    }
    return true;
}

_Static_assert(sizeof(slab) <= CD_SLAB_STEP, "a slab's own header fits in one step");

/* Takes a piece from this thread's list, which is not empty. */
static void *take_local(size_t bytes)
{
    const size_t class_index = class_of(bytes);
    local.room[class_index]++;
    add_live(1);
    piece *p = pop(&local.free[class_index]);
    cd_set_usable(p, bytes, bytes_of(class_index));
    return memset(p, 0, bytes);
}

static __attribute__((noinline, cold)) void *refill_and_take(size_t bytes)
{
    if (cd_memory_fault_now(bytes)) return NULL;
    if (!local.registered && !enter_thread()) {
        (void)cd_fail(CD_ERR_MEMORY,
                      "the system gives this thread no data of its own (pthread_key_create or "
                      "pthread_setspecific failed): its keys or its memory are used up");
        return NULL;
    }
    const size_t class_index = class_of(bytes);
    return local.free[class_index] || refill(class_index) ? take_local(bytes) : NULL;
}

void *cd_slab_take(size_t bytes)
{
    const bool ready = local.free[class_of(bytes)] && !cd_memory_fault_hook;
    return ready ? take_local(bytes) : refill_and_take(bytes);
}

/* For a thread whose list is full, or that is not registered. */
static __attribute__((noinline, cold)) void give_to_shared(piece *p, size_t class_index)
{
    const bool entered = local.registered || enter_thread();
    if (entered) add_live(-1);
    pthread_mutex_lock(&shared.lock);
    push(&shared.free[class_index], p);
    if (!entered) shared.live--;
    pthread_mutex_unlock(&shared.lock);
}

void cd_slab_give(void *given, size_t bytes)
{
    const size_t class_index = class_of(bytes);
    set_free(given, class_index);
    if (local.room[class_index] == 0) {
        give_to_shared(given, class_index);
        return;
    }
    add_live(-1);
    keep_local(given, class_index);
}

int64_t cd_slab_live(void)
{
    pthread_mutex_lock(&shared.lock);
    long long live = shared.live;
    for (const counter *c = shared.counters; c; c = c->next) live += atomic_load(c->live);
    pthread_mutex_unlock(&shared.lock);
    return live;
}

size_t cd_slab_bytes(void)
{
    return atomic_load(&shared.bytes);
}
