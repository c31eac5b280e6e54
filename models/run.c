/* Saving and loading the state of a training run: models/run.h.
 *
 * A part of a run is visited (optim/state.h) once to save it. To load it, it is visited twice: the
 * first visit checks each of its tensors against the file and reads it from there; once all is read
 * and all sums are right, the second visit sets the tensors, by exchanging the elements with those
 * that were read. If a part refuses what it is given, a third visit exchanges them again. */
#include "models/run_internal.h"

#include <string.h>

#include "autograd/autograd.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "io/file_format_internal.h"
#include "io/json_write_internal.h"
#include "io/safetensors_internal.h"
#include "io/tensor_file_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- the parts of a run ----------------------------------------------------------------------- */

static void no_class(const void *object, cd_json_writer *w)
{
    (void)object, (void)w;
}

static void optimizer_class(const void *object, cd_json_writer *w)
{
    cd_json_put(w, ((const cd_optimizer *)object)->class_->name);
}

/* "SequentialLR(LinearLR, CosineAnnealingLR)". Schedules are CD_SCHEDULES_DEEP deep at most. */
static void schedule_class(const void *object, cd_json_writer *w)
{
    const cd_scheduler *s = object;
    cd_json_put(w, s->class_->name);
    for (int i = 0; i < s->child_count; i++) {
        cd_json_put(w, i ? ", " : "(");
        schedule_class(s->children[i], w);
    }
    if (s->child_count) cd_json_put(w, ")");
}

static bool check_optimizer(const void *object, const char *function)
{
    return cd_check_optimizer(object, function, "the optimizer");
}

static bool check_schedule(const void *object, const char *function)
{
    return cd_check_scheduler(object, function);
}

/* The visitor's function checks these. */
static bool checked_later(const void *object, const char *function)
{
    (void)object, (void)function;
    return true;
}

static bool visit_dict(cd_dict *d, cd_visitor *visitor, void *user)
{
    const int64_t count = cd_dict_count(d);
    for (int64_t i = 0; cd_ok() && i < count; i++) {
        CD_SCOPE();
        cd_tensor *t = cd_dict_at(d, i);
        if (!t || !visitor(cd_dict_name(d, i), t, CD_STATE, user)) return false;
    }
    return cd_ok();
}

/* One more part of a run is one more line here, and a member of cd_run:
 *
 *     its member in cd_run, which names its tensors in the file
 *     the member's type
 *     the function that visits its state
 *     whether each tensor that is visited is the part's own, and stays the same one; otherwise it
 *         lives only while the visitor runs
 *     what writes its class, where names and shapes of tensors do not tell classes apart
 *     what checks the member before its class is asked for
 *
 * The default generator is one part more, as the last line says, with an object that is NULL. */
#define RUN_PARTS(PART)                                                                            \
    PART(model, cd_module, cd_visit_module_state, true, no_class, checked_later)                   \
    PART(average, cd_module, cd_visit_module_state, true, no_class, checked_later)                 \
    PART(optimizer, cd_optimizer, cd_visit_optimizer_state, true, optimizer_class,                 \
         check_optimizer)                                                                          \
    PART(schedule, cd_scheduler, cd_visit_scheduler_state, false, schedule_class, check_schedule)  \
    PART(loader, cd_loader, cd_visit_loader_state, false, no_class, checked_later)                 \
    PART(extra, cd_dict, visit_dict, true, no_class, checked_later)                                \
    PART(generator, cd_generator, cd_visit_generator_state, false, no_class, checked_later)

typedef struct part {
    const char *name;
    bool wanted;
    void *object;
    bool (*visit)(void *object, cd_visitor *visitor, void *user);
    bool lasting;
    void (*put_class)(const void *object, cd_json_writer *w);
    bool (*check)(const void *object, const char *function);
    uint64_t sum; /* of its tensors, as they are saved or loaded */
} part;

#define VISIT(name_, type_, visit_, ...)                                                           \
    static bool visit_##name_(void *object, cd_visitor *visitor, void *user)                       \
    {                                                                                              \
        return visit_((type_ *)object, visitor, user);                                             \
    }
RUN_PARTS(VISIT)

#define COUNT(...) +1
enum { GIVEN = RUN_PARTS(COUNT), PARTS = GIVEN + 1 };

