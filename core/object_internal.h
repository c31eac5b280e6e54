/* The header that every object begins with: its kind, its class and two counts.
 *
 *     owners       who may use the object: scopes, cd_keep, objects that contain it (a module owns
 *                  its parameters)
 *     references   what needs the object's memory: each graph node that refers to it is one, and
 *                  all owners together are one
 *
 * When the last owner goes, the class's last_owner runs: it gives up whatever could keep a cycle of
 * references alive (a leaf drops its gradient, whose graph may lead back to the leaf). When the
 * last reference goes, the object is destroyed.
 *
 *     cd_object_own, _disown       adds or takes away an owner
 *     cd_object_ref, _unref        adds or takes away a reference
 *     cd_hand                      the caller's ownership goes to the scope that is open; so a
 *                                  result is returned
 *     cd_hand_shared               the scope becomes an owner beside those that there are
 *     cd_keep, cd_release          a program's own ownership, counted beside (owners_by_keep)
 *
 * Destruction does not recurse: an object that loses its last reference while another one is being
 * destroyed waits in a list of the thread. */
#ifndef CANDELA_CORE_OBJECT_INTERNAL_H
#define CANDELA_CORE_OBJECT_INTERNAL_H

#include <stdatomic.h>

#include "core/api.h"

/* The first word of an object. CD_KIND_DEAD once it is destroyed, so that a call given a stale
 * pointer, or a pointer to something else, returns an error. */
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
    CD_KIND_DICT,
    CD_KIND_METER,
    CD_KIND_LOADER,
    CD_KIND_HISTORY,
    CD_KIND_RUN_FOLDER,
    CD_KIND_TABLE,
    CD_KIND_ENCODER,
    CD_KIND_END
} cd_kind;

typedef struct cd_object cd_object;

typedef struct cd_class {
    cd_kind kind;
    const char *name;                /* for error messages: "tensor" */
    void (*last_owner)(cd_object *); /* see above; may be NULL */
    void (*destroy)(cd_object *);    /* frees what the object owns; its own memory is freed after */
} cd_class;

struct cd_object {
    _Atomic uint32_t kind; /* stays readable after the object's end, in its slab */
    atomic_int owners;
    atomic_int references;
    atomic_int owners_by_keep; /* owners that came by cd_keep: cd_release takes only these */
    uint32_t bytes;            /* of the whole object */
    const cd_class *class_;
    cd_object *next; /* in the list of objects to destroy */
};

/* A zeroed object of `bytes` bytes with one owner, the caller; NULL with an error. */
void *cd_object_new(const cd_class *class_, size_t bytes);
/* Fills in the header of a zeroed object of `bytes` bytes, which gets one owner, the caller. */
static inline void cd_object_init(cd_object *object, const cd_class *class_, size_t bytes)
{
    atomic_init(&object->kind, (uint32_t)class_->kind);
    atomic_init(&object->owners, 1);
    atomic_init(&object->references, 1);
    object->bytes = (uint32_t)bytes;
    object->class_ = class_;
}

/* Adds an owner. */
void cd_object_own(cd_object *object);
/* Takes an owner away. NULL is allowed. */
void cd_object_disown(cd_object *object);
/* Adds a reference. */
static inline void cd_object_ref(cd_object *object)
{
    atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}
/* Takes a reference away. NULL is allowed. */
void cd_object_unref(cd_object *object);

/* Passes the caller's ownership to the innermost scope and returns the object: the last line of
 * every function that makes one. NULL stays NULL. If the scope has no memory for it, disowns the
 * object and returns NULL with CD_ERR_MEMORY. */
void *cd_hand(void *object);
/* As cd_hand, for an object that the caller looked up and does not own: the scope becomes one more
 * owner. */
void *cd_hand_shared(void *object);

/* Whether the pointer is to a live object of this class. If not, sets CD_ERR_ARGUMENT, with a
 * message that names the function and the argument, unless an error is pending (a NULL is then its
 * consequence), and returns false. */
bool cd_check_object(const void *object, const cd_class *class_, const char *function,
                     const char *argument);

#endif
