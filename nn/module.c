/* Modules: registering, calling, visiting by name, modes, counting. nn/module.h says what each
 * public function does. */
#include "autograd/dispatch/graph_internal.h"
#include "nn/module.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "nn/module_internal.h"

_Static_assert(sizeof(cd_object) <= sizeof((cd_module *)0)->object_, "room for the object header");

static cd_object *object_of(const cd_module *m)
{
    return (cd_object *)(void *)(uintptr_t)m;
}

static void destroy(cd_object *object)
{
    cd_module *m = (cd_module *)(void *)object;
    cd_module_clear_hooks(m);
    if (m->class_->destroy) m->class_->destroy(m);
    for (int32_t i = m->count_; i-- > 0;) {
        cd_object_disown(cd_module_value(&m->entries_[i]));
        cd_free(m->entries_[i].name);
    }
    cd_free(m->entries_);
    if (m->class_->owned_bytes) cd_free(*cd_module_owned(m)); /* the entries' slots may be in it */
}

const cd_class cd_module_object_class = { CD_KIND_MODULE, "module", NULL, destroy };

bool cd_check_module(const cd_module *m, const char *function, const char *argument)
{
    return cd_check_object(m, &cd_module_object_class, function, argument);
}

_Thread_local int64_t *cd_module_allowance;

bool cd_module_allow(int64_t count)
{
    if (!cd_module_allowance) return true;
    if (count > *cd_module_allowance) {
        *cd_module_allowance = 0;
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "there are more modules and tensors than a description of this size may "
                       "stand for");
    }
    *cd_module_allowance -= count;
    return true;
}

cd_module *cd_module_new(const cd_module_class *class_)
{
    const char *fault = cd_module_class_fault(class_);
    if (fault) {
        (void)cd_fail(CD_ERR_ARGUMENT, "module_new: %s", fault);
        return NULL;
    }
    cd_module *m = cd_module_allow(1) ? cd_object_new(&cd_module_object_class, class_->size) : NULL;
    if (!m) return NULL;
    m->class_ = class_;
    m->training_ = true;
    return cd_hand(m);
}

/* --- registering ------------------------------------------------------------------------------ */

static cd_module_entry *find(const cd_module *m, const char *name, size_t length)
{
    for (int32_t i = 0; i < m->count_; i++) {
        cd_module_entry *e = &m->entries_[i];
        if (strncmp(e->name, name, length) == 0 && e->name[length] == '\0') return e;
    }
    return NULL;
}

static bool check_name(const cd_module *m, const char *name)
{
    if (!cd_ok() || !cd_check_module(m, "register", "the module")) return false;
    if (!name || !*name || strchr(name, '.')) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "register: \"%s\" is no name: it must not be empty or hold a dot",
                       name ? name : "NULL");
    }
    if (find(m, name, strlen(name))) {
        return cd_fail(CD_ERR_ARGUMENT, "register: the %s has a \"%s\" already", m->class_->name,
                       name);
    }
    return true;
}

static bool grow(cd_module *m)
{
    if (m->count_ < m->room_) return true;
    int32_t room = m->room_ ? 2 * m->room_ : 4;
    cd_module_entry *larger = cd_realloc(m->entries_, (size_t)room * sizeof *larger);
    if (!larger) return false;
    m->entries_ = larger;
    m->room_ = room;
    return true;
}

bool cd_module_add(cd_module *m, const char *name, cd_entry_kind kind, void *slot, void *value)
{
    enum { MOST_NAMES = 1 << 14 }; /* of one module: each new name is compared with all before it */
    if (!cd_module_allow(m->count_ < MOST_NAMES ? 1 : INT64_MAX) || !grow(m)) return false;
    char *copy = cd_strdup(name);
    if (!copy) return false;
    cd_module_entry *e = &m->entries_[m->count_++];
    *e = (cd_module_entry){ .name = copy, .kind = kind, .slot = slot };
    if (value) cd_object_own(value);
    cd_module_set_value(e, value);
    return true;
}

