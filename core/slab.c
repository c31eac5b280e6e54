#include "core/slab_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/error.h"
#include "core/thread_exit_internal.h"

enum { SLAB_BYTES = 64 * 1024, CLASSES = CD_SLAB_MAX / CD_SLAB_STEP };

/* A free piece: the first 16 bytes belong to whoever looks at a stale handle. */
typedef struct piece {
    char kept[16];
    struct piece *next;
} piece;

typedef struct slab {
    struct slab *next;
    cd_allocator allocator; /* the one it came from, and goes back to */
} slab;

/* What a thread keeps of a class, in bytes: the graph of a thousand small ops. The rest is for all:
 * see memory.c. */
enum { SHARE = 16 * SLAB_BYTES };

static _Thread_local struct {
    piece *free[CLASSES];
    int64_t room[CLASSES]; /* for so many more pieces; 0 while the thread is not registered */
    atomic_llong live;     /* taken here less given back here; written by this thread alone */
    bool registered;
    struct counter {
        atomic_llong *live;
        struct counter *next, **back;
    } counter;
} mine;

static struct {
    pthread_mutex_t lock;
    slab *slabs;
    piece *free[CLASSES];     /* for all threads */
    struct counter *counters; /* of threads that are there */
    long long live;           /* of threads that ended */
    atomic_size_t bytes;
} all = { .lock = PTHREAD_MUTEX_INITIALIZER };

static size_t class_of(size_t bytes)
{
    return (bytes - 1) / CD_SLAB_STEP;
}

static size_t step_of(size_t class_index)
{
    return (class_index + 1) * CD_SLAB_STEP;
}

static void put(piece **list, piece *p)
{
    p->next = *list;
    *list = p;
}

static piece *take(piece **list)
{
    piece *p = *list;
    if (p) *list = p->next;
    return p;
}

/* --- fork ------------------------------------------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&all.lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&all.lock);
}

/* The child has no other threads, and new ones may get their memory: what these counted is taken
 * over before. */
static void in_the_child(void)
{
    for (const struct counter *c = all.counters; c; c = c->next) {
        if (c != &mine.counter) all.live += atomic_load(c->live);
    }
    all.counters = NULL;
    if (mine.registered) {
        mine.counter.next = NULL;
        mine.counter.back = &all.counters;
        all.counters = &mine.counter;
    }
    after_fork();
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, in_the_child);
}

/* --- threads ---------------------------------------------------------------------------------- */

static __attribute__((noinline, cold)) bool enter_thread(void)
{
    if (!cd_thread_exit_register()) return false;
    mine.registered = true;
    mine.counter.live = &mine.live;
    for (size_t i = 0; i < CLASSES; i++) mine.room[i] = SHARE / (int64_t)step_of(i);
    pthread_mutex_lock(&all.lock);
    mine.counter.next = all.counters;
    mine.counter.back = &all.counters;
    if (all.counters) all.counters->back = &mine.counter.next;
    all.counters = &mine.counter;
    pthread_mutex_unlock(&all.lock);
    return true;
}

void cd_slab_thread_exit(void)
{
    if (!mine.registered) return;
    pthread_mutex_lock(&all.lock);
    for (size_t i = 0; i < CLASSES; i++) {
        for (piece *p; (p = take(&mine.free[i]));) put(&all.free[i], p);
        mine.room[i] = 0;
    }
    all.live += atomic_load(&mine.live);
    atomic_store(&mine.live, 0);
    *mine.counter.back = mine.counter.next;
    if (mine.counter.next) mine.counter.next->back = mine.counter.back;
    pthread_mutex_unlock(&all.lock);
    mine.registered = false;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static void add_live(long long change)
{
    long long live = atomic_load_explicit(&mine.live, memory_order_relaxed);
    atomic_store_explicit(&mine.live, live + change, memory_order_relaxed);
}

static void keep(piece *p, size_t class_index)
{
    mine.room[class_index]--;
    put(&mine.free[class_index], p);
}

/* Fills this thread's list from what other threads gave up, or else from a new slab. A thread takes
 * no more of the former than a slab would give it: had one thread taken all, the others that run
 * beside it would need new slabs, each time that such threads come and go. */
static bool refill(size_t class_index)
{
    const size_t step = step_of(class_index);
    size_t most = (SLAB_BYTES - CD_SLAB_STEP) / step;
    pthread_mutex_lock(&all.lock);
    for (piece *p; most > 0 && (p = take(&all.free[class_index])); most--) keep(p, class_index);
    pthread_mutex_unlock(&all.lock);
    if (mine.free[class_index]) return true;

    cd_allocator allocator = cd_memory_allocator();
    slab *fresh = cd_memory_from(&allocator, SLAB_BYTES);
    if (!fresh) return cd_memory_refused(SLAB_BYTES);
    atomic_fetch_add(&all.bytes, SLAB_BYTES);
    fresh->allocator = allocator;
    pthread_mutex_lock(&all.lock);
    fresh->next = all.slabs;
    all.slabs = fresh;
    pthread_mutex_unlock(&all.lock);

    for (size_t at = CD_SLAB_STEP; at + step <= SLAB_BYTES; at += step) {
        piece *p = (piece *)(void *)((char *)fresh + at);
        memset(p->kept, 0, sizeof p->kept);
        keep(p, class_index);
    }
    return true;
}

_Static_assert(sizeof(slab) <= CD_SLAB_STEP, "a slab's own header takes one step");

/* Takes a piece from this thread's list, which is not empty. */
static void *take_kept(size_t bytes)
{
    const size_t class_index = class_of(bytes);
    mine.room[class_index]++;
    add_live(1);
    return memset(take(&mine.free[class_index]), 0, bytes);
}

static __attribute__((noinline, cold)) void *refill_and_take(size_t bytes)
{
    if (cd_memory_fault_now(bytes)) return NULL;
    if (!mine.registered && !enter_thread()) {
        (void)cd_fail(CD_ERR_MEMORY,
                      "the system gives this thread no data of its own (pthread_key_create or "
                      "pthread_setspecific failed): its keys or its memory are used up");
        return NULL;
    }
    const size_t class_index = class_of(bytes);
    return mine.free[class_index] || refill(class_index) ? take_kept(bytes) : NULL;
}

void *cd_slab_take(size_t bytes)
{
    const bool at_hand = mine.free[class_of(bytes)] && !cd_memory_fault_hook;
    return at_hand ? take_kept(bytes) : refill_and_take(bytes);
}

/* The thread has as many as it may keep, or is not registered. */
static __attribute__((noinline, cold)) void give_to_all(piece *p, size_t class_index)
{
    const bool entered = mine.registered || enter_thread();
    if (entered) add_live(-1);
    pthread_mutex_lock(&all.lock);
    put(&all.free[class_index], p);
    if (!entered) all.live--;
    pthread_mutex_unlock(&all.lock);
}

void cd_slab_give(void *given, size_t bytes)
{
    const size_t class_index = class_of(bytes);
    if (mine.room[class_index] == 0) {
        give_to_all(given, class_index);
        return;
    }
    add_live(-1);
    keep(given, class_index);
}

int64_t cd_slab_live(void)
{
    pthread_mutex_lock(&all.lock);
    long long live = all.live;
    for (const struct counter *c = all.counters; c; c = c->next) live += atomic_load(c->live);
    pthread_mutex_unlock(&all.lock);
    return live;
}

size_t cd_slab_bytes(void)
{
    return atomic_load(&all.bytes);
}
