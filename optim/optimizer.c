/* What all optimizers share: making one, its state, its rates. A class (optim/adam.c) only says
 * which op and which state the step uses: optim/optimizer_internal.h. */
#include "optim/optimizer_internal.h"

#include <stdio.h>
#include <string.h>

#include "autograd/dispatch/graph_internal.h"
#include "core/dtype_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"

/* What every class's struct of options begins with. */
typedef struct common_options {
    cd_module *module;
    CD_OPTIMIZER_OPTIONS;
} common_options;

static void free_group(cd_optimizer_group *g)
{
    cd_free(g->options);
    cd_object_disown((cd_object *)g->rate);
    cd_object_disown((cd_object *)g->momentum);
}

static void destroy(cd_object *object)
{
    cd_optimizer *o = (cd_optimizer *)object;
    for (int64_t i = 0; i < o->count; i++) {
        cd_optimizer_entry *entry = &o->entries[i];
        cd_object_disown(&entry->parameter->object);
        cd_free(entry->name);
        for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
            cd_object_disown((cd_object *)entry->state[k]);
        }
    }
    for (int g = 0; g < o->group_count; g++) free_group(&o->groups[g]);
    cd_free(o->groups);
    cd_free(o->entries);
}

static const cd_class optimizer_object_class = { CD_KIND_OPTIMIZER, "optimizer", NULL, destroy };

bool cd_check_optimizer(const cd_optimizer *o, const char *function, const char *argument)
{
    return cd_check_object(o, &optimizer_object_class, function, argument);
}

/* --- groups ----------------------------------------------------------------------------------- */

/* A number of the options, 0 where the class has none. */
static double number_at(const void *options, size_t at)
{
    double number = 0;
    if (at) memcpy(&number, (const char *)options + at, sizeof number);
    return number;
}

static cd_tensor *new_number(double value)
{
    const double plain = value + 0.0; /* 0 for CD_ZERO, which is minus zero */
    cd_tensor *number = cd_tensor_new("optimizer", CD_F64, CD_SCALAR);
    if (number) cd_tensor_put(number, 0, &plain);
    return number;
}

bool cd_optimizer_add_group(cd_optimizer *o, const char *function, const void *options)
{
    const cd_optimizer_class *c = o->class_;
    cd_optimizer_group g = { .options = cd_alloc(c->options_bytes) };
    if (!g.options) return false;
    memcpy(g.options, options, c->options_bytes);
    common_options *common = g.options;
    common->module = NULL; /* the optimizer owns the parameters only */
    common->tensors = NULL;
    common->count = 0;
    bool done =
        cd_options_fill(c->options, g.options, function) && (!c->check || c->check(g.options));
    if (done) {
        g.attributes = c->attributes(g.options);
        g.first_rate = common->lr + 0.0;
        g.rate = new_number(common->lr);
        if (c->momentum_at) g.momentum = new_number(number_at(g.options, c->momentum_at));
        done = g.rate && (g.momentum || !c->momentum_at);
    }
    const size_t bytes = (size_t)(o->group_count + 1) * sizeof g;
    cd_optimizer_group *moved = done ? cd_realloc(o->groups, bytes) : NULL;
    if (!moved) {
        free_group(&g);
        return false;
    }
    o->groups = moved;
    o->groups[o->group_count++] = g;
    return true;
}

/* --- making one ------------------------------------------------------------------------------- */

/* Checks that the tensors are floating leaves, each of them listed once. */
static bool check_list(const char *function, cd_tensor *const *tensors, int64_t count)
{
    if (count < 1 || !tensors) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: there are no parameters: give a module that has some, or "
                       ".tensors and .count",
                       function);
    }
    for (int64_t i = 0; i < count; i++) {
        if (!cd_check_tensor(tensors[i], function, "a tensor of the list")) return false;
        if (!cd_is_leaf(tensors[i]) || !cd_dtype_is_floating(tensors[i]->dtype)) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: tensor %lld of the list is %s, and only floating leaves can "
                           "be optimized",
                           function, (long long)i,
                           cd_is_leaf(tensors[i]) ? cd_dtype_name(tensors[i]->dtype) : "no leaf");
        }
        for (int64_t j = 0; j < i; j++) {
            if (tensors[j] == tensors[i]) {
                return cd_fail(CD_ERR_ARGUMENT,
                               "%s: tensors %lld and %lld of the list are the same one", function,
                               (long long)j, (long long)i);
            }
        }
    }
    return true;
}

/* Gives entries the names of their parameters in a module. */
static bool note_name(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    cd_optimizer *o = user;
    for (int64_t i = 0; i < o->count && kind == CD_PARAMETER; i++) {
        cd_optimizer_entry *entry = &o->entries[i];
        if (entry->parameter != t || entry->name) continue;
        const size_t bytes = strlen(name) + 1;
        entry->name = cd_alloc(bytes);
        if (!entry->name) return false;
        memcpy(entry->name, name, bytes);
    }
    return true;
}

