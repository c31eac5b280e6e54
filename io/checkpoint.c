#include "io/checkpoint.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"

/* --- what a module holds ---------------------------------------------------------------------- */

/* A tensor of the module, its name, and what is to be copied into it. */
typedef struct place {
    char *name;        /* owned */
    cd_tensor *tensor; /* borrowed: the module keeps it */
    cd_tensor *fresh;  /* owned; NULL while nothing was read */
} place;

typedef struct places {
    place *item;
    int64_t count, room;
} places;

static bool add_place(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    places *all = user;
    if (all->count == all->room) {
        int64_t room = all->room ? 2 * all->room : 64;
        place *larger = cd_realloc(all->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        all->item = larger;
        all->room = room;
    }
    char *copy = cd_strdup(name);
    if (!copy) return false;
    all->item[all->count++] = (place){ .name = copy, .tensor = t };
    return true;
}

static void free_places(places *all)
{
    for (int64_t i = 0; i < all->count; i++) {
        cd_free(all->item[i].name);
        cd_object_disown((cd_object *)all->item[i].fresh);
    }
    cd_free(all->item);
}

/* --- saving ----------------------------------------------------------------------------------- */

static bool save(const places *all, const cd_save_options *o)
{
    cd_safetensors_item *items = cd_alloc_zeroed((size_t)all->count, sizeof *items);
    if (!items) return false;
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(false);
    bool done = cd_ok();
    for (int64_t i = 0; i < all->count && done; i++) {
        cd_tensor *t = cd_contiguous(all->item[i].tensor);
        done = t != NULL;
        if (!done) break;
        items[i] = (cd_safetensors_item){ .name = all->item[i].name,
                                          .dtype = cd_file_dtype_of(t->dtype),
                                          .shape = t->shape,
                                          .data = cd_tensor_data(t) };
    }
    done = done && cd_safetensors_write(o->path, items, (size_t)all->count, o->texts,
                                        (size_t)o->text_count);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    cd_free(items);
    return done;
}

bool cd_save_with(cd_save_options o)
{
    if (!cd_ok()) return false;
    if (!o.path) return cd_fail(CD_ERR_ARGUMENT, "save: the path is NULL");
    if (o.text_count < 0 || (o.text_count > 0) != !!o.texts) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save: .texts is %s and .text_count is %lld: both must be given, the texts "
                       "and how many they are, or neither",
                       o.texts ? "given" : "NULL", (long long)o.text_count);
    }
    places all = { .count = 0 };
    bool done = cd_visit(o.module, add_place, &all) && save(&all, &o);
    free_places(&all);
    return done;
}

/* --- loading ---------------------------------------------------------------------------------- */

/* Three names and how many more, for a sentence. */
typedef struct naming {
    char text[240];
    int64_t count;
} naming;

static void name_one(naming *n, const char *name)
{
    enum { SHOWN = 3 };
    size_t used = strlen(n->text);
    if (n->count++ < SHOWN) {
        (void)snprintf(n->text + used, sizeof n->text - used, "%s%.60s", used ? ", " : "", name);
    } else if (n->count == SHOWN + 1) {
        (void)snprintf(n->text + used, sizeof n->text - used, ", ...");
    }
}

static bool may_be_absent(const char *name)
{
    static const char counter[] = "num_batches_tracked";
    size_t length = strlen(name);
    return length >= sizeof counter - 1 &&
           strcmp(name + length - (sizeof counter - 1), counter) == 0;
}

/* Everything the names alone can tell. */
static bool check_names(const places *all, const cd_archive *archive)
{
    naming missing = { .count = 0 }, left_over = { .count = 0 };
    for (int64_t i = 0; i < all->count; i++) {
        const char *name = all->item[i].name;
        if (!cd_archive_find(archive, name) && !may_be_absent(name)) name_one(&missing, name);
    }
    for (size_t k = 0; k < archive->count; k++) {
        bool found = false;
        for (int64_t i = 0; i < all->count && !found; i++) {
            found = strcmp(all->item[i].name, archive->entries[k].name) == 0;
        }
        if (!found) name_one(&left_over, archive->entries[k].name);
    }
    if (missing.count == 0 && left_over.count == 0) return true;
    return cd_fail(
        CD_ERR_FORMAT,
        "load: %s does not fit the module: of the module's %lld tensors it lacks %lld%s%s%s, "
        "and it holds %lld that the module has not%s%s%s",
        archive->bytes.label, (long long)all->count, (long long)missing.count,
        missing.count ? " (" : "", missing.text, missing.count ? ")" : "",
        (long long)left_over.count, left_over.count ? " (" : "", left_over.text,
        left_over.count ? ")" : "");
}

static bool read_one(place *p, cd_archive *archive)
{
    const cd_archive_entry *e = cd_archive_find(archive, p->name);
    if (!e) return true;
    if (!cd_shape_equal(e->shape, p->tensor->shape)) {
        char in_file[CD_SHAPE_TEXT], in_module[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE, "load: \"%s\" is %s in %s and %s in the module", p->name,
                       cd_shape_text(e->shape, in_file), archive->bytes.label,
                       cd_shape_text(p->tensor->shape, in_module));
    }
    p->fresh = cd_archive_tensor(archive, e, p->tensor->dtype);
    return p->fresh != NULL;
}

/* Everything is read before anything is changed. */
static bool load(places *all, cd_archive *archive, const cd_load_options *o)
{
    if (!o->partial && !check_names(all, archive)) return false;
    for (int64_t i = 0; i < all->count; i++) {
        if (!read_one(&all->item[i], archive)) return false;
    }
    int64_t loaded = 0;
    for (int64_t i = 0; i < all->count; i++) {
        place *p = &all->item[i];
        if (!p->fresh) continue;
        cd_tensor_copy(p->tensor, p->fresh);
        cd_tensor_bump(p->tensor);
        loaded++;
    }
    if (o->loaded) *o->loaded = loaded;
    return true;
}

bool cd_load_with(cd_load_options o)
{
    if (!cd_ok()) return false;
    if (!o.module) return cd_fail(CD_ERR_ARGUMENT, "load: the module is NULL");
    if (!o.path) return cd_fail(CD_ERR_ARGUMENT, "load: the path is NULL");
    cd_scope scope = cd_scope_begin();
    places all = { .count = 0 };
    cd_tensor_file *file = cd_visit(o.module, add_place, &all) ? cd_tensor_file_open(o.path) : NULL;
    bool done = file && load(&all, cd_tensor_file_archive(file, "load"), &o);
    free_places(&all);
    (void)cd_scope_end(scope);
    return done;
}
