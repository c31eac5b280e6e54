/* Slabs: the allocator of object headers. Their sizes are rounded up to multiples of 64 bytes; each
 * thread has a free list for each size, so that most calls take a few instructions and no lock.
 *
 * Slabs are never unmapped. So the first bytes of a header (cd_object's kind) can be read even
 * after its object is gone, and the use of a stale pointer is an error instead of a crash. */
#ifndef CANDELA_CORE_SLAB_INTERNAL_H
#define CANDELA_CORE_SLAB_INTERNAL_H

#include "core/api.h"

enum { CD_SLAB_STEP = 64, CD_SLAB_MAX = 1024 };

/* A zeroed piece of `bytes` bytes (at most CD_SLAB_MAX), aligned to 64; NULL with CD_ERR_MEMORY. */
void *cd_slab_take(size_t bytes);
/* Frees the piece, on any thread; `bytes` is what cd_slab_take was given. The first 16 bytes stay
 * as they are until the piece is taken again. */
void cd_slab_give(void *piece, size_t bytes);

/* How many pieces are taken and not given back, by all threads. */
int64_t cd_slab_live(void);
/* The bytes of all slabs, in use or free; never falls. */
size_t cd_slab_bytes(void);
/* Moves the ending thread's free pieces to the shared lists. */
void cd_slab_thread_exit(void);

#endif
