/* Trees of modules, read from JSON (models/tree.h). Every text counts as hostile.
 *
 * A module is made from its class and options; then the modules below it are put in the places of
 * those that it has made by itself, or behind them. One that has the same class and options as what
 * is there already stays, and only what the text says besides is changed.
 *
 * No module can come to contain itself. The text is read from front to back, and the children of a
 * module in the order in which its class makes them: so a module to which "same_as" leads is
 * finished, unless it is one around the present one, which is refused. A module that the class has
 * made and that "same_as" has led to is not changed any more, because it then has two owners
 * (cd_tree_made_child). */
#include <stdlib.h>
#include <string.h>

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/scope_internal.h"
#include "io/bytes_internal.h"
#include "models/options_json_internal.h"
#include "models/tree_internal.h"

typedef struct tree_reader {
    cd_code code;      /* of errors */
    const char *where; /* begins errors */
    cd_module *root;
    cd_module *around[CD_TREE_DEPTH + 1]; /* the modules from the root to the present one */
    int depth;                            /* of the present one: its index in `around` */
    char path[CD_TREE_PATH];              /* of the present one */
    int64_t modules;                      /* that were read so far */
} tree_reader;

/* Begins a sentence: "m.safetensors: candela.options: 2.0.conv1". */
enum { LABEL_BYTES = CD_TREE_PATH + CD_BYTES_LABEL + 64 };
static const char *label(const tree_reader *r, char text[LABEL_BYTES])
{
    (void)snprintf(text, LABEL_BYTES, "%s: %s", r->where, *r->path ? r->path : "the root");
    return text;
}

static bool refuse(const tree_reader *r, const char *format, ...) CD_PRINTF(2, 3);
static bool refuse(const tree_reader *r, const char *format, ...)
{
    char sentence[400], text[LABEL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return cd_fail(r->code, "%s: %s", label(r, text), sentence);
}

/* A name or a text of the JSON, cut for a sentence. */
#define SHOWN(text_) cd_escape_text((char[64]){ 0 }, 64, (text_))

/* --- making a module -------------------------------------------------------------------------- */

static const cd_option no_options[] = { CD_OPTIONS_END };

/* Gives the pending error, which a class's make function has set, the code and the beginning that
 * the caller wants. Returns NULL. */
static cd_module *cannot_be_made(const cd_module_class *class_, cd_code code, const char *where)
{
    cd_error error;
    if (cd_error_code() == CD_ERR_MEMORY) return NULL;
    if (!cd_error_take(&error)) {
        (void)snprintf(error.message, sizeof error.message,
                       "its make function returned NULL without an error");
    }
    (void)cd_fail(code, "%s: the %s cannot be made: %s", where, class_->name, error.message);
    return NULL;
}

/* In a scope of its own: what the function leaves in it ends, so that the children of the module
 * have one owner each. */
static cd_module *make(const cd_module_class *class_, const void *options, cd_code code,
                       const char *where)
{
    CD_SCOPE();
    cd_module *m = class_->make(options);
    if (!m || !cd_ok()) return cannot_be_made(class_, code, where);
    if (!cd_check_module(m, "tree", "what the make function returned")) return NULL;
    if (m->class_ == class_) return cd_escape(m);
    (void)cd_fail(code, "%s: the make function of %s made a %s", where, class_->name,
                  m->class_->name);
    return NULL;
}

cd_module *cd_tree_make(const cd_module_class *class_, const cd_json *json, cd_code code,
                        const char *where)
{
    int64_t sizes[CD_OPTIONS_SIZES_MAX];
    CD_SCOPE(); /* of the tensors among the options */
    const cd_option *table = class_->options ? class_->options : no_options;
    const cd_json none = { .kind = CD_JSON_OBJECT, .span = 1 };
    void *options = cd_alloc_zeroed(1, class_->options_bytes + 1);
    if (!options) return NULL;
    cd_module *m =
        cd_options_from_json(table, options, sizes, json ? json : &none, class_->name, code, where)
            ? make(class_, options, code, where)
            : NULL;
    cd_free(options);
    return cd_escape(m);
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Checks that the object has no key but these; the list ends with NULL. */
static bool check_keys(const tree_reader *r, const cd_json *object, const char *const *known,
                       const char *what)
{
    const cd_json *key = cd_json_first(object);
    for (uint32_t i = 0; i < object->count; i++, key = cd_json_after(key + 1)) {
        int k = 0;
        while (known[k] && strcmp(known[k], key->string) != 0) k++;
        if (!known[k])
            return refuse(r, "%s has a key \"%s\", which is unknown", what, SHOWN(key->string));
    }
    return true;
}

/* Reads true or false; leaves *out as it is if there is no such key. */
static bool read_bool(const tree_reader *r, const cd_json *object, const char *key, bool *out)
{
    const cd_json *value = cd_json_get(object, key);
    if (!value) return true;
    if (!cd_json_is(value, CD_JSON_TRUE) && !cd_json_is(value, CD_JSON_FALSE)) {
        return refuse(r, "\"%s\" must be true or false", key);
    }
    *out = value->kind == CD_JSON_TRUE;
    return true;
}

/* Sets *object to the object under a key, NULL if there is none. */
static bool read_object(const tree_reader *r, const cd_json *in, const char *key,
                        const cd_json **object)
{
    *object = cd_json_get(in, key);
    return !*object || cd_json_is(*object, CD_JSON_OBJECT) ||
           refuse(r, "\"%s\" must be a JSON object", key);
}

static bool check_name(const tree_reader *r, const char *name)
{
    return (*name && !strchr(name, '.')) ||
           refuse(r, "\"%s\" is no name: it must not be empty or hold a dot", SHOWN(name));
}

/* The entry of this name among the first `count`; -1 if there is none. */
static int32_t find_entry(const cd_module *m, const char *name, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(m->entries_[i].name, name) == 0) return i;
    }
    return -1;
}

