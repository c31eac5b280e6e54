/* Memory: a replaceable allocator, a cache of freed blocks above it, counters and a limit.
 *
 * All memory of tensors, graphs and modules comes from here. Freed blocks are cached by size: at
 * most 1 MiB of each size per thread, the rest in a cache that all threads share. So a training
 * step in steady state needs no memory from the system. */
#ifndef CANDELA_CORE_MEMORY_H
#define CANDELA_CORE_MEMORY_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Where memory comes from. Both functions may be called from any thread. */
typedef struct cd_allocator {
    /* Returns `bytes` bytes aligned to 64, or NULL. */
    void *(*allocate)(size_t bytes, void *user);
    /* Gets what allocate returned, with the same `bytes`. */
    void (*release)(void *pointer, size_t bytes, void *user);
    void *user; /* passed to both */
} cd_allocator;

/* Replaces the allocator; NULL restores the standard one (aligned_alloc and free). Cached blocks
 * are first released to the old allocator. Returns false with CD_ERR_STATE while blocks of the old
 * allocator are in use or in the caches of other threads. */
CD_API bool cd_set_allocator(const cd_allocator *allocator);

typedef struct cd_memory_info {
    size_t bytes_in_use;   /* in blocks now: elements of tensors, and everything else but headers */
    size_t bytes_peak;     /* the highest bytes_in_use since cd_memory_reset_peak */
    size_t bytes_cached;   /* freed, and kept for reuse */
    size_t bytes_headers;  /* for headers of objects, in use or free; does not shrink. At most what
                              the objects at the busiest moment needed, and 1 MiB of each size of
                              header per thread */
    size_t bytes_limit;    /* of cd_memory_limit; 0: none */
    int64_t blocks_in_use; /* allocated and not yet freed */
    int64_t system_calls;  /* how often the allocator was asked for memory since the start */
    int64_t objects;       /* headers in use: of tensors, storages, graph nodes, modules, ... */
} cd_memory_info;

CD_API cd_memory_info cd_memory_stats(void);
/* Sets bytes_peak to bytes_in_use. */
CD_API void cd_memory_reset_peak(void);

/* Limits bytes_in_use + bytes_cached + bytes_headers; 0, the default, is no limit. An allocation
 * that would exceed the limit first empties the cache, except for what other running threads have
 * cached for themselves (at most 1 MiB of each size per thread), and fails with CD_ERR_MEMORY if
 * that is not enough. */
CD_API void cd_memory_limit(size_t bytes);

/* Limits bytes_cached; blocks freed beyond the limit go back to the allocator at once. SIZE_MAX,
 * the default, is no limit; 0 turns the cache off. */
CD_API void cd_memory_cache_limit(size_t bytes);

/* Releases the blocks in this thread's cache and in the shared one to the allocator. */
CD_API void cd_memory_trim(void);

CD_END_DECLS

#endif
