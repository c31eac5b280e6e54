/* The allocator behind cd_alloc: size classes, a cache per thread and a shared one, the limit and
 * the counters. */
#include "core/memory_internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/error.h"
#include "core/fork_internal.h"
#include "core/sanitizer_internal.h"
#include "core/slab_internal.h"
#include "core/thread_exit_internal.h"

/* A block is a header of 64 bytes followed by the caller's memory, both aligned to 64. Block sizes
 * are rounded up to a size class; there are four per power of two, so at most a fifth of a block is
 * wasted, and any freed block of a class serves any request of that class. */
enum { ALIGNMENT = 64, CLASSES = 4 * 64 };

typedef struct block {
    struct block *next; /* in the free list of a cache */
    size_t bytes;       /* of the whole block, header included: the size of its class */
    int class_index;
} block;

_Static_assert(sizeof(block) <= ALIGNMENT, "the header fits before the caller's first byte");

/* A free list for each class, and the bytes in it. */
typedef struct cache {
    block *head[CLASSES];
    size_t bytes[CLASSES];
} cache;

/* The most bytes of each class that a thread caches for itself. What it frees beyond that, and its
 * cache when it ends, goes to the shared cache. So blocks that one thread allocates and another
 * frees find their way back to the first. */
static const size_t THREAD_CACHE_BYTES = 1 << 20;

static _Thread_local cache thread_cache;
static _Thread_local bool registered; /* cd_memory_thread_exit will run when this thread ends */

static struct {
    pthread_mutex_t lock;   /* guards `allocator` and `shared` */
    cd_allocator allocator; /* .allocate is NULL for the standard one */
    cache shared;
    atomic_size_t in_use, peak, cached, limit, cache_limit; /* bytes */
    atomic_llong blocks, calls;
} memory = { .lock = PTHREAD_MUTEX_INITIALIZER, .cache_limit = SIZE_MAX };

cd_memory_fault *cd_memory_fault_hook;

/* --- fork ------------------------------------------------------------------------------------- */

/* fork takes the lock first: in the child only the forking thread exists, so a lock that another
 * thread held would never be released. */
