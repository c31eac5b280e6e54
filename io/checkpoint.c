/* cd_save and cd_load.
 *
 * The steps of cd_load(model, "m.pth"). The first comment of each file says which step it is.
 *
 *   1  checkpoint.c         makes a slot for every name of the module
 *   2  tensor_file.c        opens the file: source.c reads it by offset, archive.c recognises the
 *                           container by its first bytes
 *   3  pth_zip.c            finds data.pkl and the storages in the container; pth_stream.c and
 *                           pth_tar.c do so for the containers before the zip
 *   4    zip.c, tar.c       read and check the headers of the members
 *   5    pickle*.c          runs data.pkl, which describes tensors over storages
 *   6    pth_state.c        checks the tensors against their storages, finds the state dict
 *                           (pth_find.c), and adds its tensors, or those of a module that was saved
 *                           whole (pth_module.c), to the archive as entries
 *   7  checkpoint_names.c   gives each slot the entry of its name, which .map may have changed
 *                           (checkpoint_map.c), and compares shapes
 *   8  archive_read.c       reads each entry into a new tensor, and compares its CRC
 *   9  checkpoint.c         once all entries were read, copies the new tensors into the module's
 *
 * For a safetensors file, safetensors_read.c takes the place of steps 3 to 6, and for NumPy's files
 * npy_read.c does. After step 6,
 * file_format.c refuses a file of a format of Candela's that is later than this library. No step
 * trusts the file: sizes, offsets and names are checked before they are used, memory is limited
 * (budget.c), and nothing in the file is run. Until step 9 the module is not touched. */
#include "io/checkpoint_internal.h"

#include <string.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/file_ending_internal.h"
#include "io/file_format_internal.h"
#include "io/npy_write_internal.h"
#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"

/* --- saving ----------------------------------------------------------------------------------- */

/* What is written. A layer that the module has under two names is one tensor: the file has it under
 * the first name, and a text { second name: first name }, as safetensors.torch.save_model writes
 * it, whose load_model refuses a file that has both. */
typedef struct file_contents {
    cd_file_item *tensors; /* with room for one per slot */
    cd_text_pair *texts;   /* with room for the caller's, one per slot, and our own */
    size_t tensor_count, text_count;
} file_contents;

static bool has_text(const file_contents *c, const char *key)
{
    for (size_t i = 0; i < c->text_count; i++) {
        if (c->texts[i].key && strcmp(c->texts[i].key, key) == 0) return true;
    }
    return false;
}

/* The texts that say what wrote the file, then the caller's, then "format": "pt" unless the caller
 * gave one: transformers refuses a file that has texts but not this one. "pt" says that the tensors
 * are as PyTorch has them. */
static void collect_texts(file_contents *c, const cd_save_options *o)
{
    cd_format_texts(c->texts);
    c->text_count = CD_FORMAT_TEXTS;
    for (int64_t i = 0; i < o->text_count; i++) {
        const char *key = o->texts[i].key;
        if (!key || !cd_is_format_key(key)) c->texts[c->text_count++] = o->texts[i];
    }
    if (!has_text(c, "format")) c->texts[c->text_count++] = (cd_text_pair){ "format", "pt" };
}

/* Whether slot k is written in place of slot i: its tensor covers that of i, and either has more
 * elements or, when they are the same, comes first. */
static bool is_written_for(const cd_checkpoint_slots *slots, int64_t k, int64_t i)
{
    return k != i && cd_checkpoint_slot_covers(&slots->item[k], &slots->item[i]) &&
           (k < i || !cd_checkpoint_slot_covers(&slots->item[i], &slots->item[k]));
}

/* The slot under whose name the elements of slot i are written: i itself or another one. */
static int64_t written_slot(const cd_checkpoint_slots *slots, int64_t i)
{
    for (int64_t k = 0; k < slots->count; k++) {
        if (!is_written_for(slots, k, i)) continue;
        i = k; /* which may be covered by yet another slot */
        k = -1;
    }
    return i;
}

static bool collect_tensors(file_contents *c, const cd_checkpoint_slots *slots)
{
    for (int64_t i = 0; i < slots->count; i++) {
        const char *name = slots->item[i].name;
        int64_t written = written_slot(slots, i);
        if (written != i) {
            if (has_text(c, name)) continue; /* the caller has a text of his own under this name */
            c->texts[c->text_count++] = (cd_text_pair){ name, slots->item[written].name };
            continue;
        }
        if (!cd_file_item_of(&c->tensors[c->tensor_count], "save", name, slots->item[i].tensor)) {
            return false;
        }
        c->tensor_count++;
    }
    return cd_ok();
}