/* --- tensors ---------------------------------------------------------------------------------- */

/* The tensor at a path among what has been read; NULL with an error. */
static cd_tensor *find_tensor(const tree_reader *r, const char *path)
{
    cd_tensor *t = cd_module_tensor(r->root, path);
    if (t || cd_error_code() == CD_ERR_MEMORY) return t;
    cd_clear_error();
    (void)refuse(r, "\"same_as\" is \"%s\", and no tensor before it has this path", SHOWN(path));
    return NULL;
}

static bool read_shape(const tree_reader *r, const cd_json *list, const char *name, cd_shape *shape)
{
    int64_t elements = 1;
    *shape = (cd_shape){ .ndim = 0 };
    bool right = cd_json_is(list, CD_JSON_LIST) && list->count <= CD_MAX_DIMS;
    const cd_json *size = right ? cd_json_first(list) : NULL;
    for (uint32_t i = 0; right && i < list->count; i++, size = cd_json_after(size)) {
        right =
            cd_json_is(size, CD_JSON_INTEGER) && size->integer >= 0 &&
            !__builtin_mul_overflow(elements, size->integer > 0 ? size->integer : 1, &elements) &&
            elements <= (int64_t)1 << 56;
        if (right) shape->dim[shape->ndim++] = size->integer;
    }
    return right || refuse(r,
                           "the \"shape\" of \"%s\" must be a list of at most %d sizes, which "
                           "stand for at most 2^56 elements",
                           SHOWN(name), CD_MAX_DIMS);
}

static bool read_dtype(const tree_reader *r, const cd_json *value, const char *name,
                       cd_dtype *dtype)
{
    for (int i = CD_DTYPE_DEFAULT + 1; cd_json_is(value, CD_JSON_STRING) && i < CD_DTYPE_COUNT;
         i++) {
        *dtype = (cd_dtype)i;
        if (strcmp(cd_dtype_name(*dtype), value->string) == 0) return true;
    }
    return refuse(r, "the \"dtype\" of \"%s\" must be one such as \"float32\" or \"int64\"",
                  SHOWN(name));
}

