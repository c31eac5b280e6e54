/* Memory for zlib from the library's allocator, so that it is counted, limited and may fail. */
#ifndef CANDELA_IO_ZLIB_MEMORY_INTERNAL_H
#define CANDELA_IO_ZLIB_MEMORY_INTERNAL_H

#define ZLIB_CONST /* what is unpacked is only read */
#include <zlib.h>

#include "core/memory_internal.h"

/* For z_stream.zalloc and .zfree. When one fails, CD_ERR_MEMORY is set already. */
static inline voidpf cd_zlib_alloc(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return cd_alloc_zeroed(items, size);
}

static inline void cd_zlib_free(voidpf opaque, voidpf pointer)
{
    (void)opaque;
    cd_free(pointer);
}

#endif
