/* Any bytes as an IDX file, plain or gzip. */
#include <stdlib.h>

#include "core/error.h"
#include "core/memory.h"
#include "io/idx_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cd_idx idx;
    if (!cd_idx_open_memory(&idx, "fuzz", data, size) && cd_ok()) abort(); /* without a reason */
    cd_idx_free(&idx);
    cd_clear_error();
    return 0;
}
