/* Memory: one replaceable seam, a cache above it, counters and a limit.
 *
 * All memory of tensors, graphs and modules comes through here. Freed blocks are kept in lists by
 * size, a few per thread and the rest for all threads, so that a training step in steady state asks
 * the system for nothing. */
#ifndef CANDELA_CORE_MEMORY_H
#define CANDELA_CORE_MEMORY_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Where memory comes from. allocate returns `bytes` aligned to 64, or NULL; release gets the same
 * `bytes` back. Both may be called from any thread. */
typedef struct cd_allocator {
    void *(*allocate)(size_t bytes, void *user);
    void (*release)(void *pointer, size_t bytes, void *user);
    void *user;
} cd_allocator;

/* Replaces the allocator; NULL brings the standard one back. Blocks in the cache are given back to
 * the old one first. CD_ERR_STATE, and false, while blocks of the old one are in use. */
CD_API bool cd_set_allocator(const cd_allocator *allocator);

typedef struct cd_memory_info {
    size_t bytes_in_use;   /* in elements of tensors and other blocks now */
    size_t bytes_peak;     /* the most that was in use at once, since cd_memory_reset_peak */
    size_t bytes_cached;   /* freed and kept for reuse */
    size_t bytes_headers;  /* for headers of objects, in use or free: what the most that were there
                              at once have needed, and at most 1 MiB of each size per thread */
    size_t bytes_limit;    /* 0: none */
    int64_t blocks_in_use; /* pieces of memory handed out and not yet given back */
    int64_t system_calls;  /* how often the allocator was asked, ever */
    int64_t
        objects; /* headers of tensors, their storages, graph nodes, modules, ... that exist now */
} cd_memory_info;

CD_API cd_memory_info cd_memory_stats(void);
CD_API void cd_memory_reset_peak(void);

/* The most that may be in use, cached and taken for headers at once, in bytes; 0 for no limit (the
 * default). Before an allocation is refused with CD_ERR_MEMORY the cache is given back, but for
 * what other threads that are still there keep for themselves: at most 1 MiB of each size. */
CD_API void cd_memory_limit(size_t bytes);

/* The most that freed blocks may amount to, in bytes, over all threads; what is freed beyond that
 * goes back to the allocator at once. SIZE_MAX (no bound) at first; 0 turns the cache off. */
CD_API void cd_memory_cache_limit(size_t bytes);

/* Gives the cached blocks of this thread, and those for all threads, back to the allocator. */
CD_API void cd_memory_trim(void);

CD_END_DECLS

#endif
