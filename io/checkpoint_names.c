/* Steps 1 and 7 of cd_load (checkpoint.c): a module's names as slots, and which entry of the file
 * belongs to which slot. */
#include "io/checkpoint_internal.h"

#include <limits.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/nearest.h"
#include "core/tensor_internal.h"
#include "io/name_list_internal.h"
#include "nn/module_internal.h"

/* --- a module's tensors ----------------------------------------------------------------------- */

static bool add_slot(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    cd_checkpoint_slots *slots = user;
    if (slots->count == slots->capacity) {
        int64_t capacity = slots->capacity ? 2 * slots->capacity : 64;
        cd_checkpoint_slot *larger = cd_realloc(slots->item, (size_t)capacity * sizeof *larger);
        if (!larger) return false;
        slots->item = larger;
        slots->capacity = capacity;
    }
    char *copy = cd_strdup(name);
    if (!copy) return false;
    slots->item[slots->count++] = (cd_checkpoint_slot){ .name = copy, .tensor = t };
    return true;
}

bool cd_checkpoint_slots_collect(cd_checkpoint_slots *slots, cd_module *m, const char *function)
{
    return cd_check_module(m, function, "the module") && cd_visit(m, add_slot, slots);
}

void cd_checkpoint_slots_free(cd_checkpoint_slots *slots)
{
    for (int64_t i = 0; i < slots->count; i++) {
        cd_free(slots->item[i].name);
        cd_object_disown((cd_object *)slots->item[i].new_values);
    }
    cd_free(slots->item);
}

bool cd_checkpoint_slot_covers(const cd_checkpoint_slot *whole, const cd_checkpoint_slot *part)
{
    const cd_tensor *a = whole->tensor, *b = part->tensor;
    if (a == b) return true;
    return a->storage == b->storage && a->dtype == b->dtype && a->contiguous && b->numel > 0 &&
           a->offset <= b->offset && cd_layout_end(&b->layout) <= a->offset + a->numel;
}

/* --- names in sentences ----------------------------------------------------------------------- */

static void add_name(cd_name_list *list, const char *name)
{
    cd_name_list_add(list, name, strlen(name));
}

static cd_name_list list_without_entry(const cd_checkpoint_slots *slots)
{
    cd_name_list l = { .count = 0 };
    for (int64_t i = 0; i < slots->count; i++) {
        if (!slots->item[i].entry) add_name(&l, slots->item[i].name);
    }
    return l;
}

static cd_name_list list_entries(const cd_archive *archive)
{
    cd_name_list l = { .count = 0 };
    for (size_t k = 0; k < archive->count; k++) add_name(&l, archive->entries[k].name);
    return l;
}

/* --- the prefix ------------------------------------------------------------------------------- */

static int64_t count_found(const cd_checkpoint_slots *slots, const cd_archive_subset *subset,
                           const cd_rename *map)
{
    int64_t found = 0;
    for (int64_t i = 0; i < slots->count; i++) {
        const cd_archive_entry *second;
        if (cd_checkpoint_map_find(map, subset, slots->item[i].name, &second)) found++;
    }
    return found;
}

/* All names of a file may have a prefix that the module's names lack: DistributedDataParallel adds
 * "module.", torch.compile "_orig_mod.", and a module around the network the name it has for it.
 * The prefix grows by one dotted part at a time; the one with which most names fit is taken off. */
static cd_archive_subset without_shared_prefix(const cd_checkpoint_slots *slots,
                                               const cd_archive *archive, const cd_rename *map)
{
    cd_archive_subset subset = cd_archive_with_prefix(archive, ""), best = subset;
    int64_t most = count_found(slots, &subset, map);
    while (most < slots->count && cd_archive_subset_narrow(&subset)) {
        int64_t found = count_found(slots, &subset, map);
        if (found > most) {
            most = found;
            best = subset;
        }
    }
    return best;
}

/* The entries that are loaded: those below .prefix, or all, without the prefix that they share. */
static bool choose_subset(const cd_checkpoint_slots *slots, const cd_archive *archive,
                          const cd_load_options *o, cd_archive_subset *subset)
{
    *subset = o->prefix ? cd_archive_with_prefix(archive, o->prefix)
                        : without_shared_prefix(slots, archive, o->map);
    if (o->prefix && subset->count == 0) {
        char shown[64];
        cd_name_list there = list_entries(archive);
        return cd_fail(CD_ERR_FORMAT,
                       "load: .prefix is \"%s\", and none of the %zu tensors in %s has a name "
                       "that begins with it: they are %s",
                       cd_escape_text(shown, sizeof shown, o->prefix), archive->count,
                       archive->description.label, there.text);
    }
    if (!o->prefix && subset->prefix_size > 0) {
        char shown[64];
        cd_log_line(
            CD_LOG_INFO, "load: the prefix \"%s\" was taken off all %zu names of %s",
            cd_printable(shown, sizeof shown, subset->entries[0]->name, subset->prefix_size),
            subset->count, archive->description.label);
    }
    return true;
}

