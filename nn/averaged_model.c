/* torch.optim.swa_utils.AveragedModel: a copy of a model whose parameters are averages. All changes
 * of an update are prepared, which may fail, before the first one is made. */
#include "autograd/create.h"
#include "autograd/dispatch/call_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/averaged.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

/* What the average is when no decay is given. */
#define MEAN (-1.0)

typedef struct average_options {
    double decay; /* MEAN: of all updates */
    bool use_buffers;
} average_options;

typedef struct averaged_model {
    cd_module module;
    cd_module *copy;
    cd_tensor *n_averaged;
    average_options options;
} averaged_model;

static bool averaged_model_forward(cd_module *m, const cd_arguments *a)
{
    const averaged_model *self = (const averaged_model *)m;
    if (!self->copy) return cd_fail(CD_ERR_STATE, "forward: the AveragedModel has no model");
    return cd_module_call(self->copy, a);
}

/* --- the tensors of both models --------------------------------------------------------------- */

/* Each once, by kind: those of CD_PARAMETER and of CD_BUFFER. */
typedef struct tensors {
    cd_tensor_list of[2];
} tensors;

static bool collect(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    tensors *all = user;
    bool again;
    (void)name;
    return cd_tensor_list_add(&all->of[kind == CD_BUFFER], t, &again);
}

static void release(const tensors *all)
{
    for (int k = 0; k < 2; k++) cd_free(all->of[k].tensor);
}

static bool check_pairs(const cd_tensor_list *averaged, const cd_tensor_list *model,
                        const char *kind)
{
    char text_a[CD_SHAPE_TEXT], text_m[CD_SHAPE_TEXT];
    if (averaged->count != model->count) {
        return cd_fail(CD_ERR_SHAPE,
                       "update_parameters: the model has %lld %ss, and the average has %lld",
                       (long long)model->count, kind, (long long)averaged->count);
    }
    for (int64_t i = 0; i < model->count; i++) {
        const cd_tensor *a = averaged->tensor[i], *m = model->tensor[i];
        if (cd_shape_equal(a->shape, m->shape)) continue;
        return cd_fail(CD_ERR_SHAPE,
                       "update_parameters: %s %lld of the model is %s, and that of the average %s",
                       kind, (long long)i, cd_shape_text(m->shape, text_m),
                       cd_shape_text(a->shape, text_a));
    }
    return true;
}

/* --- an update -------------------------------------------------------------------------------- */

/* A change in place, as it is prepared. */
typedef struct change {
    cd_operand in[2];
    cd_lerp_attributes lerp;
    cd_call call;
} change;

static bool prepare(change *c, const cd_op *op, cd_tensor *t, cd_tensor *other, double weight)
{
    if (!other) return false;
    c->in[0] = cd_operand_tensor(t);
    c->in[1] = cd_operand_tensor(other);
    c->lerp = (cd_lerp_attributes){ .weight = weight };
    cd_call_begin(&c->call, op, c->in, 2);
    c->call.name = "update_parameters";
    c->call.in_place = true;
    if (op == &cd_op_lerp) c->call.launch.attributes = &c->lerp;
    return cd_call_prepare(&c->call);
}

/* Prepares that t becomes its average with `now`, which is on its device, after n updates. Each
 * formula rounds as PyTorch's does. */
static bool prepare_average(change *c, double decay, int64_t n, cd_tensor *t, cd_tensor *now)
{
    if (decay != MEAN && cd_dtype_is_floating(t->dtype)) {
        return prepare(c, &cd_op_lerp, t, cd_to(now, t->dtype), 1 - decay);
    }
    cd_tensor *value = decay != MEAN ? cd_add(cd_mul(t, decay), cd_mul(now, 1 - decay))
                                     : cd_add(t, cd_div(cd_sub(now, t), (double)n + 1));
    return prepare(c, &cd_op_copy_, t, value, 0);
}

static bool prepare_pair(change *c, const averaged_model *self, int64_t n, cd_tensor *t,
                         cd_tensor *model, bool is_buffer)
{
    cd_tensor *now = cd_to_device(cd_detach(model), cd_tensor_device(t));
    if (!now) return false;
    if (n == 0 || (is_buffer && !self->options.use_buffers)) {
        return prepare(c, &cd_op_copy_, t, now, 0);
    }
    return prepare_average(c, self->options.decay, n, t, now);
}

