/* Allocation for the library's own files, the hook that makes it fail in tests, the limit, and size
 * arithmetic that cannot overflow. */
#ifndef CANDELA_CORE_MEMORY_INTERNAL_H
#define CANDELA_CORE_MEMORY_INTERNAL_H

#include "core/memory.h"

/* At least `bytes` bytes aligned to 64, contents undefined; NULL with CD_ERR_MEMORY. 0 bytes are
 * valid and give a pointer that is not NULL. The caller owns the memory and frees it with cd_free,
 * on any thread. */
void *cd_alloc(size_t bytes);
/* As cd_alloc, zeroed, for `count` items of `size` bytes; a product that overflows is
 * CD_ERR_MEMORY. */
void *cd_alloc_zeroed(size_t count, size_t size);
/* As realloc: the contents up to the smaller size stay. On failure returns NULL with CD_ERR_MEMORY,
 * and `pointer` stays valid. */
void *cd_realloc(void *pointer, size_t bytes);
/* As free; NULL is allowed. */
void cd_free(void *pointer);
/* A copy of a NUL-terminated string, owned by the caller. */
char *cd_strdup(const char *string);

/* Fault injection, for tests: when the hook is set it is called before each allocation (by cd_alloc
 * and cd_slab_take), and the allocation fails if it returns true. */
typedef bool cd_memory_fault(size_t bytes);
extern cd_memory_fault *cd_memory_fault_hook;
/* Calls the hook, which is set. If it returns true, sets CD_ERR_MEMORY and returns true. */
bool cd_memory_fault_asked(size_t bytes);
/* Whether an allocation of `bytes` must fail now. */
static inline bool cd_memory_fault_now(size_t bytes)
{
    return __builtin_expect(cd_memory_fault_hook != NULL, 0) && cd_memory_fault_asked(bytes);
}

/* Whether `bytes` more are within cd_memory_limit; trims the cache if they are not at first. Sets
 * no error. */
bool cd_memory_within_limit(size_t bytes);
/* Sets CD_ERR_MEMORY, with a message for an allocation of `bytes` that exceeds the limit or that
 * the system refused. Always returns false. */
bool cd_memory_refused(size_t bytes);

/* The allocator in use: the one of cd_set_allocator, or the standard one. */
cd_allocator cd_memory_allocator(void);
/* `bytes` bytes from the allocator. If it has none, the cache is trimmed and it is asked again,
 * which system_calls counts as one call. NULL, without an error, when that fails too or the limit
 * forbids it. */
void *cd_memory_from(const cd_allocator *allocator, size_t bytes);
/* Moves the ending thread's cached blocks to the shared cache. */
void cd_memory_thread_exit(void);

/* Arithmetic that cannot overflow: if the result does not fit, returns false and leaves *out as it
 * was. So do the functions below. */
static inline bool cd_checked_mul(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

/* For a block that holds several arrays: the next `bytes` bytes of it, from *next on. The sizes
 * must be multiples of the alignment that the later arrays need. */
static inline void *cd_memory_part(char **next, size_t bytes)
{
    void *part = *next;
    *next += bytes;
    return part;
}

static inline bool cd_checked_add(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}

/* The bytes of `count` elements of `size` bytes. Also false for a negative count. `count` is not
 * cut to 32 bits where size_t has 32. */
static inline bool cd_checked_bytes(int64_t count, size_t size, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(count, size, &product)) return false;
    *out = product;
    return true;
}

static inline bool cd_checked_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

static inline bool cd_checked_add_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}

#endif