/* A tensor that is said to be the same as another one. `made` is the one in its place, or NULL. */
static cd_tensor *read_shared(const tree_reader *r, const cd_json *json, const char *name,
                              const cd_tensor *made)
{
    static const char *const keys[] = { "same_as", "view", "requires_grad", NULL };
    const cd_json *path = cd_json_get(json, "same_as");
    bool view = false;
    if (!check_keys(r, json, keys, "a tensor that is the same as another") ||
        !read_bool(r, json, "view", &view)) {
        return NULL;
    }
    if (!cd_json_is(path, CD_JSON_STRING)) {
        (void)refuse(r, "\"same_as\" must be the path of a tensor");
        return NULL;
    }
    cd_tensor *t = find_tensor(r, path->string);
    if (!t) return NULL;
    if (made && (made->dtype != t->dtype || !cd_shape_equal(made->shape, t->shape))) {
        char one[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
        (void)refuse(r, "\"%s\" is %s of %s, and cannot be the same as \"%s\", which is %s of %s",
                     SHOWN(name), cd_shape_text(made->shape, one), cd_dtype_name(made->dtype),
                     SHOWN(path->string), cd_shape_text(t->shape, other), cd_dtype_name(t->dtype));
        return NULL;
    }
    if (!view && cd_json_get(json, "requires_grad")) {
        (void)refuse(r, "\"%s\" is the same as another tensor: \"requires_grad\" is said there",
                     SHOWN(name));
        return NULL;
    }
    return view ? cd_detach(t) : t;
}

/* A tensor that takes the place of `made`, or a new one if that is NULL; `made` itself if only its
 * gradients are spoken of. Values come later. */
static cd_tensor *read_described(const tree_reader *r, const cd_json *json, const char *name,
                                 cd_tensor *made)
{
    static const char *const keys[] = { "shape", "dtype", "requires_grad", NULL };
    const cd_json *shape_json = cd_json_get(json, "shape"),
                  *dtype_json = cd_json_get(json, "dtype");
    cd_shape shape = made ? made->shape : (cd_shape){ .ndim = 0 };
    cd_dtype dtype = made ? made->dtype : CD_F32;
    if (!check_keys(r, json, keys, "a tensor") ||
        ((shape_json || !made) && !read_shape(r, shape_json, name, &shape)) ||
        ((dtype_json || !made) && !read_dtype(r, dtype_json, name, &dtype))) {
        return NULL;
    }
    if (made && !cd_shape_equal(made->shape, shape)) {
        (void)refuse(r, "the class makes \"%s\" with another shape", SHOWN(name));
        return NULL;
    }
    if (made && dtype == made->dtype) return made;
    if (made && (!cd_dtype_is_floating(dtype) || !cd_dtype_is_floating(made->dtype))) {
        (void)refuse(r, "the class makes \"%s\" of %s, so it cannot be of %s", SHOWN(name),
                     cd_dtype_name(made->dtype), cd_dtype_name(dtype));
        return NULL;
    }
    return cd_zeros(shape, .dtype = dtype);
}

/* Puts a tensor in the place of the entry's. An option of the module that is the old tensor leads
 * to the new one. */
static void replace(cd_module *m, cd_module_entry *e, cd_tensor *t)
{
    cd_tensor *old = cd_module_value(e);
    const cd_module_class *c = m->class_;
    cd_object_own(&t->object);
    for (const cd_option *o = c->options; o && o->name; o++) {
        cd_tensor **field = (cd_tensor **)(void *)((char *)m + c->options_at + o->offset);
        if (o->kind == CD_OPTION_TENSOR && *field == old) *field = t;
    }
    cd_module_set_value(e, t);
    cd_object_disown(&old->object);
}

/* Reads a tensor of the module; `at` is the index of its entry, -1 for a new one. */
static bool read_tensor(tree_reader *r, cd_module *m, const cd_json *json, const char *name,
                        cd_entry_kind kind, int32_t at)
{
    cd_module_entry *e = at >= 0 ? &m->entries_[at] : NULL;
    cd_tensor *made = e && e->kind == kind ? cd_module_value(e) : NULL;
    if (e && !made) {
        return refuse(r, "\"%s\" is not a %s that the %s has", SHOWN(name),
                      kind == CD_PARAMETER ? "parameter" : "buffer", m->class_->name);
    }
    if (!e && cd_json_is(json, CD_JSON_NULL)) return cd_module_add(m, name, kind, NULL, NULL);
    if (!cd_json_is(json, CD_JSON_OBJECT)) {
        return refuse(r, "\"%s\" must be a JSON object that describes a tensor", SHOWN(name));
    }
    const bool shared = cd_json_get(json, "same_as");
    cd_tensor *t = shared ? read_shared(r, json, name, made) : read_described(r, json, name, made);
    if (!t) return false;
    bool wanted = kind == CD_PARAMETER && cd_dtype_is_floating(t->dtype);
    if (made) wanted = made->requires_grad;
    if (kind == CD_PARAMETER && m->frozen_) wanted = false;
    if (!read_bool(r, json, "requires_grad", &wanted)) return false;
    if (wanted && !cd_dtype_is_floating(t->dtype)) {
        return refuse(r, "\"%s\" is %s, and cannot require gradients", SHOWN(name),
                      cd_dtype_name(t->dtype));
    }
    const bool is_itself = shared && !cd_json_get(json, "view");
    if (!is_itself && !cd_set_requires_grad(t, wanted)) return false;
    if (!e) return cd_module_add(m, name, kind, NULL, t);
    if (t != made) replace(m, e, t);
    return true;
}

static bool read_tensors(tree_reader *r, cd_module *m, const cd_json *json, cd_entry_kind kind)
{
    const cd_json *object;
    if (!read_object(r, json, kind == CD_PARAMETER ? "parameters" : "buffers", &object)) {
        return false;
    }
    const cd_json *key = object ? cd_json_first(object) : NULL;
    for (uint32_t i = 0; object && i < object->count; i++, key = cd_json_after(key + 1)) {
        CD_SCOPE();
        const int32_t at = find_entry(m, key->string, m->count_);
        if (!check_name(r, key->string) || !read_tensor(r, m, key + 1, key->string, kind, at)) {
            return false;
        }
    }
    return true;
}

/* --- modules ---------------------------------------------------------------------------------- */

static bool read_module(tree_reader *r, const cd_json *json, cd_module *made, cd_module **out);
static bool read_contents(tree_reader *r, const cd_json *json, cd_module *m);

/* Takes the modules and names below m, on each of its paths, off the allowance: what the text makes
 * of little by repeating "same_as" is bounded too. */
static bool count_again(const tree_reader *r, const cd_module *m, int depth)
{
    if (depth > CD_TREE_DEPTH) {
        return refuse(r, "modules are nested deeper than %d", CD_TREE_DEPTH);
    }
    if (!cd_module_allow(1 + m->count_)) return false;
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module *child =
            m->entries_[i].kind == CD_CHILD ? cd_module_value(&m->entries_[i]) : NULL;
        if (child && !count_again(r, child, depth + 1)) return false;
    }
    return true;
}

