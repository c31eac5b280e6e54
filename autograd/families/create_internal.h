/* What ops that make tensors share. Their attributes begin with a cd_made. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_CREATE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_CREATE_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "core/random_internal.h"

/* Calls an op that makes a tensor; errors begin with `name`. x is the tensor that the result is to
 * be like, for rand_like and randn_like; NULL for none. */
cd_tensor *cd_make(const cd_op *op, const char *name, const cd_tensor *x, void *attributes,
                   cd_generator *generator);

/* Sets the options of a tensor like like.x: its shape, and its dtype and device unless others are
 * given. False with an error. */
bool cd_create_like(const char *name, cd_like like, cd_create *out);
/* For an op that draws no numbers: false with an error if a generator is given. */
bool cd_check_draws_nothing(const char *name, const cd_generator *generator);

/* infer: output 0 has this shape, and the attributes' dtype, by default float32. */
bool cd_infer_made(cd_call *call, const cd_shape *shape);
/* infer of ops whose attributes are a cd_create_attributes, which has the shape. */
bool cd_infer_create(cd_call *call);
extern const cd_field cd_create_fields[];

/* --- rand and randn --------------------------------------------------------------------------- */

/* These ops have one optional input: the tensor that the result is to be like. */
bool cd_infer_drawn(cd_call *call, const cd_draw *from);
void cd_run_drawn(const cd_launch *launch, const cd_draw *from);
/* Calls of them: by options, and like a tensor. */
cd_tensor *cd_make_drawn(const cd_op *op, const char *name, cd_create options);
cd_tensor *cd_make_drawn_like(const cd_op *op, const char *name, cd_like options);

/* --- arange and linspace ---------------------------------------------------------------------- */

/* Whether there are ranges of this dtype; false with an error. */
bool cd_check_range_dtype(const cd_call *call, cd_dtype dtype);
/* The number that an end of a range is, of the function `name`; false with an error. */
bool cd_read_end(const char *name, const char *which, cd_operand end, double *number);
/* Whether x is a whole number in the range of int64. */
bool cd_is_whole(double x);

#endif
