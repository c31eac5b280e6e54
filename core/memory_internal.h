/* Memory, for the library's own files. */
#ifndef CANDELA_CORE_MEMORY_INTERNAL_H
#define CANDELA_CORE_MEMORY_INTERNAL_H

#include "core/memory.h"

/* At least `bytes` (1 if 0) aligned to 64, contents undefined; or NULL with CD_ERR_MEMORY set. The
 * caller owns it and gives it back with cd_free, on any thread. */
void *cd_alloc(size_t bytes);
/* The same, zeroed, for `count` items of `size` bytes; the product is checked. */
void *cd_alloc_zeroed(size_t count, size_t size);
/* Grows or shrinks; the contents up to the smaller size are kept. NULL leaves `pointer` as it was.
 */
void *cd_realloc(void *pointer, size_t bytes);
/* NULL is allowed. */
void cd_free(void *pointer);
/* A copy of a NUL-terminated string, owned by the caller. */
char *cd_strdup(const char *string);

/* For tests: asked before each allocation, cd_slab_take's too; true makes it fail. */
typedef bool cd_memory_fault(size_t bytes);
extern cd_memory_fault *cd_memory_fault_hook;
/* Asks the hook; when it says so, sets CD_ERR_MEMORY and returns true. */
bool cd_memory_fault_asked(size_t bytes);
static inline bool cd_memory_fault_now(size_t bytes)
{
    return __builtin_expect(cd_memory_fault_hook != NULL, 0) && cd_memory_fault_asked(bytes);
}

/* Whether so many bytes more would be within the limit, once the cache is given back; and the error
 * when they would not, or the system has none. Returns false. */
bool cd_memory_within_limit(size_t bytes);
bool cd_memory_refused(size_t bytes);

/* The allocator in force, the standard one included. */
cd_allocator cd_memory_allocator(void);
/* So many bytes from this allocator, which is asked once more (and counted once, in system_calls)
 * when the cache has been given back to it. NULL, without an error, when it has none even then or
 * the limit does not allow them. */
void *cd_memory_from(const cd_allocator *allocator, size_t bytes);
/* Hands the ending thread's cached blocks over to those that remain. */
void cd_memory_thread_exit(void);

/* Size arithmetic that cannot wrap: false, and *out untouched, when the result does not fit. */
static inline bool cd_checked_mul(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

static inline bool cd_checked_add(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}

/* The bytes of `count` elements. False for a count below 0, too: nothing is cut to a size_t of 32
 * bits on the way. */
static inline bool cd_checked_bytes(int64_t count, size_t element, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(count, element, &product)) return false;
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