/* --- what fits -------------------------------------------------------------------------------- */

/* num_batches_tracked may be absent from a file: PyTorch before 0.4.1 did not count batches. */
static bool is_batch_counter(const char *name)
{
    static const char counter[] = "num_batches_tracked";
    size_t length = strlen(name);
    return length >= sizeof counter - 1 &&
           strcmp(name + length - (sizeof counter - 1), counter) == 0;
}

/* Whether the slot gets its values from the file: it has an entry, or a slot that covers it has
 * one. A layer that the module has under two names may be in the file under only one of them. */
static bool is_filled(const cd_checkpoint_slots *slots, int64_t i)
{
    if (slots->item[i].entry) return true;
    for (int64_t k = 0; k < slots->count; k++) {
        if (slots->item[k].entry && cd_checkpoint_slot_covers(&slots->item[k], &slots->item[i]))
            return true;
    }
    return false;
}

/* Whether the file ought to have the tensor of a slot and has not. */
static bool is_missing(const cd_checkpoint_slots *slots, int64_t i, const char *const *skip)
{
    const char *name = slots->item[i].name;
    return !is_filled(slots, i) && !is_batch_counter(name) && !cd_checkpoint_skips(skip, name);
}

/* The names that the file lacks. *filled counts the slots that it fills. */
static cd_name_list list_unfilled(const cd_checkpoint_slots *slots, const char *const *skip,
                                  int64_t *filled)
{
    cd_name_list missing = { .count = 0 };
    *filled = 0;
    for (int64_t i = 0; i < slots->count; i++) {
        if (is_filled(slots, i)) ++*filled;
        if (is_missing(slots, i, skip)) add_name(&missing, slots->item[i].name);
    }
    return missing;
}

/* What of the file no slot has. */
typedef struct leftovers {
    cd_name_list names;
    size_t prefix_size; /* taken off the names */
    bool *used;         /* for each entry of the archive: it is a slot's, skipped, or outside the
                            subset. The caller frees it */
} leftovers;

/* Lists the names of the subset that are no slot's entry, in the order of the file. False when
 * memory fails. */
static bool list_left_over(const cd_checkpoint_slots *slots, const cd_archive *archive,
                           const cd_archive_subset *subset, const cd_load_options *o,
                           leftovers *out)
{
    bool *used = cd_alloc(archive->count);
    *out = (leftovers){ .used = used, .prefix_size = subset->prefix_size };
    if (!used) return false;
    memset(used, true, archive->count);
    for (size_t k = 0; k < subset->count; k++) {
        char text[CD_ARCHIVE_NAME_BYTES + 1];
        const char *name = subset->entries[k]->name + subset->prefix_size;
        used[subset->entries[k] - archive->entries] =
            o->skip && cd_checkpoint_skips(o->skip, cd_checkpoint_map_name(o->map, name, text));
    }
    for (int64_t i = 0; i < slots->count; i++) {
        const cd_archive_entry *entry = slots->item[i].entry;
        if (entry) used[entry - archive->entries] = true;
    }
    for (size_t k = 0; k < archive->count; k++) {
        if (!used[k]) add_name(&out->names, archive->entries[k].name + subset->prefix_size);
    }
    return true;
}

enum { MISFIT_BYTES = 2 * CD_SHAPE_TEXT + 240 };

/* Says how the first tensor whose shape in the file is another than in the module differs, and how
 * many others do: the text begins with `before`, and is empty if there is none. */
static const char *misfit_text(const cd_checkpoint_slots *slots, const cd_archive *archive,
                               const char *before, char text[MISFIT_BYTES])
{
    int64_t count = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < slots->count; i++) {
        const cd_checkpoint_slot *slot = &slots->item[i];
        char in_file[CD_SHAPE_TEXT], in_module[CD_SHAPE_TEXT];
        if (!slot->entry || cd_shape_equal(slot->entry->shape, slot->tensor->shape)) continue;
        if (count++ > 0) continue;
        (void)snprintf(text, MISFIT_BYTES, "%s\"%s\" is %s in %s and %s in the module", before,
                       slot->name, cd_shape_text(slot->entry->shape, in_file),
                       archive->description.label, cd_shape_text(slot->tensor->shape, in_module));
    }
    const size_t used = strlen(text);
    if (count > 1) {
        (void)snprintf(text + used, MISFIT_BYTES - used, ", and %lld more %s", (long long)count - 1,
                       count == 2 ? "has another shape" : "have other shapes");
    }
    return text;
}

/* --- the nearest name ------------------------------------------------------------------------- */