/* The module that "same_as" leads to. */
static cd_module *find_same(const tree_reader *r, const cd_json *json)
{
    static const char *const keys[] = { "same_as", NULL };
    const cd_json *path = cd_json_get(json, "same_as");
    if (!check_keys(r, json, keys, "a module that is the same as another")) return NULL;
    cd_module *m = NULL;
    if (cd_json_is(path, CD_JSON_STRING)) {
        m = *path->string ? cd_module_get(r->root, path->string) : r->root;
        if (!m && cd_error_code() == CD_ERR_MEMORY) return NULL;
        cd_clear_error();
    }
    if (!m) {
        (void)refuse(r, "\"same_as\" must be the path of a module before it");
        return NULL;
    }
    for (int i = 0; i < r->depth; i++) {
        if (r->around[i] != m) continue;
        (void)refuse(r, "\"same_as\" is \"%s\", and a module cannot contain itself",
                     SHOWN(path->string));
        return NULL;
    }
    return count_again(r, m, r->depth) ? m : NULL;
}

/* Puts the child into the entry at this index, or into a new one for -1. */
static bool put_child(cd_module *m, const char *name, int32_t at, cd_module *child)
{
    if (at < 0) return cd_module_add(m, name, CD_CHILD, NULL, child);
    cd_module_entry *e = &m->entries_[at];
    void *old = cd_module_value(e);
    if (old == child) return true;
    cd_object_own((cd_object *)(void *)child);
    cd_module_set_value(e, child);
    cd_object_disown(old);
    return true;
}

