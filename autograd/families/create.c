/* What ops that make tensors share: empty, full, eye, arange, linspace, rand, randn, randint,
 * randperm. */
#include "autograd/families/create_internal.h"

#include <math.h>

#include "core/tensor_internal.h"

const cd_field cd_create_fields[] = {
    { "shape", CD_FIELD_SHAPE, offsetof(cd_create_attributes, shape) },
    { "dtype", CD_FIELD_DTYPE, offsetof(cd_create_attributes, made.dtype) },
    CD_FIELDS_END
};

cd_tensor *cd_make(const cd_op *op, const char *name, const cd_tensor *x, void *attributes,
                   cd_generator *generator)
{
    cd_call call;
    cd_made *made = attributes;
    const cd_operand in = cd_operand_tensor(x);
    if (x && made->device == CD_DEVICE_DEFAULT) made->device = cd_tensor_device(x);
    if (!cd_device_check(&made->device, name)) return NULL;
    cd_call_begin(&call, op, &in, op->inputs);
    call.name = name;
    call.device = made->device;
    call.launch.attributes = attributes;
    call.generator = generator;
    cd_tensor *y = cd_call_run(&call);
    if (y) y->requires_grad = made->requires_grad;
    return y;
}

bool cd_create_like(const char *name, cd_like like, cd_create *out)
{
    if (!cd_check_tensor(like.x, name, "x")) return false;
    *out = (cd_create){ .shape = like.x->shape,
                        .dtype = like.dtype ? like.dtype : like.x->dtype,
                        .device = like.device ? like.device : cd_tensor_device(like.x),
                        .requires_grad = like.requires_grad,
                        .generator = like.generator };
    return true;
}

bool cd_check_draws_nothing(const char *name, const cd_generator *generator)
{
    return !generator ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .generator was given, and no number is drawn", name);
}

bool cd_infer_made(cd_call *call, const cd_shape *shape)
{
    cd_made *made = call->launch.attributes;
    if (made->dtype == CD_DTYPE_DEFAULT) made->dtype = CD_F32;
    if (made->requires_grad && !cd_dtype_is_floating(made->dtype)) {
        return cd_refuse(call, CD_ERR_DTYPE, "only floating tensors can require gradients, not %s",
                         cd_dtype_name(made->dtype));
    }
    call->out[0].dtype = made->dtype;
    call->out[0].shape = *shape;
    return true;
}

bool cd_infer_create(cd_call *call)
{
    const cd_create_attributes *a = call->launch.attributes;
    return cd_infer_made(call, &a->shape);
}

/* --- rand and randn --------------------------------------------------------------------------- */

bool cd_infer_drawn(cd_call *call, const cd_draw *from)
{
    cd_create_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (x) a->shape = x->shape;
    if (a->made.dtype == CD_DTYPE_DEFAULT) a->made.dtype = x ? x->dtype : CD_F32;
    return cd_draw_check(from, a->made.dtype, call->name) && cd_infer_made(call, &a->shape);
}

/* Draws in the order in which the elements of x are in memory; without an x row by row. */
void cd_run_drawn(const cd_launch *launch, const cd_draw *from)
{
    const cd_array *y = &launch->out[0];
    const cd_layout *like = launch->in[0].layout;
    cd_draw_into(launch->generator, from, y, like ? like : y->layout);
}

cd_tensor *cd_make_drawn(const cd_op *op, const char *name, cd_create options)
{
    cd_create_attributes a = { .made = { options.dtype, options.device, options.requires_grad },
                               .shape = options.shape };
    return cd_make(op, name, NULL, &a, options.generator);
}

cd_tensor *cd_make_drawn_like(const cd_op *op, const char *name, cd_like options)
{
    const cd_tensor *x = options.x;
    cd_create create;
    if (!cd_create_like(name, options, &create)) return NULL;
    cd_create_attributes a = { .made = { create.dtype, create.device, create.requires_grad },
                               .shape = create.shape };
    if (create.device != cd_tensor_device(x)) x = NULL; /* then row by row */
    return cd_make(op, name, x, &a, options.generator);
}

/* --- arange and linspace ---------------------------------------------------------------------- */

bool cd_check_range_dtype(const cd_call *call, cd_dtype dtype)
{
    if (dtype == CD_BOOL) return cd_refuse(call, CD_ERR_DTYPE, "there is no range of bool");
    return cd_dtype_size(dtype) != 0 || cd_refuse(call, CD_ERR_DTYPE, "%d is no dtype", (int)dtype);
}

bool cd_is_whole(double x)
{
    return x >= -0x1p63 && x < 0x1p63 && x == trunc(x);
}

bool cd_read_end(const char *name, const char *which, cd_operand end, double *number)
{
    char text[CD_SHAPE_TEXT];
    *number = end.number;
    if (end.kind != CD_OPERAND_TENSOR) return true;
    if (!cd_check_tensor(end.tensor, name, which)) return false;
    if (end.tensor->shape.ndim != 0) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: %s (%s) must be a number or a 0-d tensor: cd_select gives one", name,
                       which, cd_sizes_text(&end.tensor->shape, text));
    }
    *number = cd_item(end.tensor);
    return cd_ok();
}