/* How many bytes two names have in common at their ends, in whole dotted parts. */
static size_t common_end(const char *a, const char *b)
{
    size_t i = strlen(a), k = strlen(b), size = 0, whole = 0;
    while (size < i && size < k && a[i - size - 1] == b[k - size - 1]) {
        size++;
        if (a[i - size] == '.') whole = size;
    }
    const bool ends =
        (size == i || a[i - size - 1] == '.') && (size == k || b[k - size - 1] == '.');
    return ends ? size : whole;
}

/* The name of the file's tensor that the slot's most probably is: of those that no slot has and
 * that have its shape, the one whose end has most in common with the slot's, or that is spelled
 * nearly alike. NULL if there is none. */
static const char *nearest_name(const cd_checkpoint_slot *slot, const cd_archive *archive,
                                const leftovers *rest)
{
    const char *best = NULL, *alike = NULL;
    size_t most = 0;
    int distance = INT_MAX;
    for (size_t k = 0; k < archive->count; k++) {
        if (rest->used[k] || !cd_shape_equal(archive->entries[k].shape, slot->tensor->shape)) {
            continue;
        }
        const char *name = archive->entries[k].name + rest->prefix_size;
        const size_t common = common_end(slot->name, name);
        if (common > most) {
            most = common;
            best = name;
        }
        cd_nearest_offer(slot->name, name, &alike, &distance);
    }
    return alike ? alike : best;
}

/* Says which option would give a tensor of the file the name `wanted`: it is called `name`, of
 * which the first `before` bytes were taken off. */
static void advise(const char *name, size_t before, const char *wanted, char text[200])
{
    char own[64], other[64];
    const size_t length = strlen(name), size = strlen(wanted);
    if (length > size && name[length - size - 1] == '.' &&
        strcmp(name + length - size, wanted) == 0) {
        (void)snprintf(text, 200, "; perhaps .prefix = \"%s\" is meant",
                       cd_printable(other, sizeof other, name, length - size));
        return;
    }
    (void)snprintf(text, 200, "; perhaps its \"%s\" is \"%s\": see .map",
                   cd_escape_text(other, sizeof other, name + before),
                   cd_escape_text(own, sizeof own, wanted));
}

/* Names the tensor that the first missing one may be; else the text is empty. */
static void nearest_text(const cd_checkpoint_slots *slots, const cd_archive *archive,
                         const leftovers *rest, const char *const *skip, char text[200])
{
    text[0] = '\0';
    for (int64_t i = 0; i < slots->count; i++) {
        if (!is_missing(slots, i, skip)) continue;
        const char *name = nearest_name(&slots->item[i], archive, rest);
        if (name) advise(name - rest->prefix_size, rest->prefix_size, slots->item[i].name, text);
        return;
    }
}

/* --- sentences -------------------------------------------------------------------------------- */

static bool does_not_fit(const cd_checkpoint_slots *slots, const cd_archive *archive,
                         const cd_archive_subset *subset, const cd_load_options *o,
                         const cd_name_list *missing, const leftovers *rest)
{
    const cd_name_list *left_over = &rest->names;
    const char *renamed = o->map ? " (its names renamed by .map)" : "";
    char without[100] = "";
    if (subset->prefix_size > 0) {
        char shown[64];
        (void)snprintf(
            without, sizeof without, " (its names taken without \"%s\")",
            cd_printable(shown, sizeof shown, subset->entries[0]->name, subset->prefix_size));
    }
    char lacks[300] = "", holds[300] = "";
    if (missing->count > 0) {
        (void)snprintf(lacks, sizeof lacks, "of the module's %lld tensors it lacks %lld (%s)",
                       (long long)slots->count, (long long)missing->count, missing->text);
    }
    if (left_over->count > 0) {
        (void)snprintf(holds, sizeof holds, "it holds %lld that the module lacks (%s)",
                       (long long)left_over->count, left_over->text);
    }
    char misfit[MISFIT_BYTES], nearest[200];
    nearest_text(slots, archive, rest, o->skip, nearest);
    return cd_fail(CD_ERR_FORMAT, "load: %s does not fit the module%s%s: %s%s%s%s%s",
                   archive->description.label, without, renamed, lacks,
                   *lacks && *holds ? ", and " : "", holds, nearest,
                   misfit_text(slots, archive, "; ", misfit));
}

static bool nothing_in_common(const cd_checkpoint_slots *slots, const cd_archive *archive)
{
    cd_name_list there = list_entries(archive), wanted = list_without_entry(slots);
    return cd_fail(CD_ERR_FORMAT,
                   "load: none of the module's %lld tensors (%s) is among the %zu of %s%s%s%s",
                   (long long)slots->count, wanted.text, archive->count, archive->description.label,
                   there.count ? " (" : "", there.text, there.count ? ")" : "");
}

