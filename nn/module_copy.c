/* cd_module_copy: a deep copy. Structs, and the allocation that a class may own, are copied byte by
 * byte; then each registered value is registered again, as a copy, in the new field that has the
 * place of the old one. */
#include <string.h>

#include "autograd/create.h"
#include "autograd/node_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

/* What was copied, and its copy: a tensor or module that is found a second time is not copied a
 * second time. Both are borrowed. */
typedef struct pair {
    const void *old;
    void *copy;
} pair;

typedef struct copier {
    pair *item;
    int64_t count, room;
    bool on_meta; /* copies have shapes but no elements */
} copier;

static void *find(const copier *c, const void *old)
{
    for (int64_t i = 0; i < c->count; i++) {
        if (c->item[i].old == old) return c->item[i].copy;
    }
    return NULL;
}

static bool remember(copier *c, const void *old, void *copy)
{
    if (c->count == c->room) {
        const int64_t room = c->room ? 2 * c->room : 64;
        pair *larger = cd_realloc(c->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        c->item = larger;
        c->room = room;
    }
    c->item[c->count++] = (pair){ old, copy };
    return true;
}

static cd_tensor *copy_tensor(copier *c, cd_tensor *t)
{
    cd_tensor *copy = find(c, t);
    if (copy) return copy;
    copy = c->on_meta ? cd_empty_like(t, .device = CD_META) : cd_clone(cd_detach(t));
    if (copy && cd_requires_grad(t)) copy = cd_set_requires_grad(copy, true);
    return copy && remember(c, t, copy) ? copy : NULL;
}

static cd_module *copy_module(copier *c, cd_module *m);

/* The copy's own allocation in place of m's, to which its pointer leads as yet. */
static bool copy_owned(cd_module *copy, const cd_module *m)
{
    if (!m->class_->owned_bytes) return true;
    const size_t bytes = m->class_->owned_bytes(m);
    void **owned = cd_module_owned(copy);
    *owned = cd_alloc(bytes);
    if (*owned) memcpy(*owned, *cd_module_owned(m), bytes);
    return *owned != NULL;
}

/* The field of the copy that has the place of m's field `slot`; NULL if no memory of m's has it. */
static void *slot_of_copy(const cd_module *copy, const cd_module *m, void **slot)
{
    const uintptr_t at = (uintptr_t)slot - (uintptr_t)m; /* wraps if it is not in the struct */
    if (!slot) return NULL;
    if (at < m->class_->size) return (char *)(uintptr_t)copy + at;
    if (!m->class_->owned_bytes) return NULL;
    const uintptr_t in_owned = (uintptr_t)slot - (uintptr_t)*cd_module_owned(m);
    return in_owned < m->class_->owned_bytes(m) ? (char *)*cd_module_owned(copy) + in_owned : NULL;
}

/* Registers copies of m's values in `copy`. */
static bool copy_entries(copier *c, cd_module *copy, const cd_module *m)
{
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module_entry *e = &m->entries_[i];
        void *value = cd_module_value(e), *slot = slot_of_copy(copy, m, e->slot);
        if (value)
            value =
                e->kind == CD_CHILD ? (void *)copy_module(c, value) : (void *)copy_tensor(c, value);
        if (!cd_ok() || !cd_module_add(copy, e->name, e->kind, slot, value)) return false;
    }
    return true;
}

/* An option that is a tensor leads to the copy's own tensor, which is registered too. */
static void copy_options(const copier *c, cd_module *copy)
{
    const cd_module_class *class_ = copy->class_;
    for (const cd_option *o = class_->options; o && o->name; o++) {
        if (o->kind != CD_OPTION_TENSOR) continue;
        cd_tensor **field = (cd_tensor **)(void *)((char *)copy + class_->options_at + o->offset);
        void *tensor = find(c, *field);
        if (tensor) *field = tensor;
    }
}

/* Recurses no deeper than cd_visit_modules has been. */
static cd_module *copy_module(copier *c, cd_module *m)
{
    cd_module *copy = find(c, m);
    if (copy) return copy;
    if (m->class_->destroy) {
        (void)cd_fail(
            CD_ERR_UNSUPPORTED,
            "module_copy: the class %s has a destroy function: only it knows how what its "
            "struct owns is copied",
            m->class_->name);
        return NULL;
    }
    copy = cd_module_new(m->class_);
    if (!copy || !remember(c, m, copy)) return NULL;
    memcpy((char *)copy + sizeof *copy, (const char *)m + sizeof *m, m->class_->size - sizeof *m);
    copy->training_ = m->training_;
    copy->frozen_ = m->frozen_;
    if (!copy_owned(copy, m) || !copy_entries(c, copy, m)) return NULL;
    copy_options(c, copy);
    return copy;
}

static cd_module *copy_all(cd_module *m, bool on_meta)
{
    if (!cd_check_module(m, "module_copy", "the module") ||
        !cd_check_not_captured("module_copy", "elements are copied") || !cd_module_check_depth(m)) {
        return NULL;
    }
    copier c = { .on_meta = on_meta };
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(false);
    cd_module *copy = scope.depth >= 0 && cd_ok() ? copy_module(&c, m) : NULL;
    (void)cd_scope_end(mode);
    cd_free(c.item);
    copy = cd_escape(copy);
    (void)cd_scope_end(scope);
    return copy;
}

cd_module *cd_module_copy(cd_module *m)
{
    return copy_all(m, false);
}

cd_module *cd_module_copy_on_meta(cd_module *m)
{
    return copy_all(m, true);
}