bool cd_module_add_parameter(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value)
{
    if (!check_name(m, name) || (value && !cd_check_tensor(value, "register_parameter", name)))
        return false;
    if (value && !cd_is_leaf(value)) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "register_parameter: \"%s\" was computed (%s), and a parameter must be a "
                       "leaf: take cd_detach of it",
                       name, cd_grad_fn_name(value));
    }
    return cd_module_add(m, name, CD_PARAMETER, slot, value);
}

bool cd_register_parameter(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value)
{
    if (!cd_module_add_parameter(m, name, slot, value)) return false;
    return !value || !cd_dtype_is_floating(value->dtype) || cd_set_requires_grad(value, true);
}

bool cd_register_buffer(cd_module *m, const char *name, cd_tensor **slot, cd_tensor *value)
{
    if (!check_name(m, name) || (value && !cd_check_tensor(value, "register_buffer", name)))
        return false;
    return cd_module_add(m, name, CD_BUFFER, slot, value);
}

/* Whether a module is among those that are visited. */
typedef struct search {
    const cd_module *wanted;
    bool found;
} search;

static bool look_for(const char *name, cd_module *m, void *user)
{
    (void)name;
    search *s = user;
    s->found = m == s->wanted;
    return !s->found;
}

/* Fails if the child is m or contains m, which would make a cycle. */
static bool check_child(const cd_module *m, cd_module *child, const char *function)
{
    search s = { .wanted = m };
    if (!cd_visit_modules(child, look_for, &s) && !s.found) return false;
    return !s.found || cd_fail(CD_ERR_ARGUMENT, "%s: a module cannot contain itself", function);
}

bool cd_register_child(cd_module *m, const char *name, cd_module **slot, cd_module *child)
{
    if (!check_name(m, name)) return false;
    if (child && (!cd_check_module(child, "register_child", name) ||
                  !check_child(m, child, "register_child"))) {
        return false;
    }
    return cd_module_add(m, name, CD_CHILD, slot, child);
}

/* --- calling ---------------------------------------------------------------------------------- */

static bool check_call(const cd_module *m, cd_tensor *const *in, int inputs, int outputs)
{
    const cd_module_class *c = m->class_;
    if (inputs < 1 || (c->inputs > 0 && inputs != c->inputs)) {
        return cd_fail(CD_ERR_ARGUMENT, "forward: %s takes %d input%s, and got %d", c->name,
                       c->inputs > 0 ? c->inputs : 1, c->inputs > 1 ? "s" : "", inputs);
    }
    const int gives = cd_module_outputs(m);
    if (outputs != gives) {
        return cd_fail(CD_ERR_ARGUMENT, "forward: %s gives %d output%s, and room for %d was given",
                       c->name, gives, gives > 1 ? "s" : "", outputs);
    }
    for (int i = 0; i < inputs; i++) {
        if (!in[i] && i < 32 && (c->optional_inputs >> i & 1)) continue;
        if (!cd_check_tensor(in[i], c->name, "the input")) return false;
    }
    return true;
}

bool cd_module_call(cd_module *m, const cd_arguments *a)
{
    if (!cd_ok()) return false;
    if (!cd_check_module(m, "forward", "the module")) return cd_module_failed(NULL);
    if (!check_call(m, a->in, a->inputs, a->outputs)) return cd_module_failed(m);
    cd_tensor *results[CD_MODULE_OUTPUTS] = { NULL }; /* out stays as it was on failure */
    cd_arguments own = *a;
    own.out = results;
    if (!cd_module_run(m, &own)) return false;
    memcpy(a->out, results, (size_t)a->outputs * sizeof *results);
    return true;
}

bool cd_forward_n(cd_module *m, cd_tensor *const *in, int inputs, cd_tensor **out, int outputs)
{
    return cd_module_call(
        m, &(cd_arguments){ .in = in, .out = out, .inputs = inputs, .outputs = outputs });
}

