/* cd_module_to: moves a module to another device. All tensors are copied first, which can fail;
 * only then is each tensor's memory exchanged for the copy's, which cannot. */
#include "autograd/autograd.h"
#include "autograd/node_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"

typedef struct move {
    cd_tensor *tensor; /* borrowed */
    cd_tensor *copy;   /* on the device; owned */
} move;

/* The tensors to move. Each is listed once, also if it is registered under two names. */
typedef struct moves {
    cd_device device;
    move *item;
    int64_t count, room;
} moves;

/* Copies t and adds it to the list, unless it is on the device or listed already. */
static bool add(moves *all, cd_tensor *t)
{
    for (int64_t i = 0; i < all->count; i++) {
        if (all->item[i].tensor == t) return true;
    }
    if (cd_tensor_device(t) == all->device) return true;
    if (all->count == all->room) {
        const int64_t room = all->room ? 2 * all->room : 32;
        move *larger = cd_realloc(all->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        all->item = larger;
        all->room = room;
    }
    cd_tensor *copy = cd_tensor_copy_on("module_to", all->device, t);
    if (copy) all->item[all->count++] = (move){ t, copy };
    return copy != NULL;
}

/* A visitor: adds a tensor and its gradient. */
static bool prepare(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    moves *all = user;
    cd_tensor *grad = cd_grad(t);
    return cd_ok() && add(all, t) && (!grad || add(all, grad));
}

bool cd_module_to(cd_module *m, cd_device device)
{
    if (!cd_ok() || !cd_check_module(m, "module_to", "the module") ||
        !cd_device_check(&device, "module_to") ||
        !cd_check_not_captured("module_to", "memory takes the place of other memory")) {
        return false;
    }
    moves all = { .device = device };
    cd_scope scope = cd_scope_begin();
    const bool ready = cd_visit(m, prepare, &all) && cd_ok();
    for (int64_t i = 0; i < all.count; i++) {
        const move *one = &all.item[i];
        if (ready) {
            cd_tensor_exchange(one->tensor, one->copy);
            cd_view_forget(one->tensor);
        }
        cd_object_disown(&one->copy->object);
    }
    cd_free(all.item);
    (void)cd_scope_end(scope);
    return ready;
}
