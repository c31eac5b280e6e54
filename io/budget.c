/* The budget and the text pool of budget_internal.h. */
#include "io/budget_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"

static bool charge(cd_budget *budget, size_t bytes)
{
    if (bytes <= budget->limit && budget->used <= budget->limit - bytes) {
        budget->used += bytes;
        return true;
    }
    return cd_fail(CD_ERR_MEMORY,
                   "%s: names, shapes and other descriptions in it need more than the %zu bytes "
                   "allowed for them",
                   budget->label, budget->limit);
}

bool cd_budget_grow(cd_budget *budget, void *array, size_t *capacity, size_t count,
                    size_t item_bytes)
{
    if (count <= *capacity) return true;
    size_t wanted = *capacity < 8 ? 16 : *capacity * 2;
    if (wanted < count) wanted = count;
    size_t bytes;
    if (!cd_checked_mul(wanted, item_bytes, &bytes)) bytes = SIZE_MAX;
    if (!charge(budget, bytes)) return false;
    void *old, *larger;
    memcpy(&old, array, sizeof old); /* `array` is the address of a pointer to items of any type */
    larger = cd_realloc(old, bytes);
    if (!larger) {
        budget->used -= bytes;
        return false;
    }
    budget->used -= *capacity * item_bytes;
    *capacity = wanted;
    memcpy(array, &larger, sizeof larger);
    return true;
}

void cd_budget_release(cd_budget *budget, void *array, size_t *capacity, size_t item_bytes)
{
    void *old, *none = NULL;
    memcpy(&old, array, sizeof old);
    cd_free(old);
    budget->used -= *capacity * item_bytes;
    *capacity = 0;
    memcpy(array, &none, sizeof none);
}

typedef struct cd_text_chunk {
    struct cd_text_chunk *next;
    size_t used;
    size_t size;
    char text[];
} cd_text_chunk;

enum { CHUNK = 4000 }; /* bytes of a chunk; a longer text gets a chunk of its own */

char *cd_text_pool_alloc(cd_text_pool *pool, cd_budget *budget, size_t size)
{
    cd_text_chunk *chunk = pool->chunks;
    if (!chunk || size > chunk->size - chunk->used) {
        size_t room = size > CHUNK ? size : CHUNK, bytes;
        if (!cd_checked_add(room, sizeof *chunk, &bytes)) bytes = SIZE_MAX;
        if (!charge(budget, bytes)) return NULL;
        chunk = cd_alloc(bytes);
        if (!chunk) {
            budget->used -= bytes;
            return NULL;
        }
        *chunk = (cd_text_chunk){ .next = pool->chunks, .size = room };
        pool->chunks = chunk;
    }
    char *text = chunk->text + chunk->used;
    chunk->used += size;
    return text;
}

const char *cd_text_pool_copy(cd_text_pool *pool, cd_budget *budget, const void *text, size_t size)
{
    size_t bytes;
    if (!cd_checked_add(size, 1, &bytes)) bytes = SIZE_MAX;
    char *copy = cd_text_pool_alloc(pool, budget, bytes);
    if (!copy) return NULL;
    if (size) memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

void cd_text_pool_free(cd_text_pool *pool)
{
    while (pool->chunks) {
        cd_text_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        cd_free(chunk);
    }
}
