#include "io/checkpoint_internal.h"

#include <string.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/file_format_internal.h"
#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"

/* --- saving ----------------------------------------------------------------------------------- */

/* What is written: every tensor once. A layer under two names is one tensor, which lies in the file
 * under the first, and a text says so: { second name: first name }, as safetensors.torch.save_model
 * does it. Its load_model refuses a file that has both. */
typedef struct record {
    cd_safetensors_item *items;
    cd_text_pair *texts;
    size_t item_count, text_count;
} record;

static bool has_text(const record *r, const char *key)
{
    for (size_t i = 0; i < r->text_count; i++) {
        if (r->texts[i].key && strcmp(r->texts[i].key, key) == 0) return true;
    }
    return false;
}

/* The caller's texts between those that say what wrote the file and the one that transformers, and
 * what is like it, asks of a file with any texts at all: "pt", the tensors are as PyTorch has them.
 */
static void fill_texts(record *r, const cd_save_options *o)
{
    cd_format_texts(r->texts);
    r->text_count = CD_FORMAT_TEXTS;
    for (int64_t i = 0; i < o->text_count; i++) {
        const char *key = o->texts[i].key;
        if (!key || !cd_is_format_key(key)) r->texts[r->text_count++] = o->texts[i];
    }
    if (!has_text(r, "format")) r->texts[r->text_count++] = (cd_text_pair){ "format", "pt" };
}

/* Whether k is another place than i that is written in its stead: one of more elements, or of two
 * with the same elements the first. */
static bool stands_for(const cd_places *all, int64_t k, int64_t i)
{
    return k != i && cd_place_covers(&all->item[k], &all->item[i]) &&
           (k < i || !cd_place_covers(&all->item[i], &all->item[k]));
}

/* The place under which the elements of place i are written, itself or another one. */
static int64_t keeper_of(const cd_places *all, int64_t i)
{
    for (int64_t k = 0; k < all->count; k++) {
        if (!stands_for(all, k, i)) continue;
        i = k; /* for which another one may stand */
        k = -1;
    }
    return i;
}

static bool fill_record(record *r, const cd_places *all)
{
    for (int64_t i = 0; i < all->count; i++) {
        const char *name = all->item[i].name;
        int64_t keeper = keeper_of(all, i);
        if (keeper != i) {
            if (has_text(r, name)) continue; /* the caller's own */
            r->texts[r->text_count++] = (cd_text_pair){ name, all->item[keeper].name };
            continue;
        }
        if (cd_device_at(all->item[i].tensor) == CD_META) {
            return cd_fail(CD_ERR_STATE,
                           "save: \"%s\" is on the meta device, which holds no elements", name);
        }
        cd_tensor *t = cd_contiguous(cd_to_device(all->item[i].tensor, CD_CPU));
        if (!t) return false;
        r->items[r->item_count++] = (cd_safetensors_item){ .name = name,
                                                           .dtype = cd_file_dtype_of(t->dtype),
                                                           .shape = t->shape,
                                                           .data = cd_tensor_data(t) };
    }
    return cd_ok();
}

static bool save(const cd_places *all, const cd_save_options *o)
{
    size_t count = (size_t)all->count, texts = (size_t)o->text_count + CD_FORMAT_TEXTS + 1;
    record r = { .items = cd_alloc_zeroed(count, sizeof *r.items),
                 .texts = cd_alloc_zeroed(texts + count, sizeof *r.texts) };
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(false);
    bool done = r.items && r.texts;
    if (done) fill_texts(&r, o);
    done = done && fill_record(&r, all) &&
           cd_safetensors_write(o->path, r.items, r.item_count, r.texts, r.text_count);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    cd_free(r.items);
    cd_free(r.texts);
    return done;
}

bool cd_save_with(cd_save_options o)
{
    if (!cd_ok()) return false;
    if (!o.path) return cd_fail(CD_ERR_ARGUMENT, "save: the path is NULL");
    if (!cd_check_not_captured("save", "it reads elements")) return false;
    if (o.text_count < 0 || (o.text_count > 0) != !!o.texts) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save: .texts is %s and .text_count is %lld: both must be given, the texts "
                       "and how many they are, or neither",
                       o.texts ? "given" : "NULL", (long long)o.text_count);
    }
    cd_places all = { .count = 0 };
    bool done = cd_places_of(&all, o.module, "save") && save(&all, &o);
    cd_places_free(&all);
    return done;
}

/* --- loading ---------------------------------------------------------------------------------- */

static bool read_one(cd_place *p, cd_archive *archive)
{
    const cd_archive_entry *e = p->entry;
    if (!e) return true;
    if (cd_device_at(p->tensor) == CD_META) {
        return cd_fail(CD_ERR_STATE,
                       "load: \"%s\" is on the meta device, which holds no elements: make the "
                       "module on another",
                       p->name);
    }
    cd_tensor *read = cd_archive_tensor(archive, e, p->tensor->dtype);
    if (!read || cd_device_at(p->tensor) == CD_CPU) {
        p->fresh = read;
    } else {
        p->fresh = cd_tensor_copy_on("load", cd_device_at(p->tensor), read);
        cd_object_disown(&read->object);
    }
    return p->fresh != NULL;
}

/* Everything is read before anything is changed. */
static bool load(cd_places *all, cd_archive *archive, const cd_load_options *o)
{
    if (!cd_places_match(all, archive, o)) return false;
    for (int64_t i = 0; i < all->count; i++) {
        if (!read_one(&all->item[i], archive)) return false;
    }
    int64_t loaded = 0;
    for (int64_t i = 0; i < all->count; i++) {
        cd_place *p = &all->item[i];
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
    if (!cd_check_not_captured("load", "the elements come from a file")) return false;
    if (!cd_tensor_file_one(o.path, o.file, "load")) return false;
    cd_scope scope = cd_scope_begin();
    cd_places all = { .count = 0 };
    bool done = cd_places_of(&all, o.module, "load");
    cd_tensor_file *file = o.file || !done ? o.file : cd_tensor_file_open(o.path);
    cd_archive *archive = done && file ? cd_tensor_file_archive(file, "load") : NULL;
    done = archive && cd_archive_format(archive) >= 0 && load(&all, archive, &o);
    cd_places_free(&all);
    (void)cd_scope_end(scope);
    return done;
}