/* Reads a child, whose path r->path is now, at the index `at` of m's entries; -1: a new one. */
static bool read_child(tree_reader *r, cd_module *m, const cd_json *json, const char *name,
                       int32_t at)
{
    CD_SCOPE();
    cd_module *child = NULL;
    if (at < 0 && cd_json_is(json, CD_JSON_NULL))
        return cd_module_add(m, name, CD_CHILD, NULL, NULL);
    if (!cd_json_is(json, CD_JSON_OBJECT)) {
        return refuse(r, "a module must be a JSON object with a \"class\"");
    }
    if (cd_json_get(json, "same_as")) {
        child = find_same(r, json);
        return child && put_child(m, name, at, child);
    }
    cd_module *made = at >= 0 ? cd_tree_made_child(&m->entries_[at]) : NULL;
    if (!read_module(r, json, made, &child) || !put_child(m, name, at, child)) return false;
    r->around[r->depth] = child;
    return read_contents(r, json, child);
}

/* Makes r->path and r->depth those of a child; *used is what they were. */
static bool enter(tree_reader *r, const char *name, size_t *used)
{
    *used = strlen(r->path);
    if (r->depth == CD_TREE_DEPTH) {
        return refuse(r, "modules are nested deeper than %d", CD_TREE_DEPTH);
    }
    const size_t room = sizeof r->path - *used;
    const int length = snprintf(r->path + *used, room, "%s%s", *used ? "." : "", name);
    if (length < 0 || (size_t)length >= room) {
        r->path[*used] = '\0';
        return refuse(r, "the path of a child is longer than %d bytes", CD_TREE_PATH - 1);
    }
    r->depth++;
    return true;
}

static bool read_children(tree_reader *r, cd_module *m, const cd_json *json, int32_t made_count)
{
    const cd_json *object;
    if (!read_object(r, json, "children", &object)) return false;
    const cd_json *key = object ? cd_json_first(object) : NULL;
    const int32_t before = m->count_;
    int32_t last = -1;
    for (uint32_t i = 0; object && i < object->count; i++, key = cd_json_after(key + 1)) {
        const char *name = key->string;
        const int32_t at = find_entry(m, name, before);
        size_t used;
        if (!check_name(r, name)) return false;
        if (at >= 0 && (at >= made_count || m->entries_[at].kind != CD_CHILD)) {
            return refuse(r, "\"%s\" is the name of a child and of a tensor", SHOWN(name));
        }
        if (at < 0 ? false : at < last) {
            return refuse(r, "the child \"%s\" must stand in the order in which a %s has it",
                          SHOWN(name), m->class_->name);
        }
        last = at < 0 ? INT32_MAX : at;
        if (!enter(r, name, &used) || !read_child(r, m, key + 1, name, at)) return false;
        r->path[used] = '\0';
        r->depth--;
    }
    return true;
}

/* Sets *class_ to the class that the object names. */
static bool read_class(const tree_reader *r, const cd_json *json, const cd_module_class **class_)
{
    static const char *const keys[] = { "class",   "options",  "frozen", "parameters",
                                        "buffers", "children", NULL };
    const cd_json *name = cd_json_get(json, "class");
    if (!cd_json_is(name, CD_JSON_STRING)) {
        return refuse(r, "a module must have a \"class\", the name of one");
    }
    *class_ = cd_tree_class(name->string);
    if (!*class_) {
        return refuse(r,
                      "there is no class \"%s\": a class of one's own must be registered with "
                      "cd_register_module_class before a file with it is opened",
                      SHOWN(name->string));
    }
    return check_keys(r, json, keys, "a module");
}

/* Whether two modules of one class have the same options. */
static bool same_options(const cd_module *a, const cd_module *b, bool *same)
{
    char *first = cd_tree_options(a), *second = cd_tree_options(b);
    *same = first && second && strcmp(first, second) == 0;
    cd_free(first);
    cd_free(second);
    return cd_ok();
}

