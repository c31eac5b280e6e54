/* roll: a copy in which the elements are further along some dimensions, those beyond the end first.
 * Without dimensions one shift moves all elements, counted row by row.
 *
 * Saves nothing. Kernel: core/cpu/copy.c, which copies the two parts of each dimension. */
#include <limits.h>

#include "autograd/families/rearrange_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_roll_attributes, shifts, SHAPE),
                                   CD_FIELD(cd_roll_attributes, dims, SHAPE), CD_FIELDS_END };

static void roll_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_roll_attributes *a = cd_attributes_of(node);
    cd_shape back = a->shifts;
    for (int i = 0; i < back.ndim; i++) back.dim[i] = -back.dim[i];
    dx[0] = cd_roll(dy[0], back, a->dims);
}

/* The shift as a number from 0 to size - 1. */
static int64_t within(int64_t shift, int64_t size)
{
    return size > 0 ? (shift % size + size) % size : 0;
}

static bool roll_infer(cd_call *call)
{
    cd_roll_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    const bool flat = a->dims.ndim == 0;
    (void)cd_infer_same(call);
    if (a->shifts.ndim < 1 || a->shifts.ndim > CD_MAX_DIMS ||
        a->shifts.ndim != (flat ? 1 : a->dims.ndim)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%d shifts and %d dimensions were given: as many as dimensions, or one "
                         "shift without",
                         a->shifts.ndim, a->dims.ndim);
    }
    for (int i = 0; i < CD_MAX_DIMS; i++) a->shift[i] = 0;
    if (flat) call->need[0].order = CD_ROW_MAJOR;
    if (flat) a->shift[0] = a->shifts.dim[0] = within(a->shifts.dim[0], x->numel);
    for (int i = 0; i < a->dims.ndim; i++) {
        int plain = 0;
        const int64_t d = a->dims.dim[i];
        const int asked = d < INT_MIN ? INT_MIN : d > INT_MAX ? INT_MAX : (int)d;
        if (!cd_wrap_dim(call->name, x->shape.ndim, asked, &plain)) return false;
        if (x->shape.ndim == 0) {
            return cd_refuse(call, CD_ERR_SHAPE,
                             "x is a scalar, and has no dimension to roll along");
        }
        const int64_t size = x->shape.dim[plain];
        a->shifts.dim[i] = within(a->shifts.dim[i], size);
        a->shift[plain] = within(a->shift[plain] + a->shifts.dim[i], size);
    }
    return true;
}

/* Copies the part of x that is the last `shift` elements in the dimensions of this set, and the
 * others in the rest, to where it is in y. */
static void copy_part(const int64_t *shift, unsigned set, const cd_array *x, const cd_array *y)
{
    cd_layout part = *x->layout;
    int64_t from = 0, to = 0;
    part.numel = 1;
    for (int i = 0; i < part.shape.ndim; i++) {
        const int64_t size = part.shape.dim[i];
        const bool wraps = set >> i & 1;
        part.shape.dim[i] = wraps ? shift[i] : size - shift[i];
        part.numel *= part.shape.dim[i];
        from += wraps ? (size - shift[i]) * part.stride[i] : 0;
        to += wraps ? 0 : shift[i] * y->layout->stride[i];
    }
    part.contiguous = false;
    const cd_array in = { (char *)x->data + from * (int64_t)cd_dtype_size(part.dtype), &part };
    cd_cpu_copy_into(y, y->layout->stride, to, &in);
}

static void roll_run(const cd_launch *launch)
{
    const cd_roll_attributes *a = launch->attributes;
    cd_array x = launch->in[0], y = launch->out[0];
    const cd_layout row =
        cd_layout_row_major(x.layout->dtype, (cd_shape){ .ndim = 1, .dim = { x.layout->numel } });
    unsigned rolled = 0, set = 0;
    if (x.layout->numel == 0) return;
    if (a->dims.ndim == 0) x.layout = y.layout = &row;
    for (int i = 0; i < x.layout->shape.ndim; i++) rolled |= (a->shift[i] > 0 ? 1U : 0U) << i;
    /* Goes through the subsets of the dimensions that are rolled. */
    do {
        copy_part(a->shift, set, &x, &y);
        set = (set - rolled) & rolled;
    } while (set != 0);
}

cd_tensor *cd_roll(cd_tensor *x, cd_shape shifts, cd_shape dims)
{
    cd_roll_attributes a = { .shifts = shifts, .dims = dims };
    return cd_op_with(&cd_op_roll, &a, x);
}

const cd_op cd_op_roll = {
    .name = "roll",
    .grad_fn = "RollBackward0",
    .like = "torch.roll(x, shifts, dims)",
    .formula = "y[.., (i + shift) mod n, ..] = x[.., i, ..] for each of the dimensions",
    .gradient = "dx = dy rolled back",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_roll_attributes, fields),
    .infer = roll_infer,
    .cpu = { .run = roll_run },
    .backward = roll_backward,
};
