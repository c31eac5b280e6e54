/* What checkpoint.c (saving and loading) and checkpoint_names.c (names) share: a module's tensors
 * under their names, each with what a file has for it. */
#ifndef CANDELA_IO_CHECKPOINT_INTERNAL_H
#define CANDELA_IO_CHECKPOINT_INTERNAL_H

#include "io/archive_internal.h"
#include "io/checkpoint.h"

/* One name of a module: a parameter or a buffer. */
typedef struct cd_checkpoint_slot {
    char *name;                    /* owned */
    cd_tensor *tensor;             /* the module's */
    const cd_archive_entry *entry; /* what the file has under the name; NULL: nothing */
    cd_tensor *new_values;         /* owned: the entry, read; NULL until then */
} cd_checkpoint_slot;

typedef struct cd_checkpoint_slots {
    cd_checkpoint_slot *item;
    int64_t count, capacity;
} cd_checkpoint_slots;

/* Makes a slot for every name of a module; `slots` is empty before. `function` is named in errors.
 * Free the slots in any case. */
bool cd_checkpoint_slots_collect(cd_checkpoint_slots *slots, cd_module *m, const char *function);
void cd_checkpoint_slots_free(cd_checkpoint_slots *slots);

/* Whether all elements of `part` are elements of `whole`: the two are one tensor, or the tensor of
 * `part` lies in the memory of the contiguous tensor of `whole`. */
bool cd_checkpoint_slot_covers(const cd_checkpoint_slot *whole, const cd_checkpoint_slot *part);

/* Checks the rules of a cd_load's .map (checkpoint_map.c), which may be NULL. False with
 * CD_ERR_ARGUMENT. */
bool cd_checkpoint_map_check(const cd_rename *map);
/* Checks that each rule renames a tensor of the subset, of the file that is called `label`. False
 * with CD_ERR_FORMAT. */
bool cd_checkpoint_map_used(const cd_rename *map, const cd_archive_subset *subset,
                            const char *label);
/* The entry of the subset that is called `name` once it is renamed; NULL, without an error, if
 * there is none. If there is a second one, *second is set to it, else to NULL. */
const cd_archive_entry *cd_checkpoint_map_find(const cd_rename *map,
                                               const cd_archive_subset *subset, const char *name,
                                               const cd_archive_entry **second);

/* Writes what `name`, that of a tensor of the file, is once it is renamed to `text`, and returns
 * it. One that would be too long is cut. */
const char *cd_checkpoint_map_name(const cd_rename *map, const char *name,
                                   char text[CD_ARCHIVE_NAME_BYTES + 1]);

/* Whether .skip, which may be NULL, has this name of a module, or one with a dot that it lies
 * below. */
bool cd_checkpoint_skips(const char *const *skip, const char *name);

/* Step 7 of cd_load (checkpoint.c): sets the entry of every slot, by the rules of cd_load. False
 * with CD_ERR_FORMAT when the names do not fit, and with CD_ERR_SHAPE when a shape does not. The
 * logger is told of a prefix that was taken off and of what a partial load leaves out. */
bool cd_checkpoint_slots_match(cd_checkpoint_slots *slots, const cd_archive *archive,
                               const cd_load_options *o);

#endif
