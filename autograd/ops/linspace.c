/* linspace: a number of steps at equal distances, from start to end, both included. A single step
 * is start.
 *
 * For an integer dtype, both ends and then every number are truncated towards 0. The op has numbers
 * as ends; those that are tensors are read before. Kernel: core/cpu/range.c. */
#include <math.h>

#include "autograd/families/create_internal.h"
#include "core/cpu/range_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_linspace_attributes, start, REAL),
                                   CD_FIELD(cd_linspace_attributes, end, REAL),
                                   CD_FIELD(cd_linspace_attributes, steps, INTEGER),
                                   { "dtype", CD_FIELD_DTYPE,
                                     offsetof(cd_linspace_attributes, made.dtype) },
                                   CD_FIELDS_END };

static bool check_ends(const cd_call *call, double start, double end, cd_dtype dtype)
{
    bool fits;
    if (cd_is_floating(dtype)) {
        const double most = cd_float_formats[dtype].max;
        fits = fabs(start) <= most && fabs(end) <= most && fabs(end - start) <= most;
    } else {
        fits = cd_is_whole(trunc(start)) && cd_is_whole(trunc(end)) &&
               cd_dtype_has_integer(dtype, (int64_t)start) &&
               cd_dtype_has_integer(dtype, (int64_t)end);
    }
    return fits || cd_refuse(call, CD_ERR_ARGUMENT,
                             "%g to %g is no range of %s: both and their difference must be among "
                             "its numbers",
                             start, end, cd_dtype_name(dtype));
}

static bool linspace_infer(cd_call *call)
{
    cd_linspace_attributes *a = call->launch.attributes;
    if (a->made.dtype == CD_DTYPE_DEFAULT) a->made.dtype = CD_F32;
    if (!cd_check_range_dtype(call, a->made.dtype)) return false;
    if (a->steps < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "there cannot be %lld steps: 0 or more",
                         (long long)a->steps);
    }
    const cd_shape shape = { .ndim = 1, .dim = { a->steps } };
    return check_ends(call, a->start, a->end, a->made.dtype) && cd_infer_made(call, &shape);
}

static void linspace_run(const cd_launch *launch)
{
    const cd_linspace_attributes *a = launch->attributes;
    cd_cpu_linspace(&launch->out[0], a->start, a->end);
}

cd_tensor *cd_linspace_with(cd_linspace_options o)
{
    cd_linspace_attributes a = { .made = { o.dtype, o.device, o.requires_grad }, .steps = o.steps };
    if (!cd_read_end("linspace", "start", o.start, &a.start) ||
        !cd_read_end("linspace", "end", o.end, &a.end)) {
        return NULL;
    }
    return cd_make(&cd_op_linspace, "linspace", NULL, &a, NULL);
}

const cd_op cd_op_linspace = {
    .name = "linspace",
    .like = "torch.linspace(start, end, steps)",
    .formula = "y[i] = start + i (end - start) / (steps - 1), for i = 0 ... steps - 1",
    .gradient = "none: it has no input",
    .dtypes = "all but bool",
    CD_OP_ATTRIBUTES(cd_linspace_attributes, fields),
    .infer = linspace_infer,
    .cpu = { .run = linspace_run },
};
