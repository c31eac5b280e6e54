/* The rules by which cd_load renames the tensors of a file, .map, and by which it leaves some out,
 * .skip.
 *
 * No list of new names is made: for each name of the module the rules are followed backwards, to
 * the names of the file that would become it. */
#include <string.h>

#include "core/error_internal.h"
#include "io/checkpoint_internal.h"

/* Whether a rule stands for all names below a prefix, and not for one name. */
static bool is_prefix(const cd_rename *rule)
{
    const size_t size = strlen(rule->from);
    return size == 0 || rule->from[size - 1] == '.';
}

/* Whether `name` begins with `prefix` and goes on behind it. */
static bool begins_with(const char *name, const char *prefix)
{
    const size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 && name[size] != '\0';
}

bool cd_checkpoint_skips(const char *const *skip, const char *name)
{
    for (; skip && *skip; skip++) {
        const size_t size = strlen(*skip);
        const bool below = size > 0 && (*skip)[size - 1] == '.';
        if (below ? begins_with(name, *skip) : strcmp(name, *skip) == 0) return true;
    }
    return false;
}

static bool fits(const cd_rename *rule, const char *name)
{
    return is_prefix(rule) ? begins_with(name, rule->from) : strcmp(name, rule->from) == 0;
}

/* The rule that renames a name of the file: the longest one that fits; NULL if none does. */
static const cd_rename *rule_of(const cd_rename *map, const char *name)
{
    const cd_rename *best = NULL;
    for (const cd_rename *rule = map; rule && rule->from; rule++) {
        if (fits(rule, name) && (!best || strlen(rule->from) > strlen(best->from))) best = rule;
    }
    return best;
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_rule(const cd_rename *rule)
{
    char from[64], to[64];
    if (!rule->to) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "load: .map renames \"%s\" to NULL: to leave tensors of a file out, use "
                       ".partial",
                       cd_escape_text(from, sizeof from, rule->from));
    }
    const size_t size = strlen(rule->to);
    const bool joins = size == 0 || rule->to[size - 1] == '.';
    if (is_prefix(rule) == joins) return true;
    (void)cd_escape_text(from, sizeof from, rule->from);
    (void)cd_escape_text(to, sizeof to, rule->to);
    return cd_fail(CD_ERR_ARGUMENT,
                   joins ? "load: .map renames \"%s\", one tensor, to \"%s\", which is no name of "
                           "a tensor: for all tensors below it, end both with a dot"
                         : "load: .map renames what is below \"%s\" to \"%s\", which must end with "
                           "a dot too, or be empty",
                   from, to);
}

bool cd_checkpoint_map_check(const cd_rename *map)
{
    for (const cd_rename *rule = map; rule && rule->from; rule++) {
        if (!check_rule(rule)) return false;
        for (const cd_rename *before = map; before < rule; before++) {
            char shown[64];
            if (strcmp(before->from, rule->from) != 0) continue;
            return cd_fail(CD_ERR_ARGUMENT, "load: .map has two rules for \"%s\"",
                           cd_escape_text(shown, sizeof shown, rule->from));
        }
    }
    return true;
}

/* What may have been meant by a rule that fits no name. */
static const char *advice(const cd_rename *rule, const cd_archive_subset *subset)
{
    const size_t size = strlen(rule->from);
    for (size_t i = 0; i < subset->count; i++) {
        const char *name = subset->entries[i]->name + subset->prefix_size;
        if (fits(rule, name)) return ": longer rules rename all that it would";
        if (!is_prefix(rule) && strncmp(name, rule->from, size) == 0 && name[size] == '.') {
            return ": end it and what it becomes with a dot, to rename what is below it";
        }
    }
    return "";
}

bool cd_checkpoint_map_used(const cd_rename *map, const cd_archive_subset *subset,
                            const char *label)
{
    for (const cd_rename *rule = map; rule && rule->from; rule++) {
        char shown[64];
        size_t i = 0;
        while (i < subset->count &&
               rule_of(map, subset->entries[i]->name + subset->prefix_size) != rule) {
            i++;
        }
        if (i < subset->count) continue;
        return cd_fail(CD_ERR_FORMAT, "load: the rule of .map for \"%s\" renames no tensor of %s%s",
                       cd_escape_text(shown, sizeof shown, rule->from), label,
                       advice(rule, subset));
    }
    return true;
}

/* --- looking up ------------------------------------------------------------------------------- */

/* The entry that `rule` renames to `name`; NULL if there is none. A rule of NULL renames none. */
static const cd_archive_entry *before_rule(const cd_rename *map, const cd_rename *rule,
                                           const cd_archive_subset *subset, const char *name)
{
    char text[CD_ARCHIVE_NAME_BYTES + 1];
    const char *in_file = name;
    if (rule) {
        const bool prefix = is_prefix(rule);
        const char *rest = prefix ? name + strlen(rule->to) : "";
        if (prefix ? !begins_with(name, rule->to) : strcmp(name, rule->to) != 0) return NULL;
        const int size = snprintf(text, sizeof text, "%s%s", rule->from, rest);
        if (size < 0 || (size_t)size >= sizeof text) return NULL; /* longer than any in a file */
        in_file = text;
    }
    return rule_of(map, in_file) == rule ? cd_archive_subset_find(subset, in_file) : NULL;
}

const cd_archive_entry *cd_checkpoint_map_find(const cd_rename *map,
                                               const cd_archive_subset *subset, const char *name,
                                               const cd_archive_entry **second)
{
    const cd_archive_entry *found = before_rule(map, NULL, subset, name);
    *second = NULL;
    for (const cd_rename *rule = map; rule && rule->from; rule++) {
        const cd_archive_entry *other = before_rule(map, rule, subset, name);
        if (other && found) *second = other;
        if (other && !found) found = other;
    }
    return found;
}

const char *cd_checkpoint_map_name(const cd_rename *map, const char *name,
                                   char text[CD_ARCHIVE_NAME_BYTES + 1])
{
    const cd_rename *rule = rule_of(map, name);
    if (!rule) return name;
    (void)snprintf(text, CD_ARCHIVE_NAME_BYTES + 1, "%s%s", rule->to,
                   is_prefix(rule) ? name + strlen(rule->from) : "");
    return text;
}