/* An .npz has no place for texts: a second name of a layer is left out, which cd_load allows. */
static bool save(const cd_checkpoint_slots *slots, const cd_save_options *o)
{
    const bool npz = cd_has_ending(o->path, "npz");
    size_t count = (size_t)slots->count, texts = (size_t)o->text_count + CD_FORMAT_TEXTS + 1;
    file_contents c = { .tensors = cd_alloc_zeroed(count, sizeof *c.tensors),
                        .texts = cd_alloc_zeroed(texts + count, sizeof *c.texts) };
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(false);
    bool done = c.tensors && c.texts;
    if (done) collect_texts(&c, o);
    done = done && collect_tensors(&c, slots) &&
           (npz ? cd_npz_write(o->path, c.tensors, c.tensor_count)
                : cd_safetensors_write(o->path, c.tensors, c.tensor_count, c.texts, c.text_count));
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    cd_free(c.tensors);
    cd_free(c.texts);
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
    if (o.texts && cd_has_ending(o.path, "npz")) {
        char label[CD_BYTES_LABEL];
        cd_bytes_label(label, o.path);
        return cd_fail(
            CD_ERR_UNSUPPORTED,
            "save: %s: an .npz holds arrays and no texts; a .safetensors file holds both", label);
    }
    cd_checkpoint_slots slots = { .count = 0 };
    bool done = cd_checkpoint_slots_collect(&slots, o.module, "save") && save(&slots, &o);
    cd_checkpoint_slots_free(&slots);
    return done;
}

/* --- loading ---------------------------------------------------------------------------------- */

/* Step 8 for one slot: reads its entry into new_values, on the device of the module's tensor. */
static bool read_slot(cd_checkpoint_slot *slot, cd_archive *archive)
{
    const cd_archive_entry *e = slot->entry;
    if (!e) return true;
    if (cd_tensor_device(slot->tensor) == CD_META) {
        return cd_fail(CD_ERR_STATE,
                       "load: \"%s\" is on the meta device, which holds no elements: make the "
                       "module on another",
                       slot->name);
    }
    cd_tensor *read = cd_archive_tensor(archive, e, slot->tensor->dtype);
    if (!read || cd_tensor_device(slot->tensor) == CD_CPU) {
        slot->new_values = read;
    } else {
        slot->new_values = cd_tensor_copy_on("load", cd_tensor_device(slot->tensor), read);
        cd_object_disown(&read->object);
    }
    return slot->new_values != NULL;
}

/* Steps 7 to 9. Everything is read before anything is changed. */
static bool load(cd_checkpoint_slots *slots, cd_archive *archive, const cd_load_options *o)
{
    if (!cd_checkpoint_slots_match(slots, archive, o)) return false;
    for (int64_t i = 0; i < slots->count; i++) {
        if (!read_slot(&slots->item[i], archive)) return false;
    }
    int64_t loaded = 0;
    for (int64_t i = 0; i < slots->count; i++) {
        cd_checkpoint_slot *slot = &slots->item[i];
        if (!slot->new_values) continue;
        cd_tensor_copy(slot->tensor, slot->new_values);
        cd_tensor_bump(slot->tensor);
        loaded++;
    }
    if (o->loaded) *o->loaded = loaded;
    return true;
}

/* Steps 1 to 6, then load. cd_tensor_file_open runs the reader of the file's container. */
bool cd_load_with(cd_load_options o)
{
    if (!cd_ok()) return false;
    if (!o.module) return cd_fail(CD_ERR_ARGUMENT, "load: the module is NULL");
    if (!cd_check_not_captured("load", "the elements come from a file")) return false;
    if (!cd_check_path_or_file(o.path, o.file, "load")) return false;
    if (o.file && (o.key || o.any_hash)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "load: the file is open already: %s belongs to cd_tensor_file_open",
                       o.key ? ".key" : ".any_hash");
    }
    cd_scope scope = cd_scope_begin();
    cd_checkpoint_slots slots = { .count = 0 };
    cd_archive *archive = NULL;
    if (cd_checkpoint_slots_collect(&slots, o.module, "load")) {
        cd_tensor_file *file =
            o.file ? o.file : cd_tensor_file_open(o.path, .key = o.key, .any_hash = o.any_hash);
        archive = file ? cd_tensor_file_archive(file, "load") : NULL;
    }
    const bool done = archive && cd_archive_format(archive) >= 0 && load(&slots, archive, &o);
    cd_checkpoint_slots_free(&slots);
    (void)cd_scope_end(scope);
    return done;
}
