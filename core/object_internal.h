/* What every object of the library begins with: a kind, and two counts.
 *
 * `owners` are the scopes that handed it out, keeps, and parents (a module owns its tensors).
 * `references` are the graph's: an object is destroyed when the last of them goes, and all owners
 * together count as one reference. When the last owner goes, the class hears of it first, and gives
 * up what would otherwise keep a cycle alive (a leaf drops its gradient).
 *
 * Destruction never recurses: what is destroyed meanwhile waits in a list of the thread. */
#ifndef CANDELA_CORE_OBJECT_INTERNAL_H
#define CANDELA_CORE_OBJECT_INTERNAL_H

#include <stdatomic.h>

#include "core/api.h"

/* The first word of an object: one of these while it lives, CD_KIND_DEAD after, so that a stale or
 * foreign pointer is found out. */
typedef enum cd_kind {
    CD_KIND_DEAD = 0,
    CD_KIND_TENSOR = 0x63645400,
    CD_KIND_NODE,
    CD_KIND_MODULE,
    CD_KIND_OPTIMIZER,
    CD_KIND_SCHEDULER,
    CD_KIND_DATASET,
    CD_KIND_GENERATOR,
    CD_KIND_TENSOR_FILE,
    CD_KIND_CARD,
    CD_KIND_GRAPH,
    CD_KIND_END
} cd_kind;

typedef struct cd_object cd_object;

typedef struct cd_class {
    cd_kind kind;
    const char *name;                /* for sentences: "tensor" */
    void (*last_owner)(cd_object *); /* may be NULL */
    void (*destroy)(cd_object *);    /* gives up what it holds, not its own bytes */
} cd_class;

struct cd_object {
    _Atomic uint32_t kind; /* this word stays readable in a dead object's slab */
    atomic_int owners;
    atomic_int references;
    atomic_int keeps; /* owners that cd_release may undo */
    uint32_t bytes;   /* of the whole object */
    const cd_class *class_;
    cd_object *next; /* in the list of those to destroy */
};

/* A zeroed object of `bytes` with one owner, the caller; NULL with an error.
 */
void *cd_object_new(const cd_class *class_, size_t bytes);

void cd_object_own(cd_object *object);    /* one more owner */
void cd_object_disown(cd_object *object); /* one fewer; NULL is allowed */
/* One more graph reference. */
static inline void cd_object_ref(cd_object *object)
{
    atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}
void cd_object_unref(cd_object *object); /* one fewer; NULL is allowed */

/* Gives the caller's ownership to the innermost scope and returns the object: the last line of
 * every function that makes something. NULL stays NULL; without memory for the entry, disowns it
 * and returns NULL with CD_ERR_MEMORY. */
void *cd_hand(void *object);
/* The same for something looked up, which the caller does not own: adds an owner. */
void *cd_hand_shared(void *object);

/* True for a live object of this kind. Otherwise sets CD_ERR_ARGUMENT with a sentence that names
 * the function and the argument (not when NULL follows an earlier error) and returns false. */
bool cd_check_object(const void *object, const cd_class *class_, const char *function,
                     const char *argument);

#endif
