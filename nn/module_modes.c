/* Notes the modes of a module's parts and puts them back: cd_module_modes of module_internal.h. */
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "nn/module_internal.h"

static bool note(const char *name, cd_module *m, void *user)
{
    cd_module_modes *modes = user;
    (void)name;
    if (modes->count == modes->capacity) {
        const int64_t capacity = modes->capacity ? 2 * modes->capacity : 16;
        cd_module_mode *larger = cd_realloc(modes->item, (size_t)capacity * sizeof *larger);
        if (!larger) return false;
        modes->item = larger;
        modes->capacity = capacity;
    }
    cd_object_own((cd_object *)(void *)m);
    modes->item[modes->count++] = (cd_module_mode){ m, m->training_ };
    return true;
}

static void free_note(cd_module_modes *modes)
{
    for (int64_t i = 0; i < modes->count; i++) {
        cd_object_disown((cd_object *)(void *)modes->item[i].module);
    }
    cd_free(modes->item);
}

bool cd_module_modes_take(cd_module_modes *modes, cd_module *m)
{
    *modes = (cd_module_modes){ .count = 0 };
    if (cd_visit_modules(m, note, modes)) return true;
    free_note(modes);
    return false;
}

void cd_module_modes_put_back(cd_module_modes *modes)
{
    for (int64_t i = 0; i < modes->count; i++) {
        modes->item[i].module->training_ = modes->item[i].training;
    }
    free_note(modes);
}
