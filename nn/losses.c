/* The losses as modules: torch.nn.MSELoss and its like. Each is a table of options and a line, from
 * which a macro makes its class and its constructor. */
#include "nn/losses.h"

#include <math.h>
#include <string.h>

#include "core/error.h"
#include "nn/module_internal.h"

/* The beginning of a row of a table. No option of a loss is printed, as in PyTorch. */
#define ROW(options_, member_, kind_)                                                              \
#member_, CD_OPTION(options_, member_, kind_), .shown = CD_SHOWN_NEVER
#define REDUCTION(options_)                                                                        \
    {                                                                                              \
        ROW(options_, reduction, REDUCTION)                                                        \
    }
#define SWITCH(options_, member_)                                                                  \
    {                                                                                              \
        ROW(options_, member_, BOOL)                                                               \
    }
#define WEIGHT(options_, member_)                                                                  \
    {                                                                                              \
        ROW(options_, member_, TENSOR)                                                             \
    }
/* A number of any sign. */
#define NUMBER(options_, member_, default_)                                                        \
    {                                                                                              \
        ROW(options_, member_, REAL), .default_value = (default_), .min = -INFINITY                \
    }

/* Put the inputs of a module among the options of its function. */
#define INPUT_AND_TARGET o.input = a->in[0], o.target = a->in[1]
#define TWO_AND_TARGET   o.input1 = a->in[0], o.input2 = a->in[1], o.target = a->in[2]
#define TRIPLET          o.anchor = a->in[0], o.positive = a->in[1], o.negative = a->in[2]

/* --- with the options that several losses share ----------------------------------------------- */

/* options.weight and options.pos_weight are registered buffers. */
typedef struct loss_module {
    cd_module module;
    cd_loss_options options; /* input and target are NULL: they are forward's inputs */
} loss_module;

/* Whether the table has an option of this name. */
static bool has(const cd_option *table, const char *name)
{
    while (table->name && strcmp(table->name, name) != 0) table++;
    return table->name != NULL;
}

/* False with an error where there are inputs among the options. */
static bool check_no_input(const char *function, bool given)
{
    return !given ||
           cd_fail(CD_ERR_ARGUMENT, "%s: inputs are given to cd_forward, not here", function);
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
    return check_no_input(function, o->input || o->target) &&
           (o->ignore || o->ignore_index == 0 ||
            cd_fail(CD_ERR_ARGUMENT,
                    "%s: .ignore_index is %lld, and is only looked at with .ignore = true",
                    function, (long long)o->ignore_index));
}

