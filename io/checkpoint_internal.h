/* A module's tensors under their names, and what a file has for them. */
#ifndef CANDELA_IO_CHECKPOINT_INTERNAL_H
#define CANDELA_IO_CHECKPOINT_INTERNAL_H

#include "io/archive_internal.h"
#include "io/checkpoint.h"

typedef struct cd_place {
    char *name;                    /* owned */
    cd_tensor *tensor;             /* borrowed: the module keeps it */
    const cd_archive_entry *entry; /* what the file has for it; NULL: nothing */
    cd_tensor *fresh;              /* owned: the entry, read; NULL while nothing was read */
} cd_place;

typedef struct cd_places {
    cd_place *item;
    int64_t count, room;
} cd_places;

/* Adds the places of a module to `all`, which is empty. `function` asks. Free them in any case. */
bool cd_places_of(cd_places *all, cd_module *m, const char *function);
void cd_places_free(cd_places *all);

/* Whether all elements of the second are elements of the first: the same tensor, or a part of its
 * memory. */
bool cd_place_covers(const cd_place *whole, const cd_place *part);

/* Finds the entry of every place, by the rules that cd_load states. CD_ERR_FORMAT when the names do
 * not fit, CD_ERR_SHAPE when a shape does not. What was taken off, and what a partial load leaves
 * out, is logged. */
bool cd_places_match(cd_places *all, const cd_archive *archive, const cd_load_options *o);

#endif
