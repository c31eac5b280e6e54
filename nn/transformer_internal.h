/* What the layers of transformers and the stacks of them share. */
#ifndef CANDELA_NN_TRANSFORMER_INTERNAL_H
#define CANDELA_NN_TRANSFORMER_INTERNAL_H

#include "nn/module_internal.h"
#include "nn/transformer.h"

/* The options of a call (cd_arguments), or NULL for none: which mask is the causal one. */
typedef struct cd_causal_masks {
    bool own, memory; /* of the sequence itself, and of the encoder's output */
} cd_causal_masks;

/* False with an error if the call has fewer or more inputs. */
bool cd_transformer_check_count(const cd_module *m, const cd_arguments *a, int least, int most);

#endif
