/* What the layers of transformers and the stacks of them share. */
#ifndef CANDELA_NN_TRANSFORMER_INTERNAL_H
#define CANDELA_NN_TRANSFORMER_INTERNAL_H

#include "nn/module_internal.h"
#include "nn/transformer.h"

/* The options of a call (cd_arguments), or NULL for none: which mask is the causal one. */
typedef struct cd_causal_masks {
    bool own, memory; /* of the sequence itself, and of the encoder's output */
} cd_causal_masks;

/* What the layers and the whole have in their tables of options, of the type options_. */
#define CD_TRANSFORMER_SIZE_ROWS(options_)                                                         \
    { "d_model", CD_OPTION(options_, d_model, INTEGER), .required = true, .min = 1,                \
      .shown = CD_SHOWN_NEVER },                                                                   \
    {                                                                                              \
        "nhead", CD_OPTION(options_, nhead, INTEGER), .required = true, .min = 1,                  \
                                                      .shown = CD_SHOWN_NEVER                      \
    }
#define CD_TRANSFORMER_ROWS(options_)                                                              \
    { "dim_feedforward", CD_OPTION(options_, dim_feedforward, INTEGER), .default_value = 2048,     \
      .min = 1, .shown = CD_SHOWN_NEVER },                                                         \
        { "dropout", CD_OPTION(options_, dropout, REAL), .default_value = 0.1, .max = 1,           \
          .shown = CD_SHOWN_NEVER },                                                               \
        { "activation", CD_OPTION(options_, activation, CHOICE),                                   \
          .choices = cd_transformer_activations, .shown = CD_SHOWN_NEVER },                        \
        { "layer_norm_eps", CD_OPTION(options_, layer_norm_eps, REAL), .default_value = 1e-5,      \
          .shown = CD_SHOWN_NEVER },                                                               \
        { "batch_first", CD_OPTION(options_, batch_first, BOOL), .shown = CD_SHOWN_NEVER },        \
        { "norm_first", CD_OPTION(options_, norm_first, BOOL), .shown = CD_SHOWN_NEVER },          \
        { "bias", CD_OPTION(options_, no_bias, NEGATED), .shown = CD_SHOWN_NEVER },                \
    {                                                                                              \
        "dtype", CD_OPTION(options_, dtype, DTYPE), .shown = CD_SHOWN_NEVER                        \
    }
extern const char *const cd_transformer_activations[];

/* False with an error if the call has fewer or more inputs. */
bool cd_transformer_check_count(const cd_module *m, const cd_arguments *a, int least, int most);

#endif
