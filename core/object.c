/* Counting owners and references of objects, and destroying them. */
#include "core/object_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/slab_internal.h"

/* Objects of this thread that have no references left. */
static _Thread_local struct {
    cd_object *first;
    bool running; /* destroy_all is on the stack */
} to_destroy;

void *cd_object_new(const cd_class *class_, size_t bytes)
{
    bool small = bytes <= CD_SLAB_MAX;
    if (!small && bytes > UINT32_MAX) {
        (void)cd_memory_refused(bytes);
        return NULL;
    }
    cd_object *object = small ? cd_slab_take(bytes) : cd_alloc_zeroed(1, bytes);
    if (object) cd_object_init(object, class_, bytes);
    return object;
}

/* A count of 1 means that no other thread can reach the object, so a plain store can take it to 0,
 * which is cheaper than an atomic subtraction. Most objects live and die in one thread. */
static bool was_last_reference(atomic_int *count)
{
    if (atomic_load_explicit(count, memory_order_acquire) == 1) {
        atomic_store_explicit(count, 0, memory_order_relaxed);
        return true;
    }
    return atomic_fetch_sub_explicit(count, 1, memory_order_acq_rel) == 1;
}

static void destroy_all(void)
{
    to_destroy.running = true;
    while (to_destroy.first) {
        cd_object *object = to_destroy.first;
        to_destroy.first = object->next;
        object->class_->destroy(object);
        atomic_store_explicit(&object->kind, (uint32_t)CD_KIND_DEAD, memory_order_relaxed);
        if (object->bytes <= CD_SLAB_MAX) {
            cd_slab_give(object, object->bytes);
        } else {
            cd_free(object); /* such as a user's own module, which may have any size */
        }
    }
    to_destroy.running = false;
}

static __attribute__((noinline)) void destroy(cd_object *object)
{
    object->next = to_destroy.first;
    to_destroy.first = object;
    if (!to_destroy.running) destroy_all();
}

void cd_object_unref(cd_object *object)
{
    if (object && was_last_reference(&object->references)) destroy(object);
}

void cd_object_own(cd_object *object)
{
    if (atomic_fetch_add_explicit(&object->owners, 1, memory_order_relaxed) == 0) {
        cd_object_ref(object);
    }
}

void cd_object_disown(cd_object *object)
{
    if (!object) return;
    /* No plain store for a count of 1, as in was_last_reference: a backward pass in another thread
     * may become an owner at this moment, when it hands out the object as a saved leaf. The
     * subtraction is sequentially consistent, because last_owner then reads a gradient that another
     * thread may have written just before it read `owners`. */
    if (atomic_fetch_sub(&object->owners, 1) != 1) return;
    if (object->class_->last_owner) object->class_->last_owner(object);
    cd_object_unref(object);
}

static const char *article(const char *noun)
{
    return strchr("aeiou", noun[0]) ? "an" : "a";
}

bool cd_check_object(const void *pointer, const cd_class *class_, const char *function,
                     const char *argument)
{
    if (!pointer) return cd_fail(CD_ERR_ARGUMENT, "%s: %s is NULL", function, argument);
    const cd_object *object = pointer;
    uint32_t kind = atomic_load_explicit(&object->kind, memory_order_relaxed);
    if (kind == (uint32_t)class_->kind) return true;
    if (kind > CD_KIND_TENSOR - 1 && kind < CD_KIND_END) {
        const char *found = object->class_->name, *expected = class_->name;
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s is %s %s, not %s %s", function, argument,
                       article(found), found, article(expected), expected);
    }
    return cd_fail(
        CD_ERR_ARGUMENT,
        "%s: %s is no live %s: its last owner has gone (keep what must outlive its scope), or it "
        "never was one",
        function, argument, class_->name);
}