/* Makes the entries of a list of tensors. */
static bool add_entries(cd_optimizer *o, cd_tensor *const *tensors, int64_t count)
{
    if (!check_list(o->class_->function, tensors, count)) return false;
    o->entries = cd_alloc_zeroed((size_t)count, sizeof *o->entries);
    if (!o->entries) return false;
    for (int64_t i = 0; i < count; i++) {
        cd_object_own(&tensors[i]->object);
        o->entries[i].parameter = tensors[i];
        o->overlaps |= tensors[i]->storage->borrowed;
        for (int64_t j = 0; j < i; j++) o->overlaps |= tensors[j]->storage == tensors[i]->storage;
    }
    o->count = count;
    return true;
}

static bool add_module(cd_optimizer *o, cd_module *module)
{
    cd_tensor_list list;
    if (!cd_check_module(module, o->class_->function, "the module") ||
        !cd_module_parameters(module, &list)) {
        return false;
    }
    const bool done = add_entries(o, list.tensor, list.count) && cd_visit(module, note_name, o);
    cd_free(list.tensor);
    return done;
}

static bool check_source(const char *function, const common_options *given)
{
    if (given->module && given->tensors) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: give a module or .tensors, not both", function);
    }
    if (given->module && given->count != 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .count is %d, but .tensors is NULL", function,
                       given->count);
    }
    return true;
}

cd_optimizer *cd_optimizer_new(const cd_optimizer_class *class_, const void *options)
{
    const common_options *given = options;
    if (!check_source(class_->function, given)) return NULL;
    cd_optimizer *o = cd_object_new(&optimizer_object_class, sizeof *o);
    if (!o) return NULL;
    o->class_ = class_;
    if (cd_optimizer_add_group(o, class_->function, options) &&
        (given->tensors ? add_entries(o, given->tensors, given->count)
                        : add_module(o, given->module))) {
        return cd_hand(o);
    }
    cd_object_disown(&o->object);
    return NULL;
}

cd_optimizer *cd_optimizer_make(const cd_optimizer_class *class_, cd_module *module,
                                const void *options)
{
    common_options *copy = cd_alloc(class_->options_bytes);
    if (!copy) return NULL;
    memcpy(copy, options, class_->options_bytes);
    copy->module = module;
    copy->tensors = NULL;
    copy->count = 0;
    cd_optimizer *o = cd_optimizer_new(class_, copy);
    cd_free(copy);
    return o;
}

/* --- state ------------------------------------------------------------------------------------ */

/* A new state tensor of the parameter w, owned by the caller, and its elements. It is filled here
 * and not by an op: a captured graph would run that op again with every step, and clear the
 * state. */
static cd_tensor *new_state(const cd_tensor *w, cd_state_kind kind, double initial)
{
    const cd_device device = cd_tensor_device(w);
    const bool like = kind == CD_STATE_LIKE;
    const cd_shape *shape = like ? &w->shape : &CD_SCALAR;
    const cd_dtype dtype = like ? w->dtype : kind == CD_STATE_ONE ? CD_F32 : CD_I64;
    if (device == CD_META) return cd_tensor_new_on("step", device, dtype, shape);
    cd_tensor *t = cd_tensor_new_on("step", CD_CPU, dtype, shape);
    if (!t) return NULL;
    if (t->numel > 0) memset(t->data, 0, (size_t)t->numel * cd_dtype_size(dtype));
    if (kind == CD_STATE_ONE) initial = 1;
    for (int64_t i = 0; initial != 0 && kind != CD_STATE_COUNT && i < t->numel; i++) {
        cd_put_real(dtype, t->data, i, initial);
    }
    if (device == CD_CPU) return t;
    cd_tensor *copy = cd_tensor_copy_on("step", device, t);
    cd_object_disown(&t->object);
    return copy;
}

bool cd_optimizer_make_state(cd_optimizer *o, cd_optimizer_entry *entry)
{
    const cd_optimizer_class *c = o->class_;
    const void *options = o->groups[entry->group].options;
    const unsigned needed = c->needs ? c->needs(options) : CD_EVERY_STATE;
    for (int k = 0; k < CD_OPTIMIZER_STATES && c->state[k].kind != CD_STATE_NONE; k++) {
        if (entry->state[k] || !(needed & CD_SET(k))) continue;
        entry->state[k] = new_state(entry->parameter, (cd_state_kind)c->state[k].kind,
                                    number_at(options, c->initial_at));
        if (!entry->state[k]) return false;
    }
    return true;
}

bool cd_optimizer_zero_grad(cd_optimizer *o)
{
    if (!cd_ok() || !cd_check_optimizer(o, "zero_grad", "the optimizer")) return false;
    for (int64_t i = 0; i < o->count; i++) {
        if (!cd_grad_drop(o->entries[i].parameter)) return false;
    }
    return true;
}

/* --- rates ------------------------------------------------------------------------------------ */

