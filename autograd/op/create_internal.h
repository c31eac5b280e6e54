/* What makers of tensors share. Their attributes begin with a cd_made. */
#ifndef CANDELA_AUTOGRAD_OP_CREATE_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_CREATE_INTERNAL_H

#include "autograd/op/call_internal.h"
#include "core/random_internal.h"

/* A maker's call, with what sentences call it. x is the tensor that the result is to be like, NULL
 * for none; only ops that have an input take one. */
cd_tensor *cd_make(const cd_op *op, const char *name, const cd_tensor *x, void *attributes,
                   cd_generator *generator);

/* What makes one of x's shape, and of its dtype unless another is asked for. False with an error.
 */
bool cd_create_like(const char *name, cd_like like, cd_create *out);
/* A maker that draws no number is given no generator. */
bool cd_check_draws_nothing(const char *name, const cd_generator *generator);

/* The result is of the attributes' dtype, float32 by default, and of this shape. */
bool cd_infer_made(cd_call *call, const cd_shape *shape);
/* The same for attributes that are a cd_create_attributes, and their fields. */
bool cd_infer_create(cd_call *call);
extern const cd_field cd_create_fields[];

/* --- drawn ------------------------------------------------------------------------------------ */

/* rand and randn, which have an optional input: the tensor that the result is like. */
bool cd_infer_drawn(cd_call *call, const cd_draw *from);
void cd_run_drawn(const cd_launch *launch, const cd_draw *from);
cd_tensor *cd_make_drawn(const cd_op *op, const char *name, cd_create options);
cd_tensor *cd_make_drawn_like(const cd_op *op, const char *name, cd_like options);

/* --- ranges ----------------------------------------------------------------------------------- */

/* There are ranges of numbers of this dtype. */
bool cd_check_range_dtype(const cd_call *call, cd_dtype dtype);
/* x is an integer, and an int64. */
bool cd_is_whole(double x);
/* The value is one of an integer dtype. */
bool cd_dtype_holds(cd_dtype dtype, int64_t value);

#endif