static void parts_of(const cd_run *run, part parts[PARTS])
{
    int count = 0;
#define PART(name_, type_, visit_, lasting_, put_class_, check_)                                   \
    parts[count++] = (part){ #name_,     run->name_ != NULL, run->name_, visit_##name_,            \
                             (lasting_), (put_class_),       (check_),   0 };
    RUN_PARTS(PART)
#undef PART
    parts[count] = parts[count - 1]; /* the default generator is visited as one of the program's */
    parts[count].name = "default_generator";
    parts[count].wanted = !run->no_default_generator;
    parts[count].object = NULL;
}

/* "the default generator", of "default_generator": the name for sentences. */
static const char *spoken(const part *p)
{
    return p->object || strcmp(p->name, "default_generator") != 0 ? p->name : "default generator";
}

static bool check_texts(const char *function, const cd_run *run)
{
    if (run->text_count < 0 || (run->text_count > 0) != (run->texts != NULL)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .texts is %s and .text_count is %lld: both must be given, the texts "
                       "and how many they are, or neither",
                       function, run->texts ? "given" : "NULL", (long long)run->text_count);
    }
    for (int64_t i = 0; i < run->text_count; i++) {
        const char *key = run->texts[i].key;
        if (!key || !run->texts[i].value) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: the %s of text %lld is NULL", function,
                           key ? "value" : "key", (long long)i);
        }
        if (strncmp(key, CD_KEY_OWN, strlen(CD_KEY_OWN)) == 0 || strcmp(key, "format") == 0) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: the key \"%s\": \"format\" and keys that begin with \"" CD_KEY_OWN
                           "\" are the library's own",
                           function, key);
        }
    }
    return true;
}

/* Sets the parts, and checks that there is one besides the default generator. */
static bool begin_run(const char *function, const cd_run *run, part parts[PARTS])
{
    int given = 0;
    parts_of(run, parts);
    for (int k = 0; k < GIVEN; k++) {
        if (!parts[k].wanted) continue;
        if (!parts[k].check(parts[k].object, function)) return false;
        given++;
    }
    return given > 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: the run has no part: give at least one, such as .model",
                   function);
}

/* --- the tensors of a run --------------------------------------------------------------------- */

typedef struct entry {
    char *name;              /* owned: "optimizer.0.exp_avg" */
    const char *own;         /* the part's own name for it: "0.exp_avg" */
    cd_tensor *value;        /* kept: what is written, or what was read, until it is set */
    cd_tensor *before;       /* kept: what the part had, where elements cannot be exchanged */
    const cd_storage *where; /* of a lasting part: where its elements are, only to be compared */
} entry;

typedef struct state {
    const char *function;
    entry *item;
    int64_t count, capacity;
    part *part;          /* that is being visited */
    cd_archive *archive; /* for loading */
    int64_t at, set;     /* entries that a later visit has come to, and that were set */
    bool back;           /* entries are put back as they were */
} state;

static void free_state(state *s)
{
    for (int64_t i = 0; i < s->count; i++) {
        cd_free(s->item[i].name);
        if (s->item[i].value) (void)cd_release(s->item[i].value);
        if (s->item[i].before) (void)cd_release(s->item[i].before);
    }
    cd_free(s->item);
}

/* "part.name", to be freed; NULL with an error. */
static char *full_name(const part *p, const char *name)
{
    const size_t head = strlen(p->name), tail = strlen(name);
    char *full = cd_alloc(head + 1 + tail + 1);
    if (!full) return NULL;
    memcpy(full, p->name, head);
    full[head] = '.';
    memcpy(full + head + 1, name, tail + 1);
    return full;
}

/* A new entry; NULL with an error. It is the last one until the next is added. */
static entry *add_entry(state *s, const char *name, const cd_tensor *t)
{
    if (cd_tensor_device(t) == CD_META) {
        (void)cd_fail(CD_ERR_STATE, "%s: \"%s.%s\" is on the meta device, which holds no elements",
                      s->function, s->part->name, name);
        return NULL;
    }
    if (s->count == s->capacity) {
        const int64_t capacity = s->capacity ? 2 * s->capacity : 64;
        entry *larger = cd_realloc(s->item, (size_t)capacity * sizeof *larger);
        if (!larger) return NULL;
        s->item = larger;
        s->capacity = capacity;
    }
    char *full = full_name(s->part, name);
    if (!full) return NULL;
    s->item[s->count] = (entry){ .name = full, .own = full + strlen(s->part->name) + 1 };
    return &s->item[s->count++];
}

static bool visit_parts(part *parts, state *s, cd_visitor *visitor)
{
    for (int k = 0; k < PARTS; k++) {
        s->part = &parts[k];
        if (parts[k].wanted && !parts[k].visit(parts[k].object, visitor, s)) return false;
    }
    return cd_ok();
}

