/* Slabs: object headers of a few sizes, taken and given back in a few instructions.
 *
 * A slab stays mapped until the library is unloaded, so the first bytes of a header can be looked
 * at even when its object is gone: that is how a stale handle becomes an error and not a crash. */
#ifndef CANDELA_CORE_SLAB_INTERNAL_H
#define CANDELA_CORE_SLAB_INTERNAL_H

#include "core/api.h"

enum { CD_SLAB_STEP = 64, CD_SLAB_MAX = 1024 };

/* A zeroed piece of at least `bytes` (at most CD_SLAB_MAX), aligned to 64; NULL with CD_ERR_MEMORY.
 */
void *cd_slab_take(size_t bytes);
/* Gives it back, from any thread; `bytes` as it was asked for. Its first 16 bytes stay as they are
 * until it is taken again. */
void cd_slab_give(void *piece, size_t bytes);

int64_t cd_slab_live(void); /* pieces taken and not given back */
size_t cd_slab_bytes(void); /* that slabs take; they are never given back */
void cd_slab_thread_exit(void);

#endif