static cd_module *loss_new(const cd_module_class *class_, const char *function, cd_loss_options o)
{
    if (!cd_options_fill(class_->options, &o, function) ||
        !loss_check(class_->options, &o, function)) {
        return NULL;
    }
    CD_SCOPE();
    loss_module *self = (loss_module *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    cd_loss_options *own = &self->options;
    if (!cd_register_buffer(&self->module, "weight", &own->weight, o.weight) ||
        !cd_register_buffer(&self->module, "pos_weight", &own->pos_weight, o.pos_weight)) {
        return NULL;
    }
    return cd_escape(self);
}

static const cd_option plain_table[] = { REDUCTION(cd_loss_options), CD_OPTIONS_END };

static const cd_option weight_table[] = {
    WEIGHT(cd_loss_options, weight),
    REDUCTION(cd_loss_options),
    CD_OPTIONS_END,
};

static const cd_option bce_with_logits_table[] = {
    WEIGHT(cd_loss_options, weight),
    WEIGHT(cd_loss_options, pos_weight),
    REDUCTION(cd_loss_options),
    CD_OPTIONS_END,
};

static const cd_option nll_table[] = {
    WEIGHT(cd_loss_options, weight),
    SWITCH(cd_loss_options, ignore),
    { ROW(cd_loss_options, ignore_index, INTEGER), .min = -INFINITY },
    REDUCTION(cd_loss_options),
    CD_OPTIONS_END,
};

static const cd_option cross_entropy_table[] = {
    WEIGHT(cd_loss_options, weight),
    SWITCH(cd_loss_options, ignore),
    { ROW(cd_loss_options, ignore_index, INTEGER), .min = -INFINITY },
    REDUCTION(cd_loss_options),
    { ROW(cd_loss_options, label_smoothing, REAL), .max = 1 },
    CD_OPTIONS_END,
};

/* The module of call_(options), whose options have the table table_. */
#define SHARED(name_, print_, table_, call_)                                                       \
    CD_CLASS_OF_OP(name_, print_, loss_module, cd_loss_options, table_, call_, 2,                  \
                   INPUT_AND_TARGET)                                                               \
    cd_module *cd_nn_##name_##_with(cd_loss_options o)                                             \
    {                                                                                              \
        return loss_new(&cd_nn_##name_##_class, "nn_" #name_, o);                                  \
    }

SHARED(mse_loss, "MSELoss", plain_table, cd_mse_loss_with)
SHARED(l1_loss, "L1Loss", plain_table, cd_l1_loss_with)
SHARED(soft_margin_loss, "SoftMarginLoss", plain_table, cd_soft_margin_loss_with)
SHARED(multilabel_margin_loss, "MultiLabelMarginLoss", plain_table, cd_multilabel_margin_loss_with)
SHARED(bce_loss, "BCELoss", weight_table, cd_binary_cross_entropy_with)
SHARED(multilabel_soft_margin_loss, "MultiLabelSoftMarginLoss", weight_table,
       cd_multilabel_soft_margin_loss_with)
SHARED(bce_with_logits_loss, "BCEWithLogitsLoss", bce_with_logits_table,
       cd_binary_cross_entropy_with_logits_with)
SHARED(nll_loss, "NLLLoss", nll_table, cd_nll_loss_with)
SHARED(cross_entropy_loss, "CrossEntropyLoss", cross_entropy_table, cd_cross_entropy_with)

/* --- with options of their own ---------------------------------------------------------------- */

static const cd_option smooth_l1_table[] = {
    REDUCTION(cd_smooth_l1_loss_options),
    { ROW(cd_smooth_l1_loss_options, beta, REAL), .default_value = 1 },
    CD_OPTIONS_END,
};

static const cd_option huber_table[] = {
    REDUCTION(cd_huber_loss_options),
    { ROW(cd_huber_loss_options, delta, REAL), .default_value = 1 },
    CD_OPTIONS_END,
};

static const cd_option kl_div_table[] = {
    REDUCTION(cd_kl_div_options),
    SWITCH(cd_kl_div_options, batchmean),
    SWITCH(cd_kl_div_options, log_target),
    CD_OPTIONS_END,
};

static const cd_option poisson_nll_table[] = {
    { "log_input", CD_OPTION(cd_poisson_nll_loss_options, no_log_input, NEGATED),
      .shown = CD_SHOWN_NEVER },
    SWITCH(cd_poisson_nll_loss_options, full),
    NUMBER(cd_poisson_nll_loss_options, eps, 1e-8),
    REDUCTION(cd_poisson_nll_loss_options),
    CD_OPTIONS_END,
};

static const cd_option hinge_embedding_table[] = {
    NUMBER(cd_hinge_embedding_loss_options, margin, 1),
    REDUCTION(cd_hinge_embedding_loss_options),
    CD_OPTIONS_END,
};

static const cd_option gaussian_nll_table[] = {
    SWITCH(cd_gaussian_nll_loss_options, full),
    NUMBER(cd_gaussian_nll_loss_options, eps, 1e-6),
    REDUCTION(cd_gaussian_nll_loss_options),
    CD_OPTIONS_END,
};

static const cd_option multi_margin_table[] = {
    { ROW(cd_multi_margin_loss_options, p, INTEGER), .default_value = 1, .min = 1, .max = 2 },
    NUMBER(cd_multi_margin_loss_options, margin, 1),
    WEIGHT(cd_multi_margin_loss_options, weight),
    REDUCTION(cd_multi_margin_loss_options),
    CD_OPTIONS_END,
};

static const cd_option pair_table[] = {
    NUMBER(cd_pair_loss_options, margin, 0),
    REDUCTION(cd_pair_loss_options),
    CD_OPTIONS_END,
};

static const cd_option triplet_margin_table[] = {
    NUMBER(cd_triplet_margin_loss_options, margin, 1),
    { ROW(cd_triplet_margin_loss_options, p, REAL), .default_value = 2, .min = -INFINITY,
      .text = "inf", .none = INFINITY },
    NUMBER(cd_triplet_margin_loss_options, eps, 1e-6),
    SWITCH(cd_triplet_margin_loss_options, swap),
    REDUCTION(cd_triplet_margin_loss_options),
    CD_OPTIONS_END,
};

/* The module of call_(options). given_ says whether inputs are among the options o, which must also
 * fulfil check_. */
#define OWN(name_, print_, options_, table_, call_, inputs_, given_, check_, ...)                  \
    CD_MODULE_OF_OP(name_, print_, options_, table_, call_,                                        \
                    check_no_input("nn_" #name_, given_) && (check_), inputs_, __VA_ARGS__)

static bool check_positive(const char *function, const char *name, double value)
{
    return value > 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %g, and must be above 0", function, name, value);
}

static bool check_kl_div(const cd_kl_div_options *o)
{
    return !o->batchmean || o->reduction == CD_MEAN ||
           cd_fail(CD_ERR_ARGUMENT,
                   "nn_kl_div_loss: .batchmean is a reduction, and .reduction another one");
}

static bool check_triplet(const cd_triplet_margin_loss_options *o)
{
    if (o->distance) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "nn_triplet_margin_loss: .distance is for the function of this name: a file "
                       "cannot hold a function");
    }
    return check_positive("nn_triplet_margin_loss", "margin", o->margin);
}

static bool check_huber(const cd_huber_loss_options *o)
{
    if (o->weight) {
        return cd_fail(CD_ERR_ARGUMENT, "nn_huber_loss: weight is not for this loss");
    }
    return check_positive("nn_huber_loss", "delta", o->delta);
}

OWN(smooth_l1_loss, "SmoothL1Loss", cd_smooth_l1_loss_options, smooth_l1_table,
    cd_smooth_l1_loss_with, 2, o.input || o.target, true, INPUT_AND_TARGET)
OWN(huber_loss, "HuberLoss", cd_huber_loss_options, huber_table, cd_huber_loss_with, 2,
    o.input || o.target, check_huber(&o), INPUT_AND_TARGET)
OWN(kl_div_loss, "KLDivLoss", cd_kl_div_options, kl_div_table, cd_kl_div_with, 2,
    o.input || o.target, check_kl_div(&o), INPUT_AND_TARGET)
OWN(poisson_nll_loss, "PoissonNLLLoss", cd_poisson_nll_loss_options, poisson_nll_table,
    cd_poisson_nll_loss_with, 2, o.input || o.target, true, INPUT_AND_TARGET)
OWN(hinge_embedding_loss, "HingeEmbeddingLoss", cd_hinge_embedding_loss_options,
    hinge_embedding_table, cd_hinge_embedding_loss_with, 2, o.input || o.target, true,
    INPUT_AND_TARGET)
OWN(gaussian_nll_loss, "GaussianNLLLoss", cd_gaussian_nll_loss_options, gaussian_nll_table,
    cd_gaussian_nll_loss_with, 3, o.input || o.target || o.var, true, INPUT_AND_TARGET,
    o.var = a->in[2])
OWN(margin_ranking_loss, "MarginRankingLoss", cd_pair_loss_options, pair_table,
    cd_margin_ranking_loss_with, 3, o.input1 || o.input2 || o.target, true, TWO_AND_TARGET)
OWN(cosine_embedding_loss, "CosineEmbeddingLoss", cd_pair_loss_options, pair_table,
    cd_cosine_embedding_loss_with, 3, o.input1 || o.input2 || o.target, true, TWO_AND_TARGET)
OWN(triplet_margin_loss, "TripletMarginLoss", cd_triplet_margin_loss_options, triplet_margin_table,
    cd_triplet_margin_loss_with, 3, o.anchor || o.positive || o.negative, check_triplet(&o),
    TRIPLET)

/* --- with options of its own and a weight ----------------------------------------------------- */

typedef struct multi_margin_loss_module {
    cd_module module;
    cd_multi_margin_loss_options options;
} multi_margin_loss_module;

CD_CLASS_OF_OP(multi_margin_loss, "MultiMarginLoss", multi_margin_loss_module,
               cd_multi_margin_loss_options, multi_margin_table, cd_multi_margin_loss_with, 2,
               INPUT_AND_TARGET)

static bool check_multi_margin(const cd_multi_margin_loss_options *o)
{
    return check_no_input("nn_multi_margin_loss", o->input || o->target) &&
           (!o->weight || cd_ndim(o->weight) == 1 ||
            cd_fail(CD_ERR_SHAPE,
                    "nn_multi_margin_loss: weight has %d dimensions, and must have one element for "
                    "each class",
                    cd_ndim(o->weight)));
}

cd_module *cd_nn_multi_margin_loss_with(cd_multi_margin_loss_options o)
{
    if (!cd_options_fill(multi_margin_table, &o, "nn_multi_margin_loss") ||
        !check_multi_margin(&o)) {
        return NULL;
    }
    CD_SCOPE();
    multi_margin_loss_module *self =
        (multi_margin_loss_module *)cd_module_new(&cd_nn_multi_margin_loss_class);
    if (!self) return NULL;
    self->options = o;
    if (!cd_register_buffer(&self->module, "weight", &self->options.weight, o.weight)) return NULL;
    return cd_escape(self);
}
