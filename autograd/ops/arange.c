/* arange: the numbers start, start + step, start + 2 step, ... before end.
 *
 * The dtype is int64 where end was given as an integer and start and step are whole, else float32,
 * unless .dtype says another. For an integer dtype start and step are cut towards 0, after the
 * numbers were counted, as in PyTorch. Every number must be a value of the dtype. Kernel:
 * core/cpu/range.c. */
#include <math.h>

#include "autograd/families/create_internal.h"
#include "core/cpu/range_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_arange_attributes, end, NUMBER),
                                   CD_FIELD(cd_arange_attributes, start, REAL),
                                   CD_FIELD(cd_arange_attributes, step, REAL),
                                   { "dtype", CD_FIELD_DTYPE,
                                     offsetof(cd_arange_attributes, made.dtype) },
                                   CD_FIELDS_END };

/* What infer works with. The integers are exact where the doubles are rounded; start and step have
 * them for an integer dtype, where they are cut, the end where it was given as an integer. */
typedef struct range {
    double start, end, step;
    int64_t whole_start, whole_end, whole_step, size;
    bool whole; /* the end was given as an integer, and start and step are whole */
    cd_dtype dtype;
} range;

static bool refuse_direction(const cd_call *call, const range *r)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "steps of %g do not lead from %g to %g", r->step,
                     r->start, r->end);
}

static bool check_range(const cd_call *call, const range *r)
{
    if (r->step == 0) return cd_refuse(call, CD_ERR_ARGUMENT, "the step is 0");
    if (!isfinite(r->start) || !isfinite(r->end) || !isfinite(r->step)) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "%g to %g by steps of %g is no range: all must be finite", r->start,
                         r->end, r->step);
    }
    return (r->step > 0 ? r->end >= r->start : r->end <= r->start) || refuse_direction(call, r);
}

/* ceil((end - start) / step), in double as in PyTorch. */
static bool floating_size(const cd_call *call, range *r)
{
    double size = ceil((r->end - r->start) / r->step);
    if (!(size < 0x1p63)) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%g to %g by steps of %g are too many numbers",
                         r->start, r->end, r->step);
    }
    r->size = (int64_t)size;
    return true;
}

/* The same, exactly: the difference of any two int64 fits in a uint64. */
static bool integer_size(const cd_call *call, range *r)
{
    if (!cd_is_whole(trunc(r->start)) || !cd_is_whole(trunc(r->step))) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "of %s, start (%g) and step (%g) must be int64s",
                         cd_dtype_name(r->dtype), r->start, r->step);
    }
    r->whole_start = (int64_t)r->start;
    r->whole_step = (int64_t)r->step;
    if (!r->whole) return floating_size(call, r);
    bool up = r->whole_step > 0;
    /* check_range compared them as doubles, which may have been rounded to be equal. */
    if (up ? r->whole_end < r->whole_start : r->whole_end > r->whole_start) {
        return refuse_direction(call, r);
    }
    uint64_t from = (uint64_t)r->whole_start, to = (uint64_t)r->whole_end;
    uint64_t distance = up ? to - from : from - to;
    uint64_t step = up ? (uint64_t)r->whole_step : -(uint64_t)r->whole_step;
    uint64_t size = distance / step + (distance % step != 0);
    r->size = size > INT64_MAX ? INT64_MAX : (int64_t)size; /* refused as too many in either case */
    return true;
}

/* The last number of a range of integers. Computed modulo 2^64, since the product may overflow an
 * int64 although the sum does not. */
static int64_t last_integer(const range *r)
{
    uint64_t steps = (uint64_t)r->size - 1;
    return (int64_t)((uint64_t)r->whole_start + (uint64_t)r->whole_step * steps);
}

/* Start and last number are values of the dtype, and therefore all numbers between them. */
static bool check_values(const cd_call *call, const range *r)
{
    bool fits = r->size == 0;
    if (cd_is_floating(r->dtype)) {
        const double most = cd_float_formats[r->dtype].max;
        fits = fabs(r->start) <= most && fabs(r->end) <= most;
    } else if (!fits) {
        /* With a whole end, which the last number does not pass, that is an int64. */
        const double last = trunc(r->start) + trunc(r->step) * (double)(r->size - 1);
        bool is_int64 = r->whole || cd_is_whole(last);
        fits = is_int64 && cd_dtype_has_integer(r->dtype, r->whole_start) &&
               cd_dtype_has_integer(r->dtype, last_integer(r));
    }
    return fits || cd_refuse(call, CD_ERR_ARGUMENT, "%g to %g does not fit in %s", r->start, r->end,
                             cd_dtype_name(r->dtype));
}

static bool arange_infer(cd_call *call)
{
    cd_arange_attributes *a = call->launch.attributes;
    if (a->step == 0 && !signbit(a->step)) a->step = 1;
    range r = { .start = a->start,
                .end = a->end.real,
                .step = a->step,
                .whole = a->end.kind != CD_OPERAND_DOUBLE && cd_is_whole(a->start) &&
                         cd_is_whole(a->step),
                .whole_end = a->end.integer };
    if (a->made.dtype == CD_DTYPE_DEFAULT) a->made.dtype = r.whole ? CD_I64 : CD_F32;
    r.dtype = a->made.dtype;
    if (!cd_check_range_dtype(call, r.dtype) || !check_range(call, &r)) return false;
    bool sized = cd_is_floating(r.dtype) ? floating_size(call, &r) : integer_size(call, &r);
    if (!sized || !check_values(call, &r)) return false;
    const cd_shape shape = { .ndim = 1, .dim = { r.size } };
    return cd_infer_made(call, &shape);
}

static void arange_run(const cd_launch *launch)
{
    const cd_arange_attributes *a = launch->attributes;
    cd_cpu_arange(&launch->out[0], a->start, a->step);
}

cd_tensor *cd_arange_with(cd_arange_options o)
{
    cd_arange_attributes a = { .made = { o.dtype, o.device, o.requires_grad },
                               .end = { o.end.kind, o.end.integer, o.end.number },
                               .start = o.start,
                               .step = o.step };
    if (o.end.kind == CD_OPERAND_TENSOR) {
        (void)cd_fail(CD_ERR_ARGUMENT, "arange: the end must be a number");
        return NULL;
    }
    return cd_make(&cd_op_arange, "arange", NULL, &a, NULL);
}

const cd_op cd_op_arange = {
    .name = "arange",
    .like = "torch.arange(start, end, step)",
    .formula = "y[i] = start + i step, for i = 0 ... ceil((end - start) / step) - 1",
    .gradient = "none: it has no input",
    .dtypes = "all but bool",
    CD_OP_ATTRIBUTES(cd_arange_attributes, fields),
    .infer = arange_infer,
    .cpu = { .run = arange_run },
};
