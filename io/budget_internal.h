/* Memory that a hostile file cannot blow up: arrays and texts under one limit.
 *
 * What describes tensors (names, shapes, a pickle's values, and the bytes of the file that say
 * them) is charged to the budget of its file, so that a few megabytes of clever header cannot ask
 * for gigabytes. Tensor data are not charged here. */
#ifndef CANDELA_IO_BUDGET_INTERNAL_H
#define CANDELA_IO_BUDGET_INTERNAL_H

#include "core/api.h"

/* With what an allocation rounds up to, this stays within the 64 MiB that loading may add. */
#define CD_BUDGET_DEFAULT ((size_t)48 << 20)

typedef struct cd_budget {
    size_t used;
    size_t limit;
    const char *label; /* the file, for messages; the owner's */
} cd_budget;

/* Makes room for `count` items of `item_bytes` in the array that *array points to (*capacity items
 * now). While it grows, the old and the new array are both charged. False, array unchanged, with
 * CD_ERR_MEMORY when the budget or the memory is used up. */
bool cd_budget_grow(cd_budget *budget, void *array, size_t *capacity, size_t count,
                    size_t item_bytes);
/* Frees what cd_budget_grow made, and takes it off the bill. */
void cd_budget_release(cd_budget *budget, void *array, size_t *capacity, size_t item_bytes);

/* Texts that live until the pool is freed. */
typedef struct cd_text_pool {
    struct cd_text_chunk *chunks;
} cd_text_pool;

/* Room for `size` bytes, charged to the budget; NULL with CD_ERR_MEMORY. */
char *cd_text_pool_room(cd_text_pool *pool, cd_budget *budget, size_t size);
/* A NUL-terminated copy. */
const char *cd_text_pool_copy(cd_text_pool *pool, cd_budget *budget, const void *text, size_t size);
void cd_text_pool_free(cd_text_pool *pool);

#endif