double cd_optimizer_rate(const cd_optimizer *o, int group)
{
    double lr = 0;
    cd_tensor_get(o->groups[group].rate, 0, &lr);
    return lr;
}

double cd_optimizer_momentum(const cd_optimizer *o, int group)
{
    double momentum = 0;
    if (o->groups[group].momentum) cd_tensor_get(o->groups[group].momentum, 0, &momentum);
    return momentum;
}

bool cd_optimizer_check_rate(const char *function, double lr, double momentum)
{
    if (!isfinite(lr) || lr < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the rate is %g, and must be finite and not negative",
                       function, lr);
    }
    return (isfinite(momentum) && momentum >= 0) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: the momentum is %g, and must be finite and not negative",
                   function, momentum);
}

bool cd_optimizer_set_rate(cd_optimizer *o, const char *function, int group, double lr,
                           double momentum)
{
    const cd_optimizer_group *g = &o->groups[group];
    return cd_optimizer_check_rate(function, lr, momentum) && cd_write(g->rate, &lr, sizeof lr) &&
           (!g->momentum || momentum == cd_optimizer_momentum(o, group) ||
            cd_write(g->momentum, &momentum, sizeof momentum));
}

void cd_optimizer_put_rate(cd_optimizer *o, int group, double lr, double momentum)
{
    const cd_optimizer_group *g = &o->groups[group];
    cd_tensor_put(g->rate, 0, &lr);
    if (g->momentum) cd_tensor_put(g->momentum, 0, &momentum);
}

/* Whether the optimizer has this group and its rate can be read or set now; false with an error. */
static bool check_group(const cd_optimizer *o, const char *function, int group, const char *why)
{
    if (!cd_check_optimizer(o, function, "the optimizer") ||
        !cd_check_not_captured(function, why)) {
        return false;
    }
    return (group >= 0 && group < o->group_count) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: there is no group %d: the optimizer has %d, from 0 on",
                   function, group, o->group_count);
}

double cd_lr(const cd_optimizer *o)
{
    return check_group(o, "lr", 0, "it reads an element") ? cd_optimizer_rate(o, 0) : 0;
}

double cd_group_lr(const cd_optimizer *o, int group)
{
    return check_group(o, "group_lr", group, "it reads an element") ? cd_optimizer_rate(o, group)
                                                                    : 0;
}

static bool set_lr(cd_optimizer *o, const char *function, int group, double lr)
{
    return cd_optimizer_set_rate(o, function, group, lr, cd_optimizer_momentum(o, group));
}

bool cd_set_lr(cd_optimizer *o, double lr)
{
    if (!cd_ok() || !check_group(o, "set_lr", 0, "the rate comes from the program")) return false;
    bool done = true;
    for (int g = 0; g < o->group_count && done; g++) done = set_lr(o, "set_lr", g, lr);
    return done;
}

bool cd_set_group_lr(cd_optimizer *o, int group, double lr)
{
    return cd_ok() && check_group(o, "set_group_lr", group, "the rate comes from the program") &&
           set_lr(o, "set_group_lr", group, lr);
}

int cd_optimizer_groups(const cd_optimizer *o)
{
    return cd_check_optimizer(o, "optimizer_groups", "the optimizer") ? o->group_count : 0;
}

/* --- captured graphs -------------------------------------------------------------------------- */

/* Names the state tensors of a parameter by the parameter's name in the graph and their own. */
static bool name_state(cd_graph *g, const cd_optimizer *o, const cd_optimizer_entry *entry)
{
    enum { NAME_BYTES = 1100 };
    char name[NAME_BYTES];
    const char *parameter = cd_graph_name_of(g, entry->parameter);
    if (!parameter) return true;
    for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
        if (!entry->state[k] || !cd_graph_holds(g, entry->state[k])) continue;
        (void)snprintf(name, sizeof name, "%s.%s", parameter, o->class_->state[k].name);
        if (!cd_graph_name(g, entry->state[k], name)) return false;
    }
    return true;
}

/* Names the rate or the momentum of a group. */
static bool name_number(cd_graph *g, cd_tensor *number, const char *what, int group)
{
    char name[32];
    if (!number || !cd_graph_holds(g, number)) return true;
    (void)snprintf(name, sizeof name, group ? "%s.%d" : "%s", what, group);
    return cd_graph_name(g, number, name);
}

bool cd_graph_name_optimizer(cd_graph *g, cd_optimizer *o)
{
    if (!cd_ok() || !cd_graph_check(g, "graph_name_optimizer") ||
        !cd_check_optimizer(o, "graph_name_optimizer", "the optimizer")) {
        return false;
    }
    for (int64_t i = 0; i < o->count; i++) {
        if (!name_state(g, o, &o->entries[i])) return false;
    }
    for (int k = 0; k < o->group_count; k++) {
        if (!name_number(g, o->groups[k].rate, "rate", k) ||
            !name_number(g, o->groups[k].momentum, "momentum", k)) {
            return false;
        }
    }
    return true;
}