/* Sets *out to the module that the object describes, without what is below it: `made`, which is in
 * its place, if that is of the same class and options, or else a new one. */
static bool read_module(tree_reader *r, const cd_json *json, cd_module *made, cd_module **out)
{
    const cd_module_class *class_ = NULL;
    char text[LABEL_BYTES];
    bool same = false;
    if (!read_class(r, json, &class_)) return false;
    if (++r->modules > CD_TREE_MODULES) {
        return refuse(r, "there are more than %d modules", CD_TREE_MODULES);
    }
    *out = cd_tree_make(class_, cd_json_get(json, "options"), r->code, label(r, text));
    if (!*out) return false;
    if (made && made->class_ == class_ && !same_options(made, *out, &same)) return false;
    if (same) *out = made;
    return true;
}

/* Reads what is said of a module besides its class and options. */
static bool read_contents(tree_reader *r, const cd_json *json, cd_module *m)
{
    const int32_t made_count = m->count_;
    if (!read_bool(r, json, "frozen", &m->frozen_)) return false;
    for (int32_t i = 0; m->frozen_ && i < m->count_; i++) {
        cd_tensor *t = cd_module_value(&m->entries_[i]);
        if (m->entries_[i].kind != CD_PARAMETER || !t || !t->requires_grad) continue;
        if (!cd_set_requires_grad(t, false)) return false;
    }
    return read_tensors(r, m, json, CD_PARAMETER) && read_tensors(r, m, json, CD_BUFFER) &&
           read_children(r, m, json, made_count);
}

static bool read_root(tree_reader *r, const cd_json *json)
{
    if (!cd_json_is(json, CD_JSON_OBJECT)) {
        return refuse(r, "a module must be a JSON object with a \"class\"");
    }
    if (!read_module(r, json, NULL, &r->root)) return false;
    r->around[0] = r->root;
    return read_contents(r, json, r->root);
}

/* --- a tree ----------------------------------------------------------------------------------- */

/* Reads the tree with the allowance in force. */
static cd_module *read_tree(const cd_json *json, cd_code code, const char *where)
{
    tree_reader r = { .code = code, .where = where };
    if (!read_root(&r, json)) {
        cd_error error;
        if (cd_error_code() == CD_ERR_MEMORY || cd_error_code() == code) return NULL;
        if (cd_error_take(&error)) (void)refuse(&r, "%s", error.message);
        return NULL;
    }
    return r.root;
}

cd_module *cd_tree_read(const char *text, int64_t most, cd_device device, cd_code code,
                        const char *where)
{
    cd_json_document document;
    if (strnlen(text, CD_TREE_TEXT + 1) > CD_TREE_TEXT) {
        (void)cd_fail(code, "%s: the tree takes more than %d bytes", where, CD_TREE_TEXT);
        return NULL;
    }
    char label_[LABEL_BYTES];
    (void)snprintf(label_, sizeof label_, "%s: the tree", where);
    if (!cd_json_parse(&document, label_, text, code)) return NULL;
    int64_t *const before = cd_module_allowance;
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_modes_begin(device == CD_META ? CD_MODE_META : 0, CD_MODE_CAPTURE);
    cd_module_allowance = &most;
    cd_module *m = cd_ok() ? read_tree(document.root, code, where) : NULL;
    cd_module_allowance = before;
    (void)cd_scope_end(mode);
    m = cd_escape(m);
    (void)cd_scope_end(scope);
    cd_json_free(&document);
    return m;
}

cd_module *cd_module_from_json_with(cd_module_from_json_options o)
{
    static const char function[] = "module_from_json";
    if (!cd_ok()) return NULL;
    if (!o.json) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the JSON is NULL", function);
        return NULL;
    }
    if (!cd_device_check(&o.device, function)) return NULL;
    if (o.device != CD_CPU && o.device != CD_META) {
        (void)cd_fail(CD_ERR_DEVICE,
                      "%s: modules are made on the CPU or the meta device: move it with "
                      "cd_module_to afterwards",
                      function);
        return NULL;
    }
    return cd_tree_read(o.json, CD_TREE_STANDS_FOR, o.device, CD_ERR_ARGUMENT, function);
}
