/* Memory for zlib from the library's allocator, so that it is counted and limited like all other
 * memory. For readers of compressed files (idx.c, image_png_rows.c). */
#ifndef CANDELA_IO_ZLIB_MEMORY_INTERNAL_H
#define CANDELA_IO_ZLIB_MEMORY_INTERNAL_H

#define ZLIB_CONST /* z_stream.next_in points to const */
#include <zlib.h>

#include "core/memory_internal.h"

/* For z_stream.zalloc. When it fails, CD_ERR_MEMORY is set already. */
static inline voidpf cd_zlib_alloc(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return cd_alloc_zeroed(items, size);
}

/* For z_stream.zfree. */
static inline void cd_zlib_free(voidpf opaque, voidpf pointer)
{
    (void)opaque;
    cd_free(pointer);
}

#endif