cd_tensor *cd_forward_with(cd_module *m, cd_tensor *const *in, int inputs)
{
    cd_tensor *out;
    if (!cd_ok()) return NULL;
    if (!cd_check_module(m, "forward", "the module")) {
        (void)cd_module_failed(NULL);
        return NULL;
    }
    if (cd_module_outputs(m) > 1) {
        (void)cd_fail(
            CD_ERR_ARGUMENT,
            "forward: %s gives %d outputs: use cd_forward_n, or cd_forward_recurrent for a "
            "recurrent layer and cd_forward_attention for attention",
            m->class_->name, cd_module_outputs(m));
    }
    return cd_ok() && cd_forward_n(m, in, inputs, &out, 1) ? out : NULL;
}

cd_tensor *cd_forward_drop(cd_module *m, cd_tensor *x)
{
    cd_tensor *y = cd_forward(m, x);
    if (y) (void)cd_drop(x);
    return y;
}

/* --- visiting by name ------------------------------------------------------------------------- */

/* The deepest nesting of modules that can be visited, and the longest path with its NUL. */
enum { DEPTH = 64, PATH_BYTES = 1024 };

/* The state of one traversal. One of `tensor` and `module` is NULL. */
typedef struct traversal {
    cd_visitor *tensor;
    cd_module_visitor *module;
    void *user;
    bool once;        /* a module with several paths is visited at the first */
    cd_module **seen; /* if once: those that have been visited, owned by the traversal */
    int64_t seen_count, seen_room;
    char path[PATH_BYTES]; /* of the module or tensor that is visited now */
} traversal;

/* Appends a name to the path, of which `used` bytes are used. *now is the new length. */
static bool append(traversal *t, size_t used, const char *name, size_t *now)
{
    int n = snprintf(t->path + used, sizeof t->path - used, used ? ".%s" : "%s", name);
    *now = used + (size_t)n;
    return *now < sizeof t->path ||
           cd_fail(CD_ERR_STATE, "visit: a name is longer than %d bytes", PATH_BYTES - 1);
}

/* Adds m to those that are seen, and sets *again if it was among them. False with an error. */
static bool see(traversal *t, cd_module *m, bool *again)
{
    *again = false;
    for (int64_t i = 0; i < t->seen_count && !*again; i++) *again = t->seen[i] == m;
    if (*again) return true;
    if (t->seen_count == t->seen_room) {
        const int64_t room = t->seen_room ? 2 * t->seen_room : 32;
        cd_module **larger = cd_realloc(t->seen, (size_t)room * sizeof *larger);
        if (!larger) return false;
        t->seen = larger;
        t->seen_room = room;
    }
    cd_object_own(object_of(m));
    t->seen[t->seen_count++] = m;
    return true;
}

static void forget_seen(traversal *t)
{
    for (int64_t i = 0; i < t->seen_count; i++) cd_object_disown(object_of(t->seen[i]));
    cd_free(t->seen);
}

/* Visits m, whose path is the first `used` bytes of the traversal's path. */
static bool visit(traversal *t, cd_module *m, size_t used, int depth);

/* Owns the child during the visit, because the visitor may replace it in its parent. */
static bool visit_child(traversal *t, cd_module *child, size_t used, int depth)
{
    cd_object_own(object_of(child));
    bool go_on = visit(t, child, used, depth);
    cd_object_disown(object_of(child));
    return go_on;
}

static bool refuse_depth(void)
{
    return cd_fail(CD_ERR_STATE, "visit: modules are nested deeper than %d", DEPTH);
}

static bool visit(traversal *t, cd_module *m, size_t used, int depth)
{
    if (depth > DEPTH) return refuse_depth();
    bool again = false;
    if (t->once && !see(t, m, &again)) return false;
    if (again) return true;
    t->path[used] = '\0';
    if (t->module && !t->module(t->path, m, t->user)) return false;
    for (cd_entry_kind kind = CD_PARAMETER; kind <= CD_CHILD; kind++) {
        for (int32_t i = 0; i < m->count_; i++) {
            const cd_module_entry *e = &m->entries_[i];
            void *value = cd_module_value(e);
            size_t now;
            if (e->kind != kind || !value) continue;
            if (!append(t, used, e->name, &now)) return false;
            bool go_on = kind == CD_CHILD ? visit_child(t, value, now, depth + 1)
                                          : !t->tensor || t->tensor(t->path, value, kind, t->user);
            if (!go_on) return false;
        }
    }
    return true;
}