/* --- saving ----------------------------------------------------------------------------------- */

/* Takes a tensor as it is where it stays so, and otherwise a copy. */
static bool take(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    state *s = user;
    entry *e = add_entry(s, name, t);
    if (!e) return false;
    cd_tensor *value = cd_contiguous(cd_to_device(cd_detach(t), CD_CPU));
    e->value = value ? cd_keep(s->part->lasting ? value : cd_clone(value)) : NULL;
    if (!e->value) return false;
    s->part->sum += cd_run_tensor_sum(e->own, e->value);
    return true;
}

/* The texts of a checkpoint: those of the program, and before them those of the library. */
typedef struct texts {
    cd_text_pair *pair; /* owned; the strings are not */
    int64_t count;
    char format[16];
    char key[2 * PARTS + 1][CD_RUN_KEY_BYTES], sum[PARTS + 1][CD_RUN_SUM_BYTES];
    char *class_[PARTS]; /* owned; NULL without one */
    int keys;
} texts;

static void add_text(texts *t, const char *key, const char *value)
{
    t->pair[t->count++] = (cd_text_pair){ key, value };
}

/* Adds a text under "HEAD.NAME". */
static void add_own(texts *t, const char *head, const char *name, const char *value)
{
    char *key = t->key[t->keys++];
    (void)cd_format(key, CD_RUN_KEY_BYTES, "%s%s", head, name);
    add_text(t, key, value);
}

static bool add_part(texts *t, const part *p, int k)
{
    cd_json_writer w = { .size = 0 };
    if (!p->wanted) return true;
    (void)cd_format(t->sum[k], CD_RUN_SUM_BYTES, "%016llx", (unsigned long long)p->sum);
    add_own(t, CD_KEY_CHECK, p->name, t->sum[k]);
    p->put_class(p->object, &w);
    if (w.size == 0 && !w.failed) return true;
    t->class_[k] = cd_json_finish(&w);
    if (!t->class_[k]) return false;
    add_own(t, CD_KEY_CLASS, p->name, t->class_[k]);
    return true;
}

static bool make_texts(texts *t, const part *parts, const cd_run *run, const cd_text_pair *more,
                       int64_t more_count)
{
    enum { OWN = CD_FORMAT_TEXTS + 2 + 2 * PARTS + 1 };
    t->pair = cd_alloc((size_t)(OWN + run->text_count + more_count) * sizeof *t->pair);
    if (!t->pair) return false;
    cd_format_texts(t->pair);
    t->count = CD_FORMAT_TEXTS;
    (void)cd_format(t->format, sizeof t->format, "%d", CD_CHECKPOINT_FORMAT);
    add_text(t, CD_KEY_CHECKPOINT, t->format);
    add_text(t, "format", "pt"); /* transformers refuses a file that has texts but not this one */
    for (int k = 0; k < PARTS; k++) {
        if (!add_part(t, &parts[k], k)) return false;
    }
    for (int64_t i = 0; i < run->text_count; i++) t->pair[t->count++] = run->texts[i];
    for (int64_t i = 0; i < more_count; i++) t->pair[t->count++] = more[i];
    uint64_t sum = 0;
    for (int64_t i = 0; i < t->count; i++) sum += cd_run_text_sum(&t->pair[i]);
    (void)cd_format(t->sum[PARTS], CD_RUN_SUM_BYTES, "%016llx", (unsigned long long)sum);
    add_own(t, CD_KEY_CHECK, CD_KEY_TEXTS, t->sum[PARTS]);
    return true;
}

static bool write_file(const state *s, const texts *t, const char *path)
{
    const size_t count = (size_t)s->count;
    cd_file_item *items = cd_alloc_zeroed(count, sizeof *items);
    if (!items) return false;
    for (size_t i = 0; i < count; i++) {
        const cd_tensor *v = s->item[i].value;
        items[i] = (cd_file_item){ .name = s->item[i].name,
                                   .dtype = cd_file_dtype_of(v->dtype),
                                   .shape = v->shape,
                                   .data = v->data };
    }
    const bool done = cd_safetensors_write(path, items, count, t->pair, (size_t)t->count);
    cd_free(items);
    return done;
}