static void log_partial(const cd_checkpoint_slots *slots, const cd_archive *archive, int64_t filled,
                        const cd_name_list *missing, const cd_name_list *left_over)
{
    char kept[300] = "", unused[300] = "";
    if (missing->count > 0) {
        (void)snprintf(kept, sizeof kept, "; %lld %s (%s)", (long long)missing->count,
                       missing->count == 1 ? "keeps its values" : "keep their values",
                       missing->text);
    }
    if (left_over->count > 0) {
        (void)snprintf(unused, sizeof unused, "; %lld of the file %s not used (%s)",
                       (long long)left_over->count, left_over->count == 1 ? "is" : "are",
                       left_over->text);
    }
    cd_log_line(CD_LOG_INFO, "load: %lld of the module's %lld tensors come from %s%s%s",
                (long long)filled, (long long)slots->count, archive->description.label, kept,
                unused);
}

static bool check_shapes(const cd_checkpoint_slots *slots, const cd_archive *archive)
{
    char misfit[MISFIT_BYTES];
    return !*misfit_text(slots, archive, "load: ", misfit) ||
           cd_fail(CD_ERR_SHAPE, "%s (.skip leaves tensors out)", misfit);
}

/* Checks that each name of .skip is one of the module or, renamed, of the subset. */
static bool check_skip(const cd_checkpoint_slots *slots, const cd_archive_subset *subset,
                       const cd_load_options *o, const char *label)
{
    for (const char *const *skip = o->skip; skip && *skip; skip++) {
        const char *const only[] = { *skip, NULL };
        char text[CD_ARCHIVE_NAME_BYTES + 1], shown[64];
        bool found = false;
        for (int64_t i = 0; !found && i < slots->count; i++) {
            found = cd_checkpoint_skips(only, slots->item[i].name);
        }
        for (size_t k = 0; !found && k < subset->count; k++) {
            const char *name = subset->entries[k]->name + subset->prefix_size;
            found = cd_checkpoint_skips(only, cd_checkpoint_map_name(o->map, name, text));
        }
        if (found) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "load: .skip has \"%s\", and neither the module nor %s has a tensor of that "
                       "name; what ends with a dot stands for all below it",
                       cd_escape_text(shown, sizeof shown, *skip), label);
    }
    return true;
}

/* Sets the entry of every slot. False when two entries are called as one slot is. */
static bool find_entries(cd_checkpoint_slots *slots, const cd_archive *archive,
                         const cd_archive_subset *subset, const cd_load_options *o)
{
    for (int64_t i = 0; i < slots->count; i++) {
        cd_checkpoint_slot *slot = &slots->item[i];
        const cd_archive_entry *second;
        if (cd_checkpoint_skips(o->skip, slot->name)) continue;
        slot->entry = cd_checkpoint_map_find(o->map, subset, slot->name, &second);
        if (!second) continue;
        char one[64], other[64], name[64];
        return cd_fail(CD_ERR_FORMAT,
                       "load: by .map the tensors \"%s\" and \"%s\" of %s would both be \"%s\"",
                       cd_escape_text(one, sizeof one, slot->entry->name + subset->prefix_size),
                       cd_escape_text(other, sizeof other, second->name + subset->prefix_size),
                       archive->description.label, cd_escape_text(name, sizeof name, slot->name));
    }
    return true;
}

/* Whether names and shapes fit, by the rules of cd_load. */
static bool all_fit(const cd_checkpoint_slots *slots, const cd_archive *archive,
                    const cd_archive_subset *subset, const cd_load_options *o,
                    const leftovers *rest)
{
    int64_t filled;
    cd_name_list missing = list_unfilled(slots, o->skip, &filled);
    if (o->partial && filled == 0 && slots->count > 0) return nothing_in_common(slots, archive);
    if (!o->partial && (missing.count > 0 || rest->names.count > 0)) {
        return does_not_fit(slots, archive, subset, o, &missing, rest);
    }
    if (!check_shapes(slots, archive)) return false;
    if (o->partial) log_partial(slots, archive, filled, &missing, &rest->names);
    return true;
}

bool cd_checkpoint_slots_match(cd_checkpoint_slots *slots, const cd_archive *archive,
                               const cd_load_options *o)
{
    cd_archive_subset subset;
    if (!cd_checkpoint_map_check(o->map) || !choose_subset(slots, archive, o, &subset) ||
        !cd_checkpoint_map_used(o->map, &subset, archive->description.label) ||
        !check_skip(slots, &subset, o, archive->description.label) ||
        !find_entries(slots, archive, &subset, o)) {
        return false;
    }
    leftovers rest;
    const bool fits = list_left_over(slots, archive, &subset, o, &rest) &&
                      all_fit(slots, archive, &subset, o, &rest);
    cd_free(rest.used);
    return fits;
}
