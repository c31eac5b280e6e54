/* cd_module_to and cd_module_to_dtype: move a module to another device or dtype. All tensors are
 * copied first, which can fail; only then is each tensor's memory exchanged for the copy's, which
 * cannot. */
#include "autograd/autograd.h"
#include "autograd/node_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

typedef struct move {
    cd_tensor *tensor; /* borrowed */
    cd_tensor *copy;   /* on the device or of the dtype; owned */
} move;

/* The tensors to move. Each is listed once, also if it is registered under two names. */
typedef struct moves {
    cd_dtype dtype; /* CD_DTYPE_DEFAULT: the tensors move to the device */
    cd_device device;
    move *item;
    int64_t count, room;
} moves;

static bool is_there(const moves *all, const cd_tensor *t)
{
    if (all->dtype == CD_DTYPE_DEFAULT) return cd_tensor_device(t) == all->device;
    return t->dtype == all->dtype || !cd_dtype_is_floating(t->dtype);
}

/* One owner: the caller. */
static cd_tensor *copy_of(const moves *all, cd_tensor *t)
{
    if (all->dtype == CD_DTYPE_DEFAULT) return cd_tensor_copy_on("module_to", all->device, t);
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor *copy = cd_to(cd_detach(t), all->dtype);
    if (copy) cd_object_own(&copy->object);
    return copy;
}

/* Copies t and adds it to the list, unless nothing is to change or it is listed already. */
static bool add(moves *all, cd_tensor *t)
{
    for (int64_t i = 0; i < all->count; i++) {
        if (all->item[i].tensor == t) return true;
    }
    if (is_there(all, t)) return true;
    if (all->count == all->room) {
        const int64_t room = all->room ? 2 * all->room : 32;
        move *larger = cd_realloc(all->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        all->item = larger;
        all->room = room;
    }
    cd_tensor *copy = copy_of(all, t);
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

static bool move_all(cd_module *m, moves *all)
{
    cd_scope scope = cd_scope_begin();
    const bool ready = cd_visit(m, prepare, all) && cd_ok();
    for (int64_t i = 0; i < all->count; i++) {
        const move *one = &all->item[i];
        if (ready) {
            cd_tensor_exchange(one->tensor, one->copy);
            cd_view_forget(one->tensor);
        }
        cd_object_disown(&one->copy->object);
    }
    cd_free(all->item);
    (void)cd_scope_end(scope);
    return ready;
}

bool cd_module_to(cd_module *m, cd_device device)
{
    if (!cd_ok() || !cd_check_module(m, "module_to", "the module") ||
        !cd_device_check(&device, "module_to") ||
        !cd_check_not_captured("module_to", "memory takes the place of other memory")) {
        return false;
    }
    moves all = { .device = device };
    return move_all(m, &all);
}

/* The option says what the module would be made with again. */
static bool set_dtype_option(const char *name, cd_module *m, void *user)
{
    (void)name;
    for (const cd_option *o = m->class_->options; o && o->name; o++) {
        if (o->kind != CD_OPTION_DTYPE) continue;
        *(cd_dtype *)(void *)((char *)m + m->class_->options_at + o->offset) =
            *(const cd_dtype *)user;
    }
    return true;
}

bool cd_module_to_dtype(cd_module *m, cd_dtype dtype)
{
    static const char function[] = "module_to_dtype";
    if (!cd_ok() || !cd_check_module(m, function, "the module") ||
        !cd_check_not_captured(function, "memory takes the place of other memory")) {
        return false;
    }
    if (!cd_dtype_is_floating(dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: %s is not floating: use CD_F32 or CD_F64", function,
                       cd_dtype_name(dtype));
    }
    moves all = { .dtype = dtype };
    return move_all(m, &all) && cd_visit_modules(m, set_dtype_option, &dtype);
}