static void before_fork(void)
{
    pthread_mutex_lock(&memory.lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&memory.lock);
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* --- the allocator ---------------------------------------------------------------------------- */

#ifdef MADV_HUGEPAGE
/* Large blocks ask the system for huge pages: with small ones, misses of the address translation
 * cost a sum over 64 MB a tenth of its time. Classes of LARGE_BLOCK or more are multiples of
 * LARGE_PAGE, as aligned_alloc requires. */
static const size_t LARGE_PAGE = (size_t)2 << 20, LARGE_BLOCK = (size_t)8 << 20;
#endif

static void *standard_allocate(size_t bytes, void *user)
{
    (void)user;
#ifdef MADV_HUGEPAGE
    if (bytes >= LARGE_BLOCK) {
        void *large = aligned_alloc(LARGE_PAGE, bytes);
        if (large) (void)madvise(large, bytes, MADV_HUGEPAGE); /* only a hint */
        return large;
    }
#endif
    return aligned_alloc(ALIGNMENT, bytes);
}

static void standard_release(void *pointer, size_t bytes, void *user)
{
    (void)bytes;
    (void)user;
    free(pointer);
}

cd_allocator cd_memory_allocator(void)
{
    pthread_mutex_lock(&memory.lock);
    cd_allocator allocator = memory.allocator;
    pthread_mutex_unlock(&memory.lock);
    if (!allocator.allocate)
        allocator = (cd_allocator){ standard_allocate, standard_release, NULL };
    return allocator;
}

static void raise_peak(size_t in_use)
{
    size_t peak = atomic_load_explicit(&memory.peak, memory_order_relaxed);
    while (in_use > peak && !atomic_compare_exchange_weak(&memory.peak, &peak, in_use)) continue;
}

/* The caller may use only the first `bytes` of the block, and not the rest of the size class. */
static void set_bounds(block *b, size_t bytes)
{
    cd_set_usable((char *)b + ALIGNMENT, bytes, b->bytes - ALIGNMENT);
}

static void release_block(block *b)
{
    set_bounds(b, b->bytes - ALIGNMENT);
    cd_allocator allocator = cd_memory_allocator();
    atomic_fetch_sub(&memory.cached, b->bytes);
    allocator.release(b, b->bytes, allocator.user);
}

static void push(cache *c, block *b)
{
    b->next = c->head[b->class_index];
    c->head[b->class_index] = b;
    c->bytes[b->class_index] += b->bytes;
}

static block *pop(cache *c, int class_index)
{
    block *b = c->head[class_index];
    if (!b) return NULL;
    c->head[class_index] = b->next;
    c->bytes[class_index] -= b->bytes;
    return b;
}

static void release_cache(cache *c)
{
    for (int i = 0; i < CLASSES; i++) {
        for (block *b; (b = pop(c, i));) release_block(b);
    }
}

void cd_memory_trim(void)
{
    release_cache(&thread_cache);
    pthread_mutex_lock(&memory.lock);
    cache shared = memory.shared;
    memory.shared = (cache){ .head = { NULL } };
    pthread_mutex_unlock(&memory.lock);
    release_cache(&shared);
}

bool cd_set_allocator(const cd_allocator *allocator)
{
    if (allocator && (!allocator->allocate || !allocator->release)) {
        return cd_fail(CD_ERR_ARGUMENT, "set_allocator: allocate and release must both be given");
    }
    cd_memory_trim();
    long long blocks = atomic_load(&memory.blocks);
    if (blocks > 0 || atomic_load(&memory.cached) > 0) {
        return cd_fail(
            CD_ERR_STATE,
            "set_allocator: %lld blocks of the present allocator are in use and %zu bytes "
            "lie in the caches of other threads",
            blocks, atomic_load(&memory.cached));
    }
    pthread_mutex_lock(&memory.lock);
    memory.allocator = allocator ? *allocator : (cd_allocator){ .user = NULL };
    pthread_mutex_unlock(&memory.lock);
    return true;
}

/* --- the cache -------------------------------------------------------------------------------- */

/* bytes = 2^log2 (1 + quarter/4), rounded down. */
static void split(size_t bytes, int *log2, int *quarter)
{
    *log2 = 63 - __builtin_clzll(bytes);
    *quarter = (int)((bytes >> (*log2 - 2)) & 3);
}

/* The smallest class whose blocks hold `bytes` (at least 128), and the size of its blocks; -1 for
 * more than a quarter of the address space. */
static int class_of(size_t bytes, size_t *class_bytes)
{
    if (bytes > SIZE_MAX / 4) return -1;
    int log2, quarter;
    split(bytes, &log2, &quarter);
    size_t step = (size_t)1 << (log2 - 2);
    size_t rounded = (bytes + step - 1) & ~(step - 1);
    split(rounded, &log2, &quarter);
    *class_bytes = (rounded + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return log2 * 4 + quarter;
}

/* Whether a freed block may stay in the cache. Never under the address sanitizer, so that it
 * reports each use after free. */
static bool may_cache(size_t bytes)
{
#if defined(CD_SANITIZED)
    (void)bytes;
    return false;
#else
    size_t limit = atomic_load_explicit(&memory.cache_limit, memory_order_relaxed);
    return bytes <= limit &&
           atomic_load_explicit(&memory.cached, memory_order_relaxed) <= limit - bytes;
#endif
}

static block *take_cached(int class_index)
{
    block *b = pop(&thread_cache, class_index);
    if (!b) {
        pthread_mutex_lock(&memory.lock);
        b = pop(&memory.shared, class_index);
        pthread_mutex_unlock(&memory.lock);
    }
    if (b) atomic_fetch_sub_explicit(&memory.cached, b->bytes, memory_order_relaxed);
    return b;
}

static bool fits(size_t bytes, size_t limit)
{
    size_t total = atomic_load(&memory.in_use) + atomic_load(&memory.cached) + cd_slab_bytes();
    return total <= limit && bytes <= limit - total;
}

bool cd_memory_within_limit(size_t bytes)
{
    size_t limit = atomic_load_explicit(&memory.limit, memory_order_relaxed);
    if (limit == 0 || fits(bytes, limit)) return true;
    cd_memory_trim();
    return fits(bytes, limit);
}

void *cd_memory_from(const cd_allocator *allocator, size_t bytes)
{
    if (!cd_memory_within_limit(bytes)) return NULL;
    atomic_fetch_add_explicit(&memory.calls, 1, memory_order_relaxed);
    void *fresh = allocator->allocate(bytes, allocator->user);
    if (!fresh) {
        cd_memory_trim();
        fresh = allocator->allocate(bytes, allocator->user);
    }
    return fresh;
}

bool cd_memory_refused(size_t bytes)
{
    size_t limit = atomic_load(&memory.limit);
    if (limit == 0) return cd_fail(CD_ERR_MEMORY, "out of memory: %zu bytes were asked for", bytes);
    return cd_fail(CD_ERR_MEMORY,
                   "out of memory: %zu bytes were asked for, %zu are in use and %zu taken for "
                   "headers, the limit is %zu",
                   bytes, atomic_load(&memory.in_use), cd_slab_bytes(), limit);
}

bool cd_memory_fault_asked(size_t bytes)
{
    if (!cd_memory_fault_hook(bytes)) return false;
    (void)cd_fail(CD_ERR_MEMORY, "out of memory: %zu bytes were asked for", bytes);
    return true;
}

void *cd_alloc(size_t bytes)
{
    if (cd_memory_fault_now(bytes)) return NULL;
    size_t block_bytes, class_bytes;
    int class_index = -1;
    if (cd_checked_add(bytes < ALIGNMENT ? ALIGNMENT : bytes, ALIGNMENT, &block_bytes)) {
        class_index = class_of(block_bytes, &class_bytes);
    }
    if (class_index < 0) {
        (void)cd_memory_refused(bytes);
        return NULL;
    }
    block *b = take_cached(class_index);
    if (!b) {
        cd_allocator allocator = cd_memory_allocator();
        b = cd_memory_from(&allocator, class_bytes);
        if (!b) {
            (void)cd_memory_refused(bytes);
            return NULL;
        }
        b->bytes = class_bytes;
        b->class_index = class_index;
    }
    atomic_fetch_add_explicit(&memory.blocks, 1, memory_order_relaxed);
    raise_peak(atomic_fetch_add_explicit(&memory.in_use, b->bytes, memory_order_relaxed) +
               b->bytes);
    set_bounds(b, bytes);
    return (char *)b + ALIGNMENT;
}

void cd_free(void *pointer)
{
    if (!pointer) return;
    block *b = (block *)(void *)((char *)pointer - ALIGNMENT);
    atomic_fetch_sub_explicit(&memory.blocks, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&memory.in_use, b->bytes, memory_order_relaxed);
    bool keep = may_cache(b->bytes);
    atomic_fetch_add_explicit(&memory.cached, b->bytes, memory_order_relaxed);
    if (!keep) {
        release_block(b);
        return;
    }
    if (thread_cache.bytes[b->class_index] + b->bytes <= THREAD_CACHE_BYTES &&
        (registered || (registered = cd_thread_exit_register()))) {
        push(&thread_cache, b);
    } else {
        pthread_mutex_lock(&memory.lock);
        push(&memory.shared, b);
        pthread_mutex_unlock(&memory.lock);
    }
}

void cd_memory_thread_exit(void)
{
    pthread_mutex_lock(&memory.lock);
    for (int i = 0; i < CLASSES; i++) {
        for (block *b; (b = pop(&thread_cache, i));) push(&memory.shared, b);
    }
    pthread_mutex_unlock(&memory.lock);
    registered = false;
}

void *cd_alloc_zeroed(size_t count, size_t size)
{
    size_t bytes;
    if (!cd_checked_mul(count, size, &bytes)) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory: %zu times %zu bytes overflow", count, size);
        return NULL;
    }
    void *pointer = cd_alloc(bytes);
    if (pointer) memset(pointer, 0, bytes);
    return pointer;
}

void *cd_realloc(void *pointer, size_t bytes)
{
    if (!pointer) return cd_alloc(bytes);
    block *b = (block *)(void *)((char *)pointer - ALIGNMENT);
    size_t capacity = b->bytes - ALIGNMENT;
    if (bytes <= capacity && bytes >= capacity / 2) {
        set_bounds(b, bytes);
        return pointer;
    }
    void *larger = cd_alloc(bytes);
    if (!larger) return NULL;
    set_bounds(b, capacity); /* the copy reads up to the end of the block */
    memcpy(larger, pointer, bytes < capacity ? bytes : capacity);
    cd_free(pointer);
    return larger;
}

char *cd_strdup(const char *string)
{
    size_t bytes = strlen(string) + 1;
    char *copy = cd_alloc(bytes);
    if (copy) memcpy(copy, string, bytes);
    return copy;
}

/* --- counters --------------------------------------------------------------------------------- */

cd_memory_info cd_memory_stats(void)
{
    return (cd_memory_info){
        .bytes_in_use = atomic_load(&memory.in_use),
        .bytes_peak = atomic_load(&memory.peak),
        .bytes_cached = atomic_load(&memory.cached),
        .bytes_headers = cd_slab_bytes(),
        .bytes_limit = atomic_load(&memory.limit),
        .blocks_in_use = atomic_load(&memory.blocks),
        .system_calls = atomic_load(&memory.calls),
        .objects = cd_slab_live(),
    };
}

void cd_memory_reset_peak(void)
{
    atomic_store(&memory.peak, atomic_load(&memory.in_use));
}

void cd_memory_limit(size_t bytes)
{
    atomic_store(&memory.limit, bytes);
}

void cd_memory_cache_limit(size_t bytes)
{
    atomic_store(&memory.cache_limit, bytes);
    if (atomic_load(&memory.cached) > bytes) cd_memory_trim();
}