static bool check_visitor(bool visitor, const char *function)
{
    return visitor || cd_fail(CD_ERR_ARGUMENT, "%s: the visitor is NULL", function);
}

bool cd_visit(cd_module *m, cd_visitor *visitor, void *user)
{
    traversal t = { .tensor = visitor, .user = user };
    return cd_check_module(m, "visit", "the module") && check_visitor(visitor != NULL, "visit") &&
           visit(&t, m, 0, 0);
}

/* cd_visit, but each module is visited once: for those who need each tensor once. */
static bool visit_once(cd_module *m, cd_visitor *visitor, void *user)
{
    traversal t = { .tensor = visitor, .user = user, .once = true };
    const bool all = cd_check_module(m, "visit", "the module") && visit(&t, m, 0, 0);
    forget_seen(&t);
    return all;
}

bool cd_visit_modules(cd_module *m, cd_module_visitor *visitor, void *user)
{
    traversal t = { .module = visitor, .user = user, .once = true };
    const bool all = cd_check_module(m, "visit_modules", "the module") &&
                     check_visitor(visitor != NULL, "visit_modules") && visit(&t, m, 0, 0);
    forget_seen(&t);
    return all;
}

bool cd_visit_paths(cd_module *m, cd_module_visitor *visitor, void *user)
{
    traversal t = { .module = visitor, .user = user };
    return visit(&t, m, 0, 0);
}

/* How many levels of modules are below each of those that have been looked at. */
typedef struct height {
    const cd_module *module;
    int levels;
} height;

typedef struct heights {
    height *item;
    int64_t count, room;
} heights;

static bool note_height(heights *h, const cd_module *m, int levels)
{
    if (h->count == h->room) {
        const int64_t room = h->room ? 2 * h->room : 32;
        height *larger = cd_realloc(h->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        h->item = larger;
        h->room = room;
    }
    h->item[h->count++] = (height){ m, levels };
    return true;
}

/* Sets *levels to how many are below m, which is at this depth. Each module is looked into once,
 * however many paths lead to it: there may be 2^64. False with an error. */
static bool measure(heights *h, const cd_module *m, int depth, int *levels)
{
    *levels = -1;
    for (int64_t i = 0; i < h->count && *levels < 0; i++) {
        if (h->item[i].module == m) *levels = h->item[i].levels;
    }
    if (depth + (*levels < 0 ? 0 : *levels) > DEPTH) return refuse_depth();
    if (*levels >= 0) return true;
    *levels = 0;
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module_entry *e = &m->entries_[i];
        int below;
        if (e->kind != CD_CHILD || !cd_module_value(e)) continue;
        if (!measure(h, cd_module_value(e), depth + 1, &below)) return false;
        if (below + 1 > *levels) *levels = below + 1;
    }
    return note_height(h, m, *levels);
}

bool cd_module_check_depth(cd_module *m)
{
    heights h = { .count = 0 };
    int levels;
    const bool fits = measure(&h, m, 0, &levels);
    cd_free(h.item);
    return fits;
}

/* Why there is no entry for a part of a path. */
static bool refuse_part(const cd_module *m, const char *path, const char *part, size_t length,
                        const char *function)
{
    if (!*path) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the path is empty, and must be one such as \"layer1.0\"", function);
    }
    if (length == 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: \"%s\" has an empty part: names have one dot between them", function,
                       path);
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: \"%s\": the %s has no \"%.*s\"", function, path,
                   m->class_->name, (int)length, part);
}

/* The entry at a path; *holder is set to the module that has the entry. NULL with an error that
 * says which part of the path is missing. */
