/* Which tensor of a file is which tensor of a module. */
#include "io/checkpoint_internal.h"

#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "io/name_list_internal.h"
#include "nn/module_internal.h"

/* --- a module's tensors ----------------------------------------------------------------------- */

static bool add_place(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    cd_places *all = user;
    if (all->count == all->room) {
        int64_t room = all->room ? 2 * all->room : 64;
        cd_place *larger = cd_realloc(all->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        all->item = larger;
        all->room = room;
    }
    char *copy = cd_strdup(name);
    if (!copy) return false;
    all->item[all->count++] = (cd_place){ .name = copy, .tensor = t };
    return true;
}

bool cd_places_of(cd_places *all, cd_module *m, const char *function)
{
    return cd_check_module(m, function, "the module") && cd_visit(m, add_place, all);
}

void cd_places_free(cd_places *all)
{
    for (int64_t i = 0; i < all->count; i++) {
        cd_free(all->item[i].name);
        cd_object_disown((cd_object *)all->item[i].fresh);
    }
    cd_free(all->item);
}

/* One past the last element in memory, in elements of the storage. */
static int64_t end_of(const cd_tensor *t)
{
    int64_t last = t->offset;
    for (int i = 0; i < t->shape.ndim; i++) last += (t->shape.dim[i] - 1) * t->stride[i];
    return last + 1;
}

bool cd_place_covers(const cd_place *whole, const cd_place *part)
{
    const cd_tensor *a = whole->tensor, *b = part->tensor;
    if (a == b) return true;
    return a->storage == b->storage && a->dtype == b->dtype && a->contiguous && b->numel > 0 &&
           a->offset <= b->offset && end_of(b) <= a->offset + a->numel;
}

/* --- names in sentences ----------------------------------------------------------------------- */

static void add_name(cd_name_list *list, const char *name)
{
    cd_name_list_add(list, name, strlen(name));
}

static cd_name_list list_missing(const cd_places *all)
{
    cd_name_list l = { .count = 0 };
    for (int64_t i = 0; i < all->count; i++) {
        if (!all->item[i].entry) add_name(&l, all->item[i].name);
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

static int64_t count_found(const cd_places *all, const cd_archive_part *part)
{
    int64_t found = 0;
    for (int64_t i = 0; i < all->count; i++) {
        if (cd_archive_part_find(part, all->item[i].name)) found++;
    }
    return found;
}

/* DistributedDataParallel puts "module." before all names, torch.compile "_orig_mod.", and a module
 * around the network the name it has there: any of them is taken off, and as many as there are, if
 * that makes more names fit. */
static cd_archive_part without_shared_prefix(const cd_places *all, const cd_archive *archive)
{
    cd_archive_part part = cd_archive_below(archive, ""), best = part;
    int64_t most = count_found(all, &part);
    while (most < all->count && cd_archive_part_narrow(&part)) {
        int64_t found = count_found(all, &part);
        if (found > most) {
            most = found;
            best = part;
        }
    }
    return best;
}

static bool choose_part(const cd_places *all, const cd_archive *archive, const cd_load_options *o,
                        cd_archive_part *part)
{
    *part = o->prefix ? cd_archive_below(archive, o->prefix) : without_shared_prefix(all, archive);
    if (o->prefix && part->count == 0) {
        char shown[64];
        cd_name_list there = list_entries(archive);
        return cd_fail(CD_ERR_FORMAT,
                       "load: .prefix is \"%s\", and none of the %zu tensors in %s has a name "
                       "that begins with it: they are %s",
                       cd_escape_text(shown, sizeof shown, o->prefix), archive->count,
                       archive->bytes.label, there.text);
    }
    if (!o->prefix && part->skip > 0) {
        char shown[64];
        cd_log_line(CD_LOG_INFO, "load: the prefix \"%s\" was taken off all %zu names of %s",
                    cd_printable(shown, sizeof shown, part->entries[0]->name, part->skip),
                    part->count, archive->bytes.label);
    }
    return true;
}

/* --- what fits -------------------------------------------------------------------------------- */

/* PyTorch before 0.4.1 did not count batches. */
static bool is_counter(const char *name)
{
    static const char counter[] = "num_batches_tracked";
    size_t length = strlen(name);
    return length >= sizeof counter - 1 &&
           strcmp(name + length - (sizeof counter - 1), counter) == 0;
}

/* A layer that a module has under two names may lie in the file under either: the other place is
 * filled through the memory they share. */
static bool is_filled(const cd_places *all, int64_t i)
{
    if (all->item[i].entry) return true;
    for (int64_t k = 0; k < all->count; k++) {
        if (all->item[k].entry && cd_place_covers(&all->item[k], &all->item[i])) return true;
    }
    return false;
}

static cd_name_list list_lacking(const cd_places *all, int64_t *filled)
{
    cd_name_list lacking = { .count = 0 };
    *filled = 0;
    for (int64_t i = 0; i < all->count; i++) {
        if (is_filled(all, i)) {
            ++*filled;
        } else if (!is_counter(all->item[i].name)) {
            add_name(&lacking, all->item[i].name);
        }
    }
    return lacking;
}

/* The names of the part that no place took, in the order of the file. False when memory fails. */
static bool list_left_over(const cd_places *all, const cd_archive *archive,
                           const cd_archive_part *part, cd_name_list *left_over)
{
    bool *other = cd_alloc(archive->count); /* taken, or not of the part */
    if (!other) return false;
    memset(other, true, archive->count);
    for (size_t k = 0; k < part->count; k++) other[part->entries[k] - archive->entries] = false;
    for (int64_t i = 0; i < all->count; i++) {
        const cd_archive_entry *entry = all->item[i].entry;
        if (entry) other[entry - archive->entries] = true;
    }
    for (size_t k = 0; k < archive->count; k++) {
        if (!other[k]) add_name(left_over, archive->entries[k].name + part->skip);
    }
    cd_free(other);
    return true;
}

static bool fails_to_fit(const cd_places *all, const cd_archive *archive,
                         const cd_archive_part *part, const cd_name_list *lacking,
                         const cd_name_list *left_over)
{
    char without[100] = "";
    if (part->skip > 0) {
        char shown[64];
        (void)snprintf(without, sizeof without, " (its names taken without \"%s\")",
                       cd_printable(shown, sizeof shown, part->entries[0]->name, part->skip));
    }
    char lacks[300] = "", holds[300] = "";
    if (lacking->count > 0) {
        (void)snprintf(lacks, sizeof lacks, "of the module's %lld tensors it lacks %lld (%s)",
                       (long long)all->count, (long long)lacking->count, lacking->text);
    }
    if (left_over->count > 0) {
        (void)snprintf(holds, sizeof holds, "it holds %lld that the module has not (%s)",
                       (long long)left_over->count, left_over->text);
    }
    return cd_fail(CD_ERR_FORMAT, "load: %s does not fit the module%s: %s%s%s",
                   archive->bytes.label, without, lacks, *lacks && *holds ? ", and " : "", holds);
}

static bool nothing_in_common(const cd_places *all, const cd_archive *archive)
{
    cd_name_list there = list_entries(archive), wanted = list_missing(all);
    return cd_fail(CD_ERR_FORMAT,
                   "load: none of the module's %lld tensors (%s) is among the %zu of %s%s%s%s",
                   (long long)all->count, wanted.text, archive->count, archive->bytes.label,
                   there.count ? " (" : "", there.text, there.count ? ")" : "");
}

static void log_partial(const cd_places *all, const cd_archive *archive, int64_t filled,
                        const cd_name_list *lacking, const cd_name_list *left_over)
{
    char kept[300] = "", unused[300] = "";
    if (lacking->count > 0) {
        (void)snprintf(kept, sizeof kept, "; %lld %s (%s)", (long long)lacking->count,
                       lacking->count == 1 ? "keeps its values" : "keep their values",
                       lacking->text);
    }
    if (left_over->count > 0) {
        (void)snprintf(unused, sizeof unused, "; %lld of the file %s not used (%s)",
                       (long long)left_over->count, left_over->count == 1 ? "is" : "are",
                       left_over->text);
    }
    cd_log_line(CD_LOG_INFO, "load: %lld of the module's %lld tensors come from %s%s%s",
                (long long)filled, (long long)all->count, archive->bytes.label, kept, unused);
}

static bool check_shapes(const cd_places *all, const cd_archive *archive)
{
    for (int64_t i = 0; i < all->count; i++) {
        const cd_place *p = &all->item[i];
        char in_file[CD_SHAPE_TEXT], in_module[CD_SHAPE_TEXT];
        if (!p->entry || cd_shape_equal(p->entry->shape, p->tensor->shape)) continue;
        return cd_fail(CD_ERR_SHAPE, "load: \"%s\" is %s in %s and %s in the module", p->name,
                       cd_shape_text(p->entry->shape, in_file), archive->bytes.label,
                       cd_shape_text(p->tensor->shape, in_module));
    }
    return true;
}

bool cd_places_match(cd_places *all, const cd_archive *archive, const cd_load_options *o)
{
    cd_archive_part part;
    if (!choose_part(all, archive, o, &part)) return false;
    for (int64_t i = 0; i < all->count; i++) {
        all->item[i].entry = cd_archive_part_find(&part, all->item[i].name);
    }
    int64_t filled;
    cd_name_list lacking = list_lacking(all, &filled), left_over = { .count = 0 };
    if (!list_left_over(all, archive, &part, &left_over)) return false;
    if (o->partial && filled == 0 && all->count > 0) return nothing_in_common(all, archive);
    if (!o->partial && (lacking.count > 0 || left_over.count > 0)) {
        return fails_to_fit(all, archive, &part, &lacking, &left_over);
    }
    if (!check_shapes(all, archive)) return false;
    if (o->partial) log_partial(all, archive, filled, &lacking, &left_over);
    return true;
}