bool cd_run_save(const char *function, const char *path, const cd_run *run,
                 const cd_text_pair *more, int64_t more_count)
{
    state s = { .function = function };
    texts t = { .pair = NULL };
    part parts[PARTS];
    if (!begin_run(function, run, parts) || !check_texts(function, run) ||
        !cd_check_not_captured(function, "it reads elements")) {
        return false;
    }
    CD_SCOPE();
    CD_NO_GRAD();
    const bool done = visit_parts(parts, &s, take) &&
                      make_texts(&t, parts, run, more, more_count) && write_file(&s, &t, path);
    for (int k = 0; k < PARTS; k++) cd_free(t.class_[k]);
    cd_free(t.pair);
    free_state(&s);
    return done;
}

bool cd_save_checkpoint_with(const char *path, cd_run run)
{
    if (!cd_ok()) return false;
    if (!path) return cd_fail(CD_ERR_ARGUMENT, "save_checkpoint: the path is NULL");
    return cd_run_save("save_checkpoint", path, &run, NULL, 0);
}

/* --- loading: checking and reading ------------------------------------------------------------ */

/* Checks that the file has the part, and that it is of the same class. */
static bool check_part(const state *s, const part *p)
{
    char key[CD_RUN_KEY_BYTES];
    const char *file = s->archive->source.label;
    (void)cd_format(key, sizeof key, CD_KEY_CHECK "%s", p->name);
    if (!cd_archive_metadata(s->archive, key)) {
        return cd_fail(CD_ERR_FORMAT, "%s: %s has no %s: the run was saved without one%s",
                       s->function, file, spoken(p),
                       p->object ? "" : "; .no_default_generator leaves it out here too");
    }
    (void)cd_format(key, sizeof key, CD_KEY_CLASS "%s", p->name);
    const char *there = cd_archive_metadata(s->archive, key);
    cd_json_writer w = { .size = 0 };
    p->put_class(p->object, &w);
    if (w.size == 0 && !w.failed) return true;
    char *here = cd_json_finish(&w);
    if (!here) return false;
    const bool same = there && strcmp(there, here) == 0;
    if (!same) {
        (void)cd_fail(CD_ERR_FORMAT, "%s: the %s in %s is %.200s, and that of this run is %.200s",
                      s->function, p->name, file, there ? there : "of no class", here);
    }
    cd_free(here);
    return same;
}

static bool check_file(const state *s, const part *parts)
{
    if (!cd_run_check_texts(s->function, s->archive)) return false;
    for (int k = 0; k < PARTS; k++) {
        if (parts[k].wanted && !check_part(s, &parts[k])) return false;
    }
    return true;
}

/* What the file has for a tensor of the part; NULL with an error if that is nothing, or of another
 * shape or dtype. */
static const cd_archive_entry *find(const state *s, const char *name, const cd_tensor *t)
{
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const char *file = s->archive->source.label, *whose = spoken(s->part);
    const cd_archive_entry *e = cd_archive_find(s->archive, name);
    const cd_file_dtype dtype = cd_file_dtype_of(t->dtype);
    if (!e) {
        (void)cd_fail(CD_ERR_FORMAT, "%s: %s has no \"%s\": it is the checkpoint of another %s",
                      s->function, file, name, whose);
        return NULL;
    }
    if (!cd_shape_equal(e->shape, t->shape)) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: \"%s\" is %s in %s, and %s in the %s of this run",
                      s->function, name, cd_shape_text(e->shape, other), file,
                      cd_shape_text(t->shape, own), whose);
        return NULL;
    }
    if (e->dtype != dtype) {
        (void)cd_fail(CD_ERR_DTYPE, "%s: \"%s\" is %s in %s, and %s in the %s of this run",
                      s->function, name, cd_file_dtype_name(e->dtype), file,
                      cd_file_dtype_name(dtype), whose);
        return NULL;
    }
    return e;
}

/* Whether the elements of t may be exchanged where they are: they lie in a row in the processor's
 * memory, and no entry before has any of them, as a layer under two names would. */
static bool exchangeable(const state *s, const cd_tensor *t)
{
    if (cd_tensor_device(t) != CD_CPU || !cd_is_contiguous(t)) return false;
    for (int64_t i = 0; i < s->count && s->part->lasting; i++) {
        if (s->item[i].where == t->storage) return false;
    }
    return true;
}