static cd_module_entry *find_path(cd_module *m, const char *path, const char *function,
                                  cd_module **holder)
{
    if (!cd_check_module(m, function, "the module")) return NULL;
    if (!path) (void)cd_fail(CD_ERR_ARGUMENT, "%s: the path is NULL", function);
    for (const char *part = path; part;) {
        size_t length = strcspn(part, ".");
        cd_module_entry *e = find(m, part, length);
        if (!e) {
            (void)refuse_part(m, path, part, length, function);
            return NULL;
        }
        *holder = m;
        if (part[length] == '\0') return e;
        if (e->kind != CD_CHILD || !cd_module_value(e)) {
            (void)cd_fail(CD_ERR_ARGUMENT,
                          "%s: \"%s\": \"%.*s\" is no module, so nothing is below it", function,
                          path, (int)length, part);
            return NULL;
        }
        m = cd_module_value(e);
        part += length + 1;
    }
    return NULL;
}

/* The value at a path: a module if `module`, else a tensor. NULL with an error. */
static void *value_at(cd_module *m, const char *path, const char *function, bool module)
{
    const cd_module_entry *e = find_path(m, path, function, &m);
    if (!e) return NULL;
    if (!cd_module_value(e)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: \"%s\" is registered in the %s, and absent (NULL)",
                      function, path, m->class_->name);
        return NULL;
    }
    if ((e->kind == CD_CHILD) == module) return cd_hand_shared(cd_module_value(e));
    (void)cd_fail(CD_ERR_ARGUMENT,
                  module ? "%s: \"%s\" is a tensor: see cd_module_tensor"
                         : "%s: \"%s\" is a module: see cd_module_get",
                  function, path);
    return NULL;
}

cd_module *cd_module_get(cd_module *m, const char *path)
{
    if (path && !*path)
        return cd_check_module(m, "module_get", "the module") ? cd_hand_shared(m) : NULL;
    return value_at(m, path, "module_get", true);
}

cd_tensor *cd_module_tensor(cd_module *m, const char *path)
{
    return value_at(m, path, "module_tensor", false);
}

bool cd_module_set(cd_module *m, const char *path, cd_module *child)
{
    cd_module *holder;
    cd_module_entry *e = cd_ok() ? find_path(m, path, "module_set", &holder) : NULL;
    if (!e || !cd_check_module(child, "module_set", "the child") ||
        !check_child(holder, child, "module_set")) {
        return false;
    }
    if (e->kind != CD_CHILD) {
        return cd_fail(CD_ERR_ARGUMENT, "module_set: \"%s\" is a tensor, not a module", path);
    }
    void *before = cd_module_value(e);
    cd_object_own(object_of(child));
    cd_module_set_value(e, child);
    cd_object_disown(before);
    return true;
}

const char *cd_module_name(const cd_module *m)
{
    return cd_check_module(m, "module_name", "the module") ? m->class_->name : "?";
}

int cd_module_child_count(const cd_module *m)
{
    int count = 0;
    for (int32_t i = 0; i < m->count_; i++) {
        count += m->entries_[i].kind == CD_CHILD && cd_module_value(&m->entries_[i]);
    }
    return count;
}

cd_module_entry *cd_module_child_entry(const cd_module *m, int i)
{
    for (int32_t k = 0; k < m->count_; k++) {
        if (m->entries_[k].kind != CD_CHILD || !cd_module_value(&m->entries_[k])) continue;
        if (i-- == 0) return &m->entries_[k];
    }
    return NULL;
}

void cd_module_remove_entry(cd_module *m, cd_module_entry *e)
{
    cd_free(e->name);
    const int32_t after = (int32_t)(&m->entries_[m->count_] - (e + 1));
    memmove(e, e + 1, (size_t)after * sizeof *e);
    m->count_--;
}

cd_module *cd_module_child(const cd_module *m, int i)
{
    const cd_module_entry *e = cd_module_child_entry(m, i);
    return e ? cd_module_value(e) : NULL;
}

/* --- modes ------------------------------------------------------------------------------------ */

static bool set_training(const char *name, cd_module *m, void *user)
{
    (void)name;
    m->training_ = *(const bool *)user;
    return true;
}

