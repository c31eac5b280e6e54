#include <math.h>

#include "core/error.h"
#include "optim/optimizer_internal.h"

typedef struct sgd {
    cd_optimizer optimizer;
    double momentum, weight_decay, dampening;
    bool nesterov;
} sgd;

/* The momentum holds nothing yet; a step that fails now may leave it without `started`. */
static bool make_state(cd_slot *slot)
{
    const cd_tensor *w = slot->parameter;
    const cd_device device = cd_device_at(w);
    if (!slot->momentum) slot->momentum = cd_tensor_of("step", device, w->dtype, &w->shape);
    if (!slot->momentum) return false;
    slot->started = cd_tensor_of("step", device, CD_BOOL, &CD_SCALAR);
    if (slot->started && device != CD_META) cd_tensor_put(slot->started, 0, &(bool){ false });
    return slot->started != NULL;
}

static bool prepare(cd_optimizer *o, cd_update *update)
{
    const sgd *self = (const sgd *)o;
    cd_slot *slot = update->slot;
    const cd_tensor *w = slot->parameter;
    if (!w->contiguous) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "step: a parameter is a view whose elements do not lie in one "
                       "row, and such cannot be moved");
    }
    if (self->momentum != 0 && !slot->started && !make_state(slot)) return false;
    if (slot->momentum && cd_device_at(slot->momentum) != cd_device_at(w)) {
        return cd_fail(
            CD_ERR_DEVICE,
            "step: a parameter is on %s, and its momentum on %s: make the optimizer after "
            "cd_module_to",
            cd_device_name(cd_device_at(w)), cd_device_name(cd_device_at(slot->momentum)));
    }
    update->attributes.sgd = (cd_sgd_attributes){
        .momentum = self->momentum,
        .dampening = self->dampening,
        .weight_decay = self->weight_decay,
        .nesterov = self->nesterov,
    };
    update->in[0] = cd_operand_tensor(w);
    update->in[1] = cd_operand_tensor(update->grad);
    update->in[2] = cd_operand_tensor(o->rate);
    update->in[3] = cd_operand_tensor(slot->momentum);
    update->in[4] = cd_operand_tensor(slot->started);
    return true;
}

static const cd_optimizer_class sgd_class = {
    .name = "SGD", .size = sizeof(sgd), .op = &cd_op_sgd_step, .prepare = prepare
};

static bool check(const cd_sgd_options *o, double lr)
{
    if (!isfinite(lr) || lr < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "optim_sgd: .lr is %g, and must be finite and not negative",
                       lr);
    }
    if (!(o->momentum >= 0) || !isfinite(o->momentum) || !(o->weight_decay >= 0) ||
        !isfinite(o->weight_decay) || !isfinite(o->dampening)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "optim_sgd: .momentum is %g, .weight_decay %g and .dampening %g: "
                       "they must be finite, the first two not negative",
                       o->momentum, o->weight_decay, o->dampening);
    }
    if (o->nesterov && (o->momentum == 0 || o->dampening != 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "optim_sgd: .nesterov needs a .momentum and no .dampening");
    }
    return true;
}

cd_optimizer *cd_optim_sgd_with(cd_sgd_options options)
{
    double lr = options.lr != 0 ? options.lr : signbit(options.lr) ? 0 : 1e-3;
    if (!check(&options, lr)) return NULL;
    cd_optimizer *o = cd_optimizer_new(&sgd_class, "optim_sgd", lr, options.module, options.tensors,
                                       options.count);
    if (!o) return NULL;
    sgd *self = (sgd *)o;
    self->momentum = options.momentum;
    self->weight_decay = options.weight_decay;
    self->dampening = options.dampening;
    self->nesterov = options.nesterov;
    return cd_hand(o);
}
