/* torch.nn.CosineSimilarity and PairwiseDistance. No option of these is printed, as in PyTorch. */
#include <math.h>

#include "core/error.h"
#include "nn/module_internal.h"
#include "nn/pairs.h"

/* False with an error where there are inputs among the options. */
static bool check_no_input(const char *function, bool given)
{
    return !given ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .x1 and .x2 are given to cd_forward, not here", function);
}

/* --- CosineSimilarity ------------------------------------------------------------------------- */

/* The options as they are saved. */
typedef struct cosine_options {
    double dim, eps;
} cosine_options;

typedef struct cosine_similarity {
    cd_module module;
    cosine_options options;
} cosine_similarity;

static cd_cosine_similarity_options options_of(const cosine_options *o)
{
    return (cd_cosine_similarity_options){ .dims = CD_DIMS((int)o->dim), .eps = o->eps };
}

static bool cosine_similarity_forward(cd_module *m, const cd_arguments *a)
{
    cd_cosine_similarity_options o = options_of(&((const cosine_similarity *)m)->options);
    o.x1 = a->in[0];
    o.x2 = a->in[1];
    a->out[0] = cd_cosine_similarity_with(o);
    return a->out[0];
}

static const cd_option cosine_table[] = {
    { "dim", CD_OPTION(cosine_options, dim, REAL), .whole = true, .default_value = 1,
      .min = -CD_MAX_DIMS, .max = CD_MAX_DIMS, .shown = CD_SHOWN_NEVER },
    { "eps", CD_OPTION(cosine_options, eps, REAL), .default_value = 1e-8, .min = -INFINITY,
      .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *cosine_similarity_make(const void *o)
{
    return cd_nn_cosine_similarity_with(options_of(o));
}

const cd_module_class cd_nn_cosine_similarity_class = { .name = "CosineSimilarity",
                                                        .size = sizeof(cosine_similarity),
                                                        .inputs = 2,
                                                        .forward = cosine_similarity_forward,
                                                        CD_CLASS_OPTIONS(cosine_similarity, options,
                                                                         cosine_table),
                                                        .make = cosine_similarity_make };

cd_module *cd_nn_cosine_similarity_with(cd_cosine_similarity_options o)
{
    const char *function = "nn_cosine_similarity";
    if (!check_no_input(function, o.x1 || o.x2)) return NULL;
    if (o.dims.count > 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %d dimensions, and it must be one", function,
                      o.dims.count);
        return NULL;
    }
    const int dim = o.dims.count == 0 ? 1 : o.dims.dim[0];
    cosine_options own = { .dim = dim == 0 ? CD_ZERO : dim, .eps = o.eps };
    if (!cd_options_fill(cosine_table, &own, function)) return NULL;
    cosine_similarity *self = (cosine_similarity *)cd_module_new(&cd_nn_cosine_similarity_class);
    if (self) self->options = own;
    return (cd_module *)self;
}

/* --- PairwiseDistance ------------------------------------------------------------------------- */

typedef struct pairwise_distance {
    cd_module module;
    cd_pairwise_distance_options options; /* x1 and x2 are NULL: they are forward's inputs */
} pairwise_distance;

static bool pairwise_distance_forward(cd_module *m, const cd_arguments *a)
{
    cd_pairwise_distance_options o = ((const pairwise_distance *)m)->options;
    o.x1 = a->in[0];
    o.x2 = a->in[1];
    a->out[0] = cd_pairwise_distance_with(o);
    return a->out[0];
}

#define FIELD(member_, kind_) CD_OPTION(cd_pairwise_distance_options, member_, kind_)
static const cd_option pairwise_table[] = {
    { "p", FIELD(p, REAL), .default_value = 2, .min = -INFINITY, .text = "inf", .none = INFINITY,
      .shown = CD_SHOWN_NEVER },
    { "eps", FIELD(eps, REAL), .default_value = 1e-6, .min = -INFINITY, .shown = CD_SHOWN_NEVER },
    { "keepdim", FIELD(keepdim, BOOL), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};

static cd_module *pairwise_distance_make(const void *o)
{
    return cd_nn_pairwise_distance_with(*(const cd_pairwise_distance_options *)o);
}

const cd_module_class cd_nn_pairwise_distance_class = { .name = "PairwiseDistance",
                                                        .size = sizeof(pairwise_distance),
                                                        .inputs = 2,
                                                        .forward = pairwise_distance_forward,
                                                        CD_CLASS_OPTIONS(pairwise_distance, options,
                                                                         pairwise_table),
                                                        .make = pairwise_distance_make };

cd_module *cd_nn_pairwise_distance_with(cd_pairwise_distance_options o)
{
    if (!check_no_input("nn_pairwise_distance", o.x1 || o.x2) ||
        !cd_options_fill(pairwise_table, &o, "nn_pairwise_distance")) {
        return NULL;
    }
    pairwise_distance *self = (pairwise_distance *)cd_module_new(&cd_nn_pairwise_distance_class);
    if (self) self->options = o;
    return (cd_module *)self;
}