static bool set_frozen(const char *name, cd_module *m, void *user)
{
    (void)name;
    m->frozen_ = *(const bool *)user;
    for (int32_t i = 0; i < m->count_; i++) {
        cd_tensor *t = cd_module_value(&m->entries_[i]);
        if (m->entries_[i].kind != CD_PARAMETER || !t || !cd_dtype_is_floating(t->dtype)) continue;
        if (!cd_set_requires_grad(t, !m->frozen_)) return false;
        if (m->frozen_ && !cd_grad_drop(t)) return false;
    }
    return true;
}

static bool set_all(cd_module *m, const char *function, cd_module_visitor *set, bool to)
{
    return cd_ok() && cd_check_module(m, function, "the module") && cd_visit_modules(m, set, &to);
}

bool cd_train(cd_module *m)
{
    return set_all(m, "train", set_training, true);
}

bool cd_eval(cd_module *m)
{
    return set_all(m, "eval", set_training, false);
}

bool cd_is_training(const cd_module *m)
{
    return cd_check_module(m, "is_training", "the module") && m->training_ && !m->frozen_;
}

bool cd_freeze(cd_module *m)
{
    return set_all(m, "freeze", set_frozen, true);
}

bool cd_unfreeze(cd_module *m)
{
    return set_all(m, "unfreeze", set_frozen, false);
}

bool cd_is_frozen(const cd_module *m)
{
    return cd_check_module(m, "is_frozen", "the module") && m->frozen_;
}

/* --- parameters, gradients -------------------------------------------------------------------- */

static bool collect(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    bool again;
    return kind != CD_PARAMETER || cd_tensor_list_add(user, t, &again);
}

bool cd_tensor_list_add(cd_tensor_list *list, cd_tensor *t, bool *again)
{
    *again = false;
    for (int64_t i = 0; i < list->count && !*again; i++) *again = list->tensor[i] == t;
    if (*again) return true;
    if (list->count == list->room) {
        int64_t room = list->room ? 2 * list->room : 32;
        cd_tensor **larger = cd_realloc(list->tensor, (size_t)room * sizeof(cd_tensor *));
        if (!larger) return false;
        list->tensor = larger;
        list->room = room;
    }
    list->tensor[list->count++] = t;
    return true;
}

bool cd_module_parameters(cd_module *m, cd_tensor_list *list)
{
    *list = (cd_tensor_list){ .count = 0 };
    if (visit_once(m, collect, list)) return true;
    cd_free(list->tensor);
    *list = (cd_tensor_list){ .count = 0 };
    return false;
}

static int64_t count_parameters(cd_module *m, const char *function, bool trainable_only)
{
    cd_tensor_list list;
    int64_t elements = 0;
    if (!cd_check_module(m, function, "the module") || !cd_module_parameters(m, &list)) return 0;
    for (int64_t i = 0; i < list.count; i++) {
        if (!trainable_only || list.tensor[i]->requires_grad) elements += list.tensor[i]->numel;
    }
    cd_free(list.tensor);
    return elements;
}

int64_t cd_num_parameters(cd_module *m)
{
    return count_parameters(m, "num_parameters", false);
}

int64_t cd_num_trainable_parameters(cd_module *m)
{
    return count_parameters(m, "num_trainable_parameters", true);
}

static bool drop_grad(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)user;
    return kind != CD_PARAMETER || cd_grad_drop(t);
}

bool cd_module_zero_grad(cd_module *m)
{
    return cd_ok() && cd_check_module(m, "zero_grad", "the module") && cd_visit(m, drop_grad, NULL);
}

/* --- captured graphs -------------------------------------------------------------------------- */

/* Names a tensor that the graph uses, and passes over one that it does not. */
static bool name_in_graph(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    return !cd_graph_holds(user, t) || cd_graph_name(user, t, name);
}

bool cd_graph_name_module(cd_graph *g, cd_module *m)
{
    return cd_ok() && cd_graph_check(g, "graph_name_module") &&
           cd_check_module(m, "graph_name_module", "the module") && cd_visit(m, name_in_graph, g) &&
           cd_ok();
}
