/* What all loss modules share: nn/loss_internal.h. */
#include "nn/loss_internal.h"

#include <string.h>

#include "core/error.h"

bool cd_loss_forward(cd_module *m, const cd_arguments *a, cd_loss_function *function)
{
    cd_loss_options o = ((const cd_loss *)m)->options;
    o.input = a->in[0];
    o.target = a->in[1];
    a->out[0] = function(o);
    return a->out[0];
}

/* Whether the table has an option of this name. */
static bool has(const cd_option *table, const char *name)
{
    while (table->name && strcmp(table->name, name) != 0) table++;
    return table->name != NULL;
}

/* Checks that the options are ones that this loss has. */
static bool loss_check(const cd_option *table, const cd_loss_options *o, const char *function)
{
    const struct {
        const char *name;
        bool given;
    } optional[] = { { "weight", o->weight },
                     { "pos_weight", o->pos_weight },
                     { "ignore", o->ignore },
                     { "label_smoothing", o->label_smoothing != 0 } };
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        if (!optional[i].given || has(table, optional[i].name)) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s is not for this loss", function, optional[i].name);
    }
    if (o->input || o->target) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: input and target are given to cd_forward, not here",
                       function);
    }
    return o->ignore || o->ignore_index == 0 ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .ignore_index is %lld, and is only looked at with .ignore = true", function,
                   (long long)o->ignore_index);
}

cd_module *cd_loss_new(const cd_module_class *class_, const char *function, cd_loss_options o)
{
    if (!cd_options_fill(class_->options, &o, function) ||
        !loss_check(class_->options, &o, function)) {
        return NULL;
    }
    CD_SCOPE();
    cd_loss *self = (cd_loss *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    cd_loss_options *own = &self->options;
    if (!cd_register_buffer(&self->module, "weight", &own->weight, o.weight) ||
        !cd_register_buffer(&self->module, "pos_weight", &own->pos_weight, o.pos_weight)) {
        return NULL;
    }
    return cd_escape(self);
}