/* Makes all changes, of which the last counts the update; with an error none. */
static bool update(const averaged_model *self, const tensors *averaged, const tensors *model)
{
    const int64_t n = cd_item_int(self->n_averaged);
    int64_t prepared = 0;
    change *changes =
        cd_ok() ? cd_alloc((size_t)(model->of[0].count + model->of[1].count + 1) * sizeof *changes)
                : NULL;
    bool done = changes != NULL;
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; done && i < model->of[k].count; i++, prepared += done) {
            done = prepare_pair(&changes[prepared], self, n, averaged->of[k].tensor[i],
                                model->of[k].tensor[i], k == 1);
        }
    }
    done = done && prepare(&changes[prepared], &cd_op_copy_, self->n_averaged,
                           cd_add(self->n_averaged, 1), 0);
    prepared += done;
    for (int64_t i = 0; i < prepared; i++) {
        if (done) {
            cd_call_commit(&changes[i].call);
            cd_call_finish_owned(&changes[i].call);
        } else {
            cd_call_cancel(&changes[i].call);
        }
    }
    cd_free(changes);
    return done;
}

bool cd_update_parameters(cd_module *averaged, cd_module *model)
{
    static const char name[] = "update_parameters";
    if (!cd_ok() || !cd_check_module(averaged, name, "the average") ||
        !cd_check_module(model, name, "the model") ||
        !cd_check_not_captured(name, "the number of updates is read")) {
        return false;
    }
    const averaged_model *self = (const averaged_model *)averaged;
    if (averaged->class_ != &cd_nn_averaged_model_class || !self->copy) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the average is a %s, and must be an AveragedModel",
                       name, averaged->class_->name);
    }
    tensors of_average = { .of = { { .count = 0 } } }, of_model = of_average;
    CD_SCOPE();
    CD_NO_GRAD();
    const bool done = cd_visit(self->copy, collect, &of_average) &&
                      cd_visit(model, collect, &of_model) &&
                      check_pairs(&of_average.of[0], &of_model.of[0], "parameter") &&
                      check_pairs(&of_average.of[1], &of_model.of[1], "buffer") &&
                      update(self, &of_average, &of_model);
    release(&of_average);
    release(&of_model);
    return done;
}

/* --- making one ------------------------------------------------------------------------------- */

static const cd_option options[] = {
    { "decay", CD_OPTION(average_options, decay, REAL), .default_value = MEAN, .max = 1,
      .text = "None", .none = MEAN, .shown = CD_SHOWN_NEVER },
    { "use_buffers", CD_OPTION(average_options, use_buffers, BOOL), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *make(average_options o, cd_module *copy, cd_device device)
{
    if (!cd_options_fill(options, &o, "nn_averaged_model")) return NULL;
    CD_SCOPE();
    averaged_model *self = (averaged_model *)cd_module_new(&cd_nn_averaged_model_class);
    if (!self) return NULL;
    self->options = o;
    return cd_register_buffer(&self->module, "n_averaged", &self->n_averaged,
                              cd_zeros(CD_SCALAR, .dtype = CD_I64, .device = device)) &&
                   cd_register_child(&self->module, "module", &self->copy, copy)
               ? cd_escape(self)
               : NULL;
}

/* Without a model, which is a child and not an option. */
static cd_module *averaged_model_make(const void *o)
{
    return make(*(const average_options *)o, NULL, CD_DEVICE_DEFAULT);
}

const cd_module_class cd_nn_averaged_model_class = {
    .name = "AveragedModel",
    .size = sizeof(averaged_model),
    .optional_inputs = ~0u, /* the model says which */
    .forward = averaged_model_forward,
    CD_CLASS_OPTIONS(averaged_model, options, options),
    .make = averaged_model_make,
};

cd_module *cd_nn_averaged_model_with(cd_nn_averaged_model_options o)
{
    if (!cd_ok() || !cd_check_module(o.model, "nn_averaged_model", "the model")) return NULL;
    if (o.decay < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_averaged_model: .decay is %g, and must be from 0 to 1: the mean over all "
                      "updates is what it is without .decay",
                      o.decay);
        return NULL;
    }
    CD_SCOPE();
    cd_module *copy = cd_module_copy(o.model);
    if (!copy || (o.device != CD_DEVICE_DEFAULT && !cd_module_to(copy, o.device))) return NULL;
    const average_options options_ = { .decay = o.decay, .use_buffers = o.use_buffers };
    return cd_escape(make(options_, copy, o.device));
}
