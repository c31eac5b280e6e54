/* What all optimizers share: making one, its state, and the step. A class (optim/sgd.c) only says
 * which op and which state the step uses: optim/optimizer_internal.h. */
#include "optim/optimizer_internal.h"

#include <math.h>
#include <string.h>

#include "autograd/dispatch/graph_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"

static void destroy(cd_object *object)
{
    cd_optimizer *o = (cd_optimizer *)object;
    for (int64_t i = 0; i < o->count; i++) {
        cd_object_disown(&o->entries[i].parameter->object);
        for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
            cd_object_disown((cd_object *)o->entries[i].state[k]);
        }
    }
    cd_object_disown((cd_object *)o->rate);
    cd_free(o->entries);
}

static const cd_class optimizer_object_class = { CD_KIND_OPTIMIZER, "optimizer", NULL, destroy };

bool cd_check_optimizer(const cd_optimizer *o, const char *function, const char *argument)
{
    return cd_check_object(o, &optimizer_object_class, function, argument);
}

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

/* The rate as a tensor, owned by the caller. */
static cd_tensor *new_rate(double lr)
{
    const double plain = lr + 0.0; /* 0 for CD_ZERO, which is minus zero */
    cd_tensor *rate = cd_tensor_new("optimizer", CD_F64, CD_SCALAR);
    if (rate) cd_tensor_put(rate, 0, &plain);
    return rate;
}

/* A new optimizer of a list of tensors, owned by the caller. */
static cd_optimizer *new_for_tensors(const cd_optimizer_class *class_, const char *function,
                                     double lr, cd_tensor *const *tensors, int64_t count)
{
    if (!check_list(function, tensors, count)) return NULL;
    cd_optimizer *o = cd_object_new(&optimizer_object_class, class_->size);
    if (!o) return NULL;
    o->class_ = class_;
    o->entries = cd_alloc_zeroed((size_t)count, sizeof *o->entries);
    o->rate = new_rate(lr);
    if (!o->entries || !o->rate) {
        cd_object_disown(&o->object);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++) {
        cd_object_own(&tensors[i]->object);
        o->entries[i].parameter = tensors[i];
    }
    o->count = count;
    return o;
}

cd_optimizer *cd_optimizer_new(const cd_optimizer_class *class_, const char *function, double lr,
                               cd_module *module, cd_tensor *const *tensors, int count)
{
    if (module && tensors) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: give a module or .tensors, not both", function);
        return NULL;
    }
    if (module && count != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: .count is %d, but .tensors is NULL", function, count);
        return NULL;
    }
    if (tensors) return new_for_tensors(class_, function, lr, tensors, count);
    cd_tensor_list list;
    if (!cd_check_module(module, function, "the module") || !cd_module_parameters(module, &list))
        return NULL;
    cd_optimizer *o = new_for_tensors(class_, function, lr, list.tensor, list.count);
    cd_free(list.tensor);
    return o;
}

/* --- state ------------------------------------------------------------------------------------ */

/* A new state tensor of the parameter w, owned by the caller. It is filled here and not by an op: a
 * captured graph would run that op again with every step, and clear the state. */
static cd_tensor *new_state(const cd_tensor *w, cd_state_kind kind)
{
    const bool flag = kind == CD_STATE_FLAG;
    const cd_device device = cd_tensor_device(w);
    const cd_shape *shape = flag ? &CD_SCALAR : &w->shape;
    const cd_dtype dtype = flag ? CD_BOOL : w->dtype;
    if (device == CD_META) return cd_tensor_new_on("step", device, dtype, shape);
    cd_tensor *zeros = cd_tensor_new_on("step", CD_CPU, dtype, shape);
    if (!zeros) return NULL;
    if (zeros->numel > 0) {
        memset(zeros->data, 0, (size_t)zeros->numel * cd_dtype_size(dtype));
    }
    if (device == CD_CPU) return zeros;
    cd_tensor *copy = cd_tensor_copy_on("step", device, zeros);
    cd_object_disown(&zeros->object);
    return copy;
}

/* Makes the entry's state tensors that do not exist yet. If one fails, those made before it stay and
 * the next step makes the rest. */
static bool make_state(const cd_optimizer *o, cd_optimizer_entry *entry)
{
    if (o->class_->has_state && !o->class_->has_state(o)) return true;
    for (int k = 0; k < CD_OPTIMIZER_STATES; k++) {
        const cd_state_kind kind = (cd_state_kind)o->class_->state[k].kind;
        if (kind == CD_STATE_NONE) break;
        if (!entry->state[k]) entry->state[k] = new_state(entry->parameter, kind);
        if (!entry->state[k]) return false;
    }
    return true;
}

bool cd_optimizer_make_state(cd_optimizer *o)
{
    for (int64_t i = 0; i < o->count; i++) {
        if (!make_state(o, &o->entries[i])) return false;
    }
    return true;
}

