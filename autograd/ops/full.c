/* full: a tensor filled with one value, which the dtype must have: cd_zeros, cd_ones, cd_full, and
 * their _like forms, which take shape, dtype and device from a tensor.
 *
 * Kernel: core/cpu/select.c; for 0, which is the bytes 0 in every dtype, cd_cpu_zero. */
#include <math.h>

#include "autograd/families/create_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_full_attributes, shape, SHAPE),
                                   CD_FIELD(cd_full_attributes, value, REAL),
                                   { "dtype", CD_FIELD_DTYPE,
                                     offsetof(cd_full_attributes, made.dtype) },
                                   CD_FIELDS_END };

static bool full_infer(cd_call *call)
{
    cd_full_attributes *a = call->launch.attributes;
    if (a->made.dtype == CD_DTYPE_DEFAULT) a->made.dtype = CD_F32;
    if (!cd_number_fits(a->made.dtype, false, a->value)) {
        return cd_refuse_number(call, a->made.dtype, a->value);
    }
    return cd_infer_made(call, &a->shape);
}

static void full_run(const cd_launch *launch)
{
    int64_t room;
    const cd_full_attributes *a = launch->attributes;
    const cd_array *y = &launch->out[0];
    if (a->value == 0 && !signbit(a->value)) {
        cd_cpu_zero(y);
        return;
    }
    const cd_dtype dtype = y->layout->dtype;
    const cd_array value = cd_cpu_number(a->value, dtype, &room);
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, dtype), y, 0, NULL, value.data);
}

/* --- calls ------------------------------------------------------------------------------------ */

static cd_tensor *full_make(const char *name, cd_create o, double value)
{
    cd_full_attributes a = { .made = { o.dtype, o.device, o.requires_grad },
                             .shape = o.shape,
                             .value = value };
    if (!cd_check_draws_nothing(name, o.generator)) return NULL;
    return cd_make(&cd_op_full, name, NULL, &a, NULL);
}

static cd_tensor *make_like(const char *name, cd_like o, double value)
{
    cd_create create;
    return cd_create_like(name, o, &create) ? full_make(name, create, value) : NULL;
}

cd_tensor *cd_zeros_with(cd_create o)
{
    return full_make("zeros", o, 0);
}

cd_tensor *cd_ones_with(cd_create o)
{
    return full_make("ones", o, 1);
}

cd_tensor *cd_full_with(cd_full_options o)
{
    const cd_create create = {
        .shape = o.shape, .dtype = o.dtype, .device = o.device, .requires_grad = o.requires_grad
    };
    return full_make("full", create, o.value);
}

cd_tensor *cd_zeros_like_with(cd_like o)
{
    return make_like("zeros_like", o, 0);
}

cd_tensor *cd_ones_like_with(cd_like o)
{
    return make_like("ones_like", o, 1);
}

cd_tensor *cd_full_like_with(cd_full_like_options o)
{
    const cd_like like = {
        .x = o.x, .dtype = o.dtype, .device = o.device, .requires_grad = o.requires_grad
    };
    return make_like("full_like", like, o.value);
}

const cd_op cd_op_full = {
    .name = "full",
    .like = "torch.full(shape, value)",
    .formula = "y = value",
    .gradient = "none: it has no input",
    .dtypes = "all",
    CD_OP_ATTRIBUTES(cd_full_attributes, fields),
    .infer = full_infer,
    .cpu = { .run = full_run },
};
