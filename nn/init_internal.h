/* What the files of nn/init.h share. */
#ifndef CANDELA_NN_INIT_INTERNAL_H
#define CANDELA_NN_INIT_INTERNAL_H

#include "autograd/ops.h"
#include "autograd/create.h"
#include "autograd/index_ops.h"
#include "autograd/logic.h"
#include "autograd/reduction.h"
#include "autograd/shape_ops.h"
#include "core/tensor_internal.h"
#include "nn/init.h"

/* Whether t is a floating tensor and no error is pending. False with an error that names the
 * function. */
bool cd_init_check(cd_tensor *t, const char *function);
/* False with an error for an option that is infinite or NaN. */
bool cd_init_check_finite(double value, const char *name, const char *function);
/* Fails with CD_ERR_SHAPE: "FUNCTION: NEEDS, and this is 3 x 4". */
bool cd_init_refuse_shape(const cd_tensor *t, const char *function, const char *needs);
/* Overwrites t with values of its shape, if they could be computed, without recording it. */
cd_tensor *cd_init_set(cd_tensor *t, cd_tensor *values);

#endif