/* Checks that the state is on the parameter's device: cd_module_to does not move it. */
static bool check_device(const cd_optimizer *o, const cd_optimizer_entry *entry)
{
    const cd_device device = cd_tensor_device(entry->parameter);
    for (int k = 0; k < CD_OPTIMIZER_STATES && entry->state[k]; k++) {
        const cd_device own = cd_tensor_device(entry->state[k]);
        if (own == device) continue;
        return cd_fail(CD_ERR_DEVICE,
                       "step: a parameter is on %s, and its %s on %s: make the optimizer after "
                       "cd_module_to",
                       cd_device_name(device), o->class_->state[k].name, cd_device_name(own));
    }
    return true;
}

/* --- a step ----------------------------------------------------------------------------------- */

/* The update of one parameter during a step. */
typedef struct update {
    cd_optimizer_entry *entry;
    cd_tensor *grad; /* owned */
    cd_operand in[CD_OP_INPUTS];
    cd_call call;
} update;

/* Does everything that can fail in the update of one parameter. */
static bool prepare(cd_optimizer *o, update *u)
{
    const cd_optimizer_class *c = o->class_;
    const cd_optimizer_entry *entry = u->entry;
    if (!entry->parameter->contiguous) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "step: a parameter is not contiguous (its elements do not lie in one row), "
                       "and only contiguous ones can be updated");
    }
    if (!make_state(o, u->entry) || !check_device(o, entry)) return false;
    u->in[0] = cd_operand_tensor(entry->parameter);
    u->in[1] = cd_operand_tensor(u->grad);
    u->in[2] = cd_operand_tensor(o->rate);
    for (int k = 3; k < c->op->inputs; k++) u->in[k] = cd_operand_tensor(entry->state[k - 3]);
    cd_call_begin(&u->call, c->op, u->in, c->op->inputs);
    u->call.in_place = true;
    u->call.launch.attributes = (char *)o + c->attributes_at;
    if (!cd_call_prepare(&u->call)) return false;
    u->call.anomaly = false; /* anomaly mode checks forward and backward passes only */
    return true;
}

/* Prepares an update for each parameter that has a gradient. *prepared counts them, also if a later
 * one fails. */
static bool prepare_all(cd_optimizer *o, update *updates, int64_t *prepared)
{
    bool done = true;
    for (int64_t i = 0; i < o->count && done; i++) {
        update *u = &updates[*prepared];
        u->entry = &o->entries[i];
        cd_scope scope = cd_scope_begin();
        u->grad = cd_grad(u->entry->parameter);
        done = cd_ok() && (!u->grad || prepare(o, u));
        if (done && u->grad) {
            cd_object_own(&u->grad->object);
            ++*prepared;
        }
        (void)cd_scope_end(scope);
    }
    return done;
}

/* Prepares all updates before it runs the first one, so that all parameters change or none. */
static bool step(cd_optimizer *o)
{
    int64_t prepared = 0;
    update *updates = cd_alloc((size_t)o->count * sizeof *updates);
    if (!updates) return false;
    bool done = prepare_all(o, updates, &prepared);
    for (int64_t i = 0; i < prepared; i++) {
        if (done) {
            cd_call_commit(&updates[i].call);
        } else {
            cd_call_cancel(&updates[i].call);
        }
    }
    for (int64_t i = 0; i < prepared; i++) {
        if (done) (void)cd_call_finish(&updates[i].call);
        cd_object_disown(&updates[i].grad->object);
    }
    cd_free(updates);
    return done && cd_ok();
}

bool cd_step(cd_optimizer *o)
{
    if (!cd_ok() || !cd_check_optimizer(o, "step", "the optimizer")) return false;
    cd_scope mode = cd_grad_mode_begin(false);
    bool done = cd_ok() && step(o);
    (void)cd_scope_end(mode);
    return done;
}

bool cd_optimizer_zero_grad(cd_optimizer *o)
{
    if (!cd_ok() || !cd_check_optimizer(o, "zero_grad", "the optimizer")) return false;
    for (int64_t i = 0; i < o->count; i++) {
        if (!cd_grad_drop(o->entries[i].parameter)) return false;
    }
    return true;
}

double cd_lr(const cd_optimizer *o)
{
    double lr = 0;
    if (cd_check_optimizer(o, "lr", "the optimizer") &&
        cd_check_not_captured("lr", "it reads an element")) {
        cd_tensor_get(o->rate, 0, &lr);
    }
    return lr;
}

bool cd_set_lr(cd_optimizer *o, double lr)
{
    if (!cd_ok() || !cd_check_optimizer(o, "set_lr", "the optimizer")) return false;
    if (!cd_check_not_captured("set_lr", "the rate comes from the program")) return false;
    if (!isfinite(lr) || lr < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "set_lr: the rate is %g, and must be finite and not negative", lr);
    }
    return cd_write(o->rate, &lr, sizeof lr);
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

bool cd_graph_name_optimizer(cd_graph *g, cd_optimizer *o)
{
    if (!cd_ok() || !cd_graph_check(g, "graph_name_optimizer") ||
        !cd_check_optimizer(o, "graph_name_optimizer", "the optimizer")) {
        return false;
    }
    for (int64_t i = 0; i < o->count; i++) {
        if (!name_state(g, o, &o->entries[i])) return false;
    }
    return !cd_graph_holds(g, o->rate) || cd_graph_name(g, o->rate, "rate");
}
