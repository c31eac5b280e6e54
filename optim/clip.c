/* Clipping gradients: optim/clip.h. All changes are prepared, which may fail, before the first one
 * is made. */
#include "optim/clip.h"

#include "autograd/families/clamp_internal.h"
#include "autograd/ops_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"

cd_parameters cd_parameters_of_module(cd_module *m)
{
    return (cd_parameters){ .source = CD_OF_MODULE, .module = m };
}

cd_parameters cd_parameters_of_optimizer(cd_optimizer *o)
{
    return (cd_parameters){ .source = CD_OF_OPTIMIZER, .optimizer = o };
}

cd_parameters cd_parameters_of_list(cd_tensors list)
{
    return (cd_parameters){ .source = CD_OF_LIST, .list = list };
}

/* --- which gradients -------------------------------------------------------------------------- */

static bool check_list(cd_tensors list, const char *function)
{
    if (list.count < 0 || (list.count > 0 && !list.tensor)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %d tensors in a list that is %s: %s", function,
                       list.count, list.tensor ? "given" : "NULL",
                       "the count must be 0 or more, and 0 for NULL");
    }
    for (int i = 0; i < list.count; i++) {
        if (!cd_check_tensor(list.tensor[i], function, "a tensor of the list")) return false;
    }
    return true;
}

/* Replaces parameters by their gradients, which belong to the open scope; those without one go. */
static bool take_gradients(cd_tensor_list *list)
{
    int64_t count = 0;
    for (int64_t i = 0; i < list->count; i++) {
        cd_tensor *grad = cd_grad(list->tensor[i]);
        if (grad) list->tensor[count++] = grad;
    }
    list->count = count;
    return cd_ok();
}

static bool list_parameters(cd_parameters p, const char *function, cd_tensor_list *list)
{
    if (p.source == CD_OF_MODULE) {
        return cd_check_module(p.module, function, "the module") &&
               cd_module_parameters(p.module, list);
    }
    const bool optimizer = p.source == CD_OF_OPTIMIZER;
    if (optimizer ? !cd_check_optimizer(p.optimizer, function, "the optimizer")
                  : !check_list(p.list, function)) {
        return false;
    }
    const int64_t count = optimizer ? p.optimizer->count : p.list.count;
    list->tensor = cd_alloc(((size_t)count + 1) * sizeof(cd_tensor *));
    if (!list->tensor) return false;
    for (int64_t i = 0; i < count; i++) {
        list->tensor[i] = optimizer ? p.optimizer->entries[i].parameter : p.list.tensor[i];
    }
    list->count = count;
    return true;
}

/* Lists the gradients of the parameters. The caller frees list->tensor, in any case. */
static bool list_gradients(cd_parameters p, const char *function, cd_tensor_list *list)
{
    return cd_ok() && list_parameters(p, function, list) && take_gradients(list);
}

/* --- changing them ---------------------------------------------------------------------------- */

/* How each gradient is changed: by this op in place, with its second input or its attributes. */
typedef struct recipe {
    const char *function; /* for errors */
    const cd_op *op;
    cd_tensor *factor;         /* NULL: the op has one input */
    cd_clamp_attributes clamp; /* of an op with one input */
} recipe;

typedef struct change {
    cd_operand in[2];
    cd_clamp_attributes clamp; /* a copy, which the op's infer completes for the gradient's dtype */
    cd_call call;
} change;

static bool prepare(change *c, const recipe *r, cd_tensor *grad)
{
    c->in[0] = cd_operand_tensor(grad);
    if (r->factor) c->in[1] = cd_operand_tensor(cd_to_device(r->factor, cd_tensor_device(grad)));
    if (!cd_ok()) return false;
    c->clamp = r->clamp;
    cd_call_begin(&c->call, r->op, c->in, r->op->inputs);
    c->call.name = r->function;
    c->call.in_place = true;
    if (!r->factor) c->call.launch.attributes = &c->clamp;
    return cd_call_prepare(&c->call);
}

/* Changes all gradients or, with an error, none. */
static bool change_all(const cd_tensor_list *grads, const recipe *r)
{
    int64_t prepared = 0;
    change *changes = cd_alloc(((size_t)grads->count + 1) * sizeof *changes);
    bool done = changes != NULL;
    while (done && prepared < grads->count) {
        done = prepare(&changes[prepared], r, grads->tensor[prepared]);
        prepared += done;
    }
    for (int64_t i = 0; i < prepared; i++) {
        if (done) {
            cd_call_commit(&changes[i].call);
            (void)cd_call_finish(&changes[i].call);
        } else {
            cd_call_cancel(&changes[i].call);
        }
    }
    cd_free(changes);
    return done && cd_ok();
}