static bool read_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    state *s = user;
    const bool exchange = exchangeable(s, t);
    entry *e = add_entry(s, name, t);
    const cd_archive_entry *found = e ? find(s, e->name, t) : NULL;
    cd_tensor *read = found ? cd_hand(cd_archive_tensor(s->archive, found, t->dtype)) : NULL;
    if (!read) return false;
    s->part->sum += cd_run_tensor_sum(e->own, read);
    e->value = cd_keep(cd_to_device(read, cd_tensor_device(t)));
    if (s->part->lasting) e->where = t->storage;
    if (!exchange) e->before = cd_keep(cd_clone(cd_detach(t)));
    return cd_ok();
}

/* Whether an entry of this name was read. */
static bool was_read(const state *s, const char *name)
{
    for (int64_t i = 0; i < s->count; i++) {
        if (strcmp(s->item[i].name, name) == 0) return true;
    }
    return false;
}

/* Checks that the file has no tensor of the part that the part lacks. `first` is the part's first
 * entry. */
static bool check_no_others(const state *s, const part *p, int64_t first)
{
    char prefix[CD_RUN_KEY_BYTES];
    (void)cd_format(prefix, sizeof prefix, "%s.", p->name);
    const cd_archive_subset all = cd_archive_with_prefix(s->archive, prefix);
    if (all.count == (size_t)(s->count - first)) return true;
    for (size_t i = 0; i < all.count; i++) {
        if (was_read(s, all.entries[i]->name)) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "%s: %s has \"%s\", and the %s of this run has not: it is the checkpoint of "
                       "another %s",
                       s->function, s->archive->source.label, all.entries[i]->name, spoken(p),
                       spoken(p));
    }
    return true;
}

static bool read_parts(part *parts, state *s)
{
    for (int k = 0; k < PARTS; k++) {
        part *p = s->part = &parts[k];
        const int64_t first = s->count;
        if (!p->wanted) continue;
        if (!p->visit(p->object, read_one, s) || !check_no_others(s, p, first) ||
            !cd_run_check_sum(s->function, s->archive, p->name, p->sum)) {
            return false;
        }
    }
    return cd_ok();
}

/* --- loading: setting ------------------------------------------------------------------------- */

static void exchange(cd_tensor *a, cd_tensor *b)
{
    char held[4096];
    const size_t bytes = (size_t)cd_numel(a) * cd_dtype_bytes[a->dtype];
    for (size_t at = 0; at < bytes; at += sizeof held) {
        const size_t size = bytes - at < sizeof held ? bytes - at : sizeof held;
        memcpy(held, a->data + at, size);
        memcpy(a->data + at, b->data + at, size);
        memcpy(b->data + at, held, size);
    }
}

static bool set_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    state *s = user;
    if (s->back && s->at == s->set) return true;
    entry *e = s->at < s->count ? &s->item[s->at++] : NULL;
    if (!e || strcmp(e->own, name) != 0 || !cd_same_shape(t, e->value)) {
        return cd_fail(CD_ERR_STATE,
                       "%s: \"%s.%s\" was another tensor when it was looked at before", s->function,
                       s->part->name, name);
    }
    if (e->before) {
        cd_tensor_copy(t, s->back ? e->before : e->value);
    } else {
        exchange(t, e->value);
    }
    cd_tensor_bump(t);
    if (!s->back) s->set = s->at;
    return true;
}

/* Puts back what was before; the error that is pending stays. The visits need a few kilobytes,
 * for which the values that were read and not set make room. */
static void put_back(part *parts, state *s)
{
    for (int64_t i = s->set; i < s->count; i++) {
        (void)cd_release(s->item[i].value);
        s->item[i].value = NULL;
    }
    s->back = true;
    s->at = 0;
    if (!cd_error_push()) return;
    (void)visit_parts(parts, s, set_one);
    (void)cd_error_pop(NULL);
}

static bool set_parts(part *parts, state *s)
{
    if (visit_parts(parts, s, set_one)) return true;
    put_back(parts, s);
    return false;
}

bool cd_run_load(const char *function, const char *path, const cd_run *run)
{
    state s = { .function = function };
    part parts[PARTS];
    if (!begin_run(function, run, parts) || !cd_check_path_or_file(path, run->file, function) ||
        !cd_check_not_captured(function, "the elements come from a file")) {
        return false;
    }
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor_file *file = run->file ? run->file : cd_tensor_file_open(path);
    s.archive = file ? cd_tensor_file_archive(file, function) : NULL;
    const bool done =
        s.archive && check_file(&s, parts) && read_parts(parts, &s) && set_parts(parts, &s);
    free_state(&s);
    return done;
}

bool cd_load_checkpoint_with(const char *path, cd_run run)
{
    return cd_ok() && cd_run_load("load_checkpoint", path, &run);
}
