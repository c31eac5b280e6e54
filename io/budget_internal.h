/* A limit on the memory that a hostile file can ask for: arrays and texts that share one budget.
 *
 * Everything that describes tensors is charged to the budget of its file: names, shapes, a pickle's
 * values, and the bytes of the file that they are read from. So a header of a few megabytes cannot
 * ask for gigabytes. Tensor data are not charged; cd_archive_limits.tensor_bytes limits them. */
#ifndef CANDELA_IO_BUDGET_INTERNAL_H
#define CANDELA_IO_BUDGET_INTERNAL_H

#include "core/api.h"

/* Together with what allocations are rounded up by, this stays within the 64 MiB that loading may
 * take besides the tensors. */
#define CD_BUDGET_DEFAULT ((size_t)48 << 20)

typedef struct cd_budget {
    size_t used;
    size_t limit;
    const char *label; /* the file's path, for messages; borrowed */
} cd_budget;

/* Makes room for `count` items of `item_bytes` each in an array that doubles as it grows. `array`
 * is the address of the pointer to the first item, which may be NULL, and *capacity the items it
 * has room for now. While the array grows, the old and the new one are both charged. False, with
 * the array unchanged, and CD_ERR_MEMORY when the budget or the memory is used up. */
bool cd_budget_grow(cd_budget *budget, void *array, size_t *capacity, size_t count,
                    size_t item_bytes);
/* Frees an array of cd_budget_grow and credits the budget. */
void cd_budget_release(cd_budget *budget, void *array, size_t *capacity, size_t item_bytes);

/* Texts that live until the pool is freed. All zero is an empty pool. */
typedef struct cd_text_pool {
    struct cd_text_chunk *chunks;
} cd_text_pool;

/* `size` uninitialised bytes, charged to the budget; NULL with CD_ERR_MEMORY. */
char *cd_text_pool_alloc(cd_text_pool *pool, cd_budget *budget, size_t size);
/* A NUL-terminated copy of a text; NULL with CD_ERR_MEMORY. */
const char *cd_text_pool_copy(cd_text_pool *pool, cd_budget *budget, const void *text, size_t size);
/* Frees all texts. The budget is not credited: it ends with the pool. */
void cd_text_pool_free(cd_text_pool *pool);

#endif
