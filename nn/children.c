/* Children by number: nn/containers.h. */
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "nn/containers.h"
#include "nn/module_internal.h"

int cd_num_children(const cd_module *m)
{
    return cd_check_module(m, "num_children", "the module") ? cd_module_child_count(m) : 0;
}

/* The entry of a child whose number may be negative; *at is set to the number from the front. */
static cd_module_entry *entry_at(const cd_module *m, int i, const char *function, int *at)
{
    if (!cd_check_module(m, function, "the module")) return NULL;
    const int count = cd_module_child_count(m);
    *at = i < 0 ? i + count : i;
    if (*at >= 0 && *at < count) return cd_module_child_entry(m, *at);
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: there is no child %d: the %s has %d", function, i,
                  m->class_->name, count);
    return NULL;
}

cd_module *cd_module_at(cd_module *m, int i)
{
    const cd_module_entry *e = entry_at(m, i, "module_at", &i);
    return e ? cd_hand_shared(cd_module_value(e)) : NULL;
}

const char *cd_module_name_at(const cd_module *m, int i)
{
    const cd_module_entry *e = entry_at(m, i, "module_name_at", &i);
    return e ? e->name : NULL;
}

/* --- Sequential and ModuleList ---------------------------------------------------------------- */

static bool check_numbered(const cd_module *m, const char *function)
{
    if (!cd_ok() || !cd_check_module(m, function, "the module")) return false;
    return m->class_ == &cd_nn_sequential_class || m->class_ == &cd_nn_module_list_class ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: the children of a %s have names: see cd_register_child and cd_module_set",
                   function, m->class_->name);
}

/* Inserting and taking out move the children from name to name: so the names must be numbers. */
static bool check_names(const cd_module *m, const char *function)
{
    char number[16];
    const int count = cd_module_child_count(m);
    for (int i = 0; i < count; i++) {
        const char *name = cd_module_child_entry(m, i)->name;
        (void)snprintf(number, sizeof number, "%d", i);
        if (strcmp(name, number) == 0) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: child %d of the %s has the name \"%s\": children move only if their "
                       "names are their numbers",
                       function, i, m->class_->name, name);
    }
    return true;
}

bool cd_module_append(cd_module *m, cd_module *child)
{
    char name[16];
    if (!check_numbered(m, "module_append") ||
        !cd_check_module(child, "module_append", "the child"))
        return false;
    (void)snprintf(name, sizeof name, "%d", cd_module_child_count(m));
    return cd_register_child(m, name, NULL, child);
}

bool cd_module_insert(cd_module *m, int i, cd_module *child)
{
    if (!check_numbered(m, "module_insert") ||
        !cd_check_module(child, "module_insert", "the child") || !check_names(m, "module_insert")) {
        return false;
    }
    const int count = cd_module_child_count(m), at = i < 0 ? i + count : i;
    if (at < 0 || at > count) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "module_insert: there is no place %d: the %s has %d children", i,
                       m->class_->name, count);
    }
    if (!cd_module_append(m, child)) return false;
    /* The names stay where they are, and the children move. */
    for (int k = count; k > at; k--) {
        cd_module_set_value(cd_module_child_entry(m, k), cd_module_child(m, k - 1));
    }
    cd_module_set_value(cd_module_child_entry(m, at), child);
    return true;
}

cd_module *cd_module_pop(cd_module *m, int i)
{
    if (!check_numbered(m, "module_pop") || !check_names(m, "module_pop")) return NULL;
    cd_module_entry *e = entry_at(m, i, "module_pop", &i);
    cd_module *child = e ? cd_hand_shared(cd_module_value(e)) : NULL;
    if (!child) return NULL;
    const int last = cd_module_child_count(m) - 1;
    for (; i < last; i++) {
        cd_module_set_value(cd_module_child_entry(m, i), cd_module_child(m, i + 1));
    }
    e = cd_module_child_entry(m, last);
    cd_module_set_value(e, NULL); /* a variable that was registered with it must not dangle */
    cd_module_remove_entry(m, e);
    cd_object_disown((cd_object *)(void *)child);
    return child;
}
