/* Groups of parameters with options of their own: cd_optimizer_group. */
#include <string.h>

#include "core/memory_internal.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"

/* The options that a group may have, by their members in the structs of options. */
static const struct member {
    const char *name;
    size_t offset;
} members[] = {
#define MEMBER(name_)                                                                              \
    {                                                                                              \
#name_, offsetof(cd_group_options, name_)                                                  \
    }
    MEMBER(lr),       MEMBER(weight_decay), MEMBER(momentum),  MEMBER(dampening),
    MEMBER(beta1),    MEMBER(beta2),        MEMBER(eps),       MEMBER(momentum_decay),
    MEMBER(lr_decay), MEMBER(rho),          MEMBER(alpha),     MEMBER(etaminus),
    MEMBER(etaplus),  MEMBER(least_step),   MEMBER(most_step),
#undef MEMBER
};
enum { MEMBERS = sizeof members / sizeof *members };

/* Writes the numbers that were given over the optimizer's own. */
static bool overlay(const cd_optimizer_class *c, const cd_group_options *given, void *options)
{
    for (int k = 0; k < MEMBERS; k++) {
        double number;
        memcpy(&number, (const char *)given + members[k].offset, sizeof number);
        if (number == 0 && !signbit(number)) continue;
        const cd_option *option = c->options;
        while (option->name && strcmp(option->member, members[k].name) != 0) option++;
        if (!option->name) {
            return cd_fail(CD_ERR_ARGUMENT, "optimizer_group: %s has no option .%s", c->name,
                           members[k].name);
        }
        memcpy((char *)options + option->offset, &number, sizeof number);
    }
    return true;
}

static bool matches(const cd_optimizer_entry *entry, const char *pattern)
{
    return cd_name_matches(entry->name, pattern);
}

static bool check(const cd_optimizer *o, const char *pattern)
{
    if (!cd_check_optimizer(o, "optimizer_group", "the optimizer")) return false;
    if (!pattern) return cd_fail(CD_ERR_ARGUMENT, "optimizer_group: the pattern is NULL");
    if (!o->entries[0].name) {
        return cd_fail(CD_ERR_STATE,
                       "optimizer_group: the optimizer was made for a list of tensors, which have "
                       "no names: make it for a module");
    }
    if (o->scheduled) {
        return cd_fail(CD_ERR_STATE, "optimizer_group: the optimizer has a schedule already: make "
                                     "its groups before that");
    }
    int64_t i = 0;
    while (i < o->count && !matches(&o->entries[i], pattern)) i++;
    return i < o->count ||
           cd_fail(CD_ERR_ARGUMENT,
                   "optimizer_group: no parameter's name matches \"%s\"; the first one is \"%s\"",
                   pattern, o->entries[0].name);
}

int cd_optimizer_group_with(cd_group_options given)
{
    cd_optimizer *o = given.optimizer;
    if (!cd_ok() || !check(o, given.names)) return -1;
    const cd_optimizer_class *c = o->class_;
    void *options = cd_alloc(c->options_bytes);
    if (!options) return -1;
    memcpy(options, o->groups[0].options, c->options_bytes);
    const bool done =
        overlay(c, &given, options) && cd_optimizer_add_group(o, "optimizer_group", options);
    cd_free(options);
    if (!done) return -1;
    for (int64_t i = 0; i < o->count; i++) {
        if (matches(&o->entries[i], given.names)) o->entries[i].group = o->group_count - 1;
    }
    return o->group_count - 1;
}
