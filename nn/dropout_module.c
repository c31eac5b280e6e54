/* What the dropout modules share: nn/dropout_internal.h. */
#include "nn/dropout_internal.h"

const cd_option cd_nn_dropout_option_table[] = {
    { "p", CD_OPTION(cd_nn_dropout_options, p, REAL), .required = true, .max = 1 },
    { "inplace", CD_OPTION(cd_nn_dropout_options, inplace, BOOL) },
    CD_OPTIONS_END,
};

bool cd_dropout_module_forward(cd_module *m, const cd_arguments *a, cd_dropout_function *plain,
                               cd_dropout_function *changing)
{
    const cd_nn_dropout_options *o = &((const cd_dropout_module *)m)->options;
    const cd_dropout_options options = { .x = a->in[0],
                                         .p = o->p == 0 ? CD_ZERO : o->p,
                                         .eval = !cd_is_training(m) };
    a->out[0] = (o->inplace ? changing : plain)(options);
    return a->out[0];
}

cd_module *cd_dropout_module_new(const cd_module_class *class_, const char *function,
                                 cd_nn_dropout_options o)
{
    if (!cd_options_fill(class_->options, &o, function)) return NULL;
    cd_dropout_module *self = (cd_dropout_module *)cd_module_new(class_);
    if (self) self->options = o;
    return (cd_module *)self;
}
