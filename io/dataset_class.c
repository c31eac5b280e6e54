/* The table of the classes of data sets, which class opens a name, and what a class may lack. */
#include <string.h>

#include "io/dataset_internal.h"

const cd_dataset_class *const cd_dataset_classes[] = {
#define CD_DATASET(name_) &cd_dataset_##name_##_class,
#include "io/datasets.def"
#undef CD_DATASET
    NULL
};

/* --- names ------------------------------------------------------------------------------------ */

/* Whether the name is PREFIX or PREFIX:WHERE. */
static bool has_prefix(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 && (name[length] == '\0' || name[length] == ':');
}

static const cd_dataset_class *class_by_prefix(const char *name, const char **prefix,
                                               const char **where)
{
    for (const cd_dataset_class *const *c = cd_dataset_classes; *c; c++) {
        for (const char *const *p = (*c)->prefixes; p && *p; p++) {
            if (!has_prefix(name, *p)) continue;
            const char *rest = name + strlen(*p);
            *prefix = *p;
            *where = *rest == ':' ? rest + 1 : NULL;
            return *c;
        }
    }
    return NULL;
}

const cd_dataset_class *cd_dataset_class_for(const char *name, const char **prefix,
                                             const char **where)
{
    const cd_dataset_class *by_prefix = class_by_prefix(name, prefix, where);
    if (by_prefix) return by_prefix;
    *prefix = NULL;
    *where = name;
    for (const cd_dataset_class *const *c = cd_dataset_classes; *c; c++) {
        if ((*c)->accepts && (*c)->accepts(name)) return *c;
    }
    (void)cd_dataset_refuse_name(name);
    return NULL;
}

/* --- faults ----------------------------------------------------------------------------------- */

static int classes_named(const cd_dataset_class *const *table, const char *name)
{
    int count = 0;
    for (; *table; table++) count += (*table)->name && strcmp((*table)->name, name) == 0;
    return count;
}

static int prefixes_named(const cd_dataset_class *const *table, const char *prefix)
{
    int count = 0;
    for (; *table; table++) {
        for (const char *const *p = (*table)->prefixes; p && *p; p++) {
            count += strcmp(*p, prefix) == 0;
        }
    }
    return count;
}

/* Of a class whose sets a function makes. */
static const char *fault_of_made(const cd_dataset_class *c)
{
    if (!*c->made_by) return "its made_by is empty";
    if (c->prefixes || c->prefix_help || c->accepts || c->open || c->look) {
        return "a function makes its sets, and it has what belongs to sets that a name opens";
    }
    return NULL;
}

/* Of a class whose sets are opened by a name. */
static const char *fault_of_named(const cd_dataset_class *c, const cd_dataset_class *const *table)
{
    if (!(c->prefixes && *c->prefixes) && !c->accepts) {
        return "it has neither prefixes nor a function `accepts`, so that no name opens it";
    }
    if (c->prefixes && !c->prefix_help) return "it has prefixes, and no prefix_help";
    for (const char *const *p = c->prefixes; p && *p; p++) {
        if (!**p) return "one of its prefixes is empty";
        if (prefixes_named(table, *p) > 1) return "one of its prefixes stands in the table twice";
    }
    if (!c->open) return "it has no function `open`";
    if (!c->look) return "it has no function `look`";
    return NULL;
}

const char *cd_dataset_class_fault(const cd_dataset_class *class_,
                                   const cd_dataset_class *const *table)
{
    const cd_dataset_class *c = class_;
    if (!c->name || !*c->name) return "it has no name";
    if (classes_named(table, c->name) > 1) return "its name stands in the table twice";
    if (c->size < sizeof(cd_dataset)) return "its struct is too small to begin with a cd_dataset";
    const char *fault = c->made_by ? fault_of_made(c) : fault_of_named(c, table);
    if (fault) return fault;
    if (!c->sample) return "it has no function `sample`";
    if (!c->label) return "it has no function `label`";
    return NULL;
}