/* --- norms ------------------------------------------------------------------------------------ */

static bool check_finite(const char *function, cd_tensor *total, double order)
{
    if (!cd_check_not_captured(function, ".error_if_nonfinite reads an element")) return false;
    const double norm = cd_item(total);
    if (!cd_ok() || isfinite(norm)) return cd_ok();
    return cd_fail(CD_ERR_STATE, "%s: the total norm of order %g is %g, which is not finite",
                   function, order, norm);
}

/* The norm of the norms; NULL with an error. */
static cd_tensor *total_norm(const char *function, cd_tensor *const *tensors, int64_t count,
                             double order, bool only_finite)
{
    if (count == 0) return cd_zeros(CD_SCALAR);
    const double p = cd_option_or(order, 2) == 0 ? CD_ZERO : cd_option_or(order, 2);
    const cd_device device = cd_device_of(tensors[0]);
    cd_tensor **norms = cd_alloc((size_t)count * sizeof *norms);
    if (!norms) return NULL;
    for (int64_t i = 0; i < count; i++) {
        norms[i] = cd_to_device(cd_norm(tensors[i], .p = p), device);
    }
    cd_tensor *total = NULL;
    if (cd_ok()) total = cd_norm(cd_stack((cd_tensors){ norms, (int)count }, 0), .p = p);
    cd_free(norms);
    return total && (!only_finite || check_finite(function, total, p)) ? total : NULL;
}

cd_tensor *cd_get_total_norm_with(cd_total_norm_options o)
{
    const char *function = "get_total_norm";
    if (!cd_ok() || !check_list(o.tensors, function)) return NULL;
    cd_scope scope = cd_grad_mode_begin(false);
    return cd_ops_end(scope, total_norm(function, o.tensors.tensor, o.tensors.count, o.norm_type,
                                        o.error_if_nonfinite));
}

/* --- clipping --------------------------------------------------------------------------------- */

/* PyTorch divides a number by a tensor as number * (1 / tensor), which rounds twice. */
static bool scale(const char *function, const cd_tensor_list *grads, double max_norm,
                  cd_tensor *total)
{
    cd_tensor *ratio = cd_mul(cd_reciprocal(cd_add(total, 1e-6)), max_norm);
    const recipe r = { function, &cd_op_mul, .factor = cd_clamp_max(ratio, 1) };
    return r.factor && change_all(grads, &r);
}

cd_tensor *cd_clip_grad_norm_with_(cd_clip_grad_norm_options o)
{
    const char *function = "clip_grad_norm_";
    cd_tensor_list grads = { 0 };
    cd_tensor *total = NULL;
    cd_scope scope = cd_grad_mode_begin(false);
    if (list_gradients(o.parameters, function, &grads)) {
        total = total_norm(function, grads.tensor, grads.count, o.norm_type, o.error_if_nonfinite);
    }
    const bool done = total && scale(function, &grads, o.max_norm, total);
    cd_free(grads.tensor);
    return cd_ops_end(scope, done ? total : NULL);
}

bool cd_clip_grads_with_norm_of_(cd_parameters parameters, double max_norm, cd_tensor *total)
{
    const char *function = "clip_grads_with_norm_";
    cd_tensor_list grads = { 0 };
    if (!cd_ok() || !cd_check_tensor(total, function, "the total norm")) return false;
    if (cd_ndim(total) != 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: the total norm has %d dimensions, and must be 0-d",
                       function, cd_ndim(total));
    }
    cd_scope scope = cd_grad_mode_begin(false);
    const bool done =
        list_gradients(parameters, function, &grads) && scale(function, &grads, max_norm, total);
    cd_free(grads.tensor);
    (void)cd_scope_end(scope);
    return done;
}

bool cd_clip_grad_value_of_(cd_parameters parameters, double value)
{
    const recipe r = {
        .function = "clip_grad_value_",
        .op = &cd_op_clamp,
        .clamp = { .low = { CD_OPERAND_DOUBLE, 0, -value },
                   .high = { CD_OPERAND_DOUBLE, 0, value } },
    };
    cd_tensor_list grads = { 0 };
    cd_scope scope = cd_grad_mode_begin(false);
    const bool done = list_gradients(parameters, r.function, &grads) && change_all(&grads, &r);
    cd_free(grads.tensor);
    (void)cd_scope_end(scope);
    return done;
}
