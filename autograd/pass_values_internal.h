/* Gradients that one backward rule leaves for another one of the same pass: those of a module's
 * outputs, for the hooks that run when those of its inputs are known. They are freed at the end of
 * the pass. */
#ifndef CANDELA_AUTOGRAD_PASS_VALUES_INTERNAL_H
#define CANDELA_AUTOGRAD_PASS_VALUES_INTERNAL_H

#include "core/tensor_internal.h"

typedef struct cd_pass_values cd_pass_values;

/* For the engine: at the beginning of a pass, and at its end with what the beginning returned: the
 * list of the pass around it. */
cd_pass_values *cd_pass_values_begin(void);
void cd_pass_values_end(cd_pass_values *outer);

/* Leaves these tensors, of which each may be NULL, under a key. False with an error. */
bool cd_pass_values_put(const void *key, cd_tensor *const *value, int count);
/* Takes what was left under the key last, as many tensors as were put, which the open scope owns
 * then. False, without an error, when there is nothing. */
bool cd_pass_values_take(const void *key, cd_tensor **value, int count);

#endif
