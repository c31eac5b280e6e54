/* pad: x with more elements before and after its last dimensions, or with fewer where a number is
 * negative. Around x comes a constant, or x mirrored (reflect), its border (replicate), or x again
 * (circular).
 *
 * A constant: the op pad, a fill and a copy; kernels: core/cpu/select.c and copy.c. The other modes
 * read x by an index of the padded dimensions, which other ops make from a range for each of them;
 * kernel: core/cpu/gather.c. Their nodes have PyTorch's names, which count the dimensions; circular
 * is an index. They save the index. */
#include "autograd/families/indexed_internal.h"
#include "autograd/families/subscripts_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

/* --- a constant ------------------------------------------------------------------------------- */

static const cd_field fields[] = { CD_FIELD(cd_pad_attributes, before, SHAPE),
                                   CD_FIELD(cd_pad_attributes, after, SHAPE),
                                   CD_FIELD(cd_pad_attributes, value, REAL), CD_FIELDS_END };

static void pad_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_pad_attributes *a = cd_attributes_of(node);
    cd_pad_attributes back = *a;
    back.value = 0;
    for (int i = 0; i < a->before.ndim; i++) {
        back.before.dim[i] = -a->before.dim[i];
        back.after.dim[i] = -a->after.dim[i];
    }
    dx[0] = cd_op_with(&cd_op_pad, &back, dy[0]);
}

/* The sizes with the elements around them; false with an error when one is negative or too
 * large. */
static bool padded_shape(const cd_call *call, const cd_pad_attributes *a, cd_shape *y)
{
    char text[CD_SHAPE_TEXT];
    *y = call->in[0].tensor->shape;
    for (int i = 0; i < y->ndim; i++) {
        const int64_t size = y->dim[i];
        if (__builtin_add_overflow(size, a->before.dim[i], &y->dim[i]) ||
            __builtin_add_overflow(y->dim[i], a->after.dim[i], &y->dim[i]) || y->dim[i] < 0 ||
            size + (a->before.dim[i] < 0 ? a->before.dim[i] : 0) < 0 ||
            size + (a->after.dim[i] < 0 ? a->after.dim[i] : 0) < 0) {
            return cd_refuse(
                call, CD_ERR_SHAPE,
                "dimension %d of x (%s) cannot have %lld elements more before and %lld "
                "more after",
                i, cd_sizes_text(&call->in[0].tensor->shape, text), (long long)a->before.dim[i],
                (long long)a->after.dim[i]);
        }
    }
    return true;
}

static bool pad_infer(cd_call *call)
{
    const cd_pad_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    call->out[0].dtype = x->dtype;
    if (!padded_shape(call, a, &call->out[0].shape)) return false;
    return cd_number_fits(x->dtype, false, a->value) || cd_refuse_number(call, x->dtype, a->value);
}

static void pad_run(const cd_launch *launch)
{
    const cd_pad_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    int64_t value, from = 0, to = 0;
    cd_layout part = *x->layout;
    if (y->layout->numel == 0) return;
    const cd_array number = cd_cpu_number(a->value, y->layout->dtype, &value);
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, y->layout->dtype), y, 0, NULL, number.data);
    part.numel = 1;
    for (int i = 0; i < part.shape.ndim; i++) {
        const int64_t before = a->before.dim[i], after = a->after.dim[i];
        part.shape.dim[i] += (before < 0 ? before : 0) + (after < 0 ? after : 0);
        if (part.shape.dim[i] <= 0) return;
        part.numel *= part.shape.dim[i];
        if (before < 0) from -= before * part.stride[i];
        if (before > 0) to += before * y->layout->stride[i];
    }
    part.contiguous = false;
    const cd_array in = { (char *)x->data + from * (int64_t)cd_dtype_size(part.dtype), &part };
    cd_cpu_copy_into(y, y->layout->stride, to, &in);
}

const cd_op cd_op_pad = {
    .name = "pad",
    .grad_fn = "ConstantPadNdBackward0",
    .like = "torch.nn.functional.pad(x, pad, mode, value)",
    .formula = "y = x with more elements around it",
    .gradient = "dx = the sum of dy over where an element of x is in y",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_pad_attributes, fields),
    .infer = pad_infer,
    .cpu = { .run = pad_run },
    .backward = pad_backward,
};

/* --- by an index ------------------------------------------------------------------------------ */

static bool padded_infer(cd_call *call)
{
    return cd_infer_indexed_read(call, CD_INDEX_PLAIN);
}

#define PADDED(op_, grad_fn_)                                                                      \
    const cd_op cd_op_##op_ = {                                                                    \
        .name = "pad",                                                                             \
        .grad_fn = grad_fn_,                                                                       \
        .formula = "as index, with the index of the mode",                                         \
        .gradient = "as pad",                                                                      \
        .dtypes = "all",                                                                           \
        .inputs = 2,                                                                               \
        .input = { "x", "the index" },                                                             \
        .save = { { CD_INPUT, CD_INDEX } },                                                        \
        CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_fields),                                \
        .infer = padded_infer,                                                                     \
        .refuse = cd_refuse_indexed,                                                               \
        .cpu = { .workspace = cd_indexed_workspace,                                                \
                 .check = cd_check_indexed,                                                        \
                 .run = cd_run_indexed_read },                                                     \
        .backward = cd_indexed_read_backward,                                                      \
    };
PADDED(reflection_pad1d, "ReflectionPad1DBackward0")
PADDED(reflection_pad2d, "ReflectionPad2DBackward0")
PADDED(reflection_pad3d, "ReflectionPad3DBackward0")
PADDED(replication_pad1d, "ReplicationPad1DBackward0")
PADDED(replication_pad2d, "ReplicationPad2DBackward0")
PADDED(replication_pad3d, "ReplicationPad3DBackward0")

/* By mode, and the number of padded dimensions. */
static const cd_op *const padded[][3] = {
    [CD_PAD_REFLECT] = { &cd_op_reflection_pad1d, &cd_op_reflection_pad2d,
                         &cd_op_reflection_pad3d },
    [CD_PAD_REPLICATE] = { &cd_op_replication_pad1d, &cd_op_replication_pad2d,
                           &cd_op_replication_pad3d },
    [CD_PAD_CIRCULAR] = { &cd_op_index, &cd_op_index, &cd_op_index },
};

/* How many of n elements negative numbers leave. */
static int64_t left_of(int64_t n, int64_t before, int64_t after)
{
    return n + (before < 0 ? before : 0) + (after < 0 ? after : 0);
}

/* By mode: its name, and how many elements it adds to a side of a dimension. */
static const char *const mode_names[] = { "CD_PAD_CONSTANT", "CD_PAD_REFLECT", "CD_PAD_REPLICATE",
                                          "CD_PAD_CIRCULAR" };
static const char *const mode_limits[] = {
    [CD_PAD_REFLECT] = "at most the dimension's size less 1",
    [CD_PAD_REPLICATE] = "any number, if the dimension has an element and keeps one",
    [CD_PAD_CIRCULAR] = "at most the dimension's size, less what a negative number takes away",
};

/* Whether so many elements may come before and after a dimension of n elements. */
static bool fits(cd_pad_mode mode, int64_t n, int64_t before, int64_t after)
{
    if (before < -n || after < -n) return false;
    const int64_t most = mode == CD_PAD_REFLECT    ? n - 1
                         : mode == CD_PAD_CIRCULAR ? left_of(n, before, after)
                                                   : INT64_MAX / 8 - n;
    return n > 0 && before <= most && after <= most && n + before + after > 0;
}

/* Which element of a dimension of n elements is where in the padded dimension. What comes again in
 * the circular mode are the elements that negative numbers leave. */
static cd_tensor *source_of(cd_pad_mode mode, cd_device device, int64_t n, int64_t before,
                            int64_t after)
{
    cd_tensor *i =
        cd_arange(n + after, .start = (double)-before, .dtype = CD_I64, .device = device);
    if (mode == CD_PAD_REPLICATE) return cd_clamp(i, 0, n - 1);
    if (mode == CD_PAD_CIRCULAR) {
        const int64_t first = before < 0 ? -before : 0;
        return cd_add(cd_remainder(cd_sub(i, first), left_of(n, before, after)), first);
    }
    return cd_sub(n - 1, cd_abs(cd_sub(n - 1, cd_abs(i))));
}

static cd_tensor *by_index(const cd_pad_options *o, int dims)
{
    char text[CD_SHAPE_TEXT];
    cd_subscript_plan plan = { .tensors = dims };
    cd_indexed_attributes a = { .dims = 0 };
    for (int k = 0; k < dims; k++) {
        const int d = o->x->shape.ndim - dims + k;
        const int64_t n = o->x->shape.dim[d];
        const int64_t before = o->pad.size[2 * (dims - 1 - k)];
        const int64_t after = o->pad.size[2 * (dims - 1 - k) + 1];
        if (!fits(o->mode, n, before, after)) {
            (void)cd_fail(CD_ERR_SHAPE,
                          "pad: dimension %d of x (%s) cannot have %lld elements more before and "
                          "%lld more after: %s adds to a side %s",
                          d, cd_sizes_text(&o->x->shape, text), (long long)before, (long long)after,
                          mode_names[o->mode], mode_limits[o->mode]);
            return NULL;
        }
        cd_shape shape = { .ndim = dims, .dim = { 1, 1, 1 } };
        shape.dim[k] = n + before + after;
        a.dims |= (int64_t)1 << d;
        plan.size[k] = n;
        plan.tensor[k] =
            cd_view(source_of(o->mode, cd_tensor_device(o->x), n, before, after), shape);
        if (!plan.tensor[k]) return NULL;
    }
    cd_tensor *index = cd_subscripts_join("pad", &plan);
    return index ? cd_op_with(padded[o->mode][dims - 1], &a, o->x, index) : NULL;
}

/* --- the call --------------------------------------------------------------------------------- */

/* Whether there are as many numbers as the mode and the dimensions of x take. */
static bool check_count(const cd_pad_options *o)
{
    char text[CD_SHAPE_TEXT];
    const int ndim = o->x->shape.ndim, dims = o->pad.count / 2;
    const int count = o->pad.size ? o->pad.count : 0;
    const char *given = count == 1 ? "number was" : "numbers were";
    if (!o->pad.size || count < 0 || count % 2 != 0 || dims > ndim) {
        return cd_fail(CD_ERR_SHAPE,
                       "pad: %d %s given for x (%s): there must be two, before and after, for each "
                       "padded dimension from the last one on, and %d at most",
                       count, given, cd_sizes_text(&o->x->shape, text), 2 * ndim);
    }
    if (o->mode == CD_PAD_CONSTANT) return true;
    return (dims >= 1 && dims <= 3 && (ndim == dims + 1 || ndim == dims + 2)) ||
           cd_fail(CD_ERR_SHAPE,
                   "pad: %d %s given for x (%s) and %s, which takes 2 numbers for x of 2 or 3 "
                   "dimensions, 4 for 3 or 4, and 6 for 4 or 5",
                   count, given, cd_sizes_text(&o->x->shape, text), mode_names[o->mode]);
}

static bool check(const cd_pad_options *o)
{
    if (!cd_check_tensor(o->x, "pad", "x")) return false;
    if ((unsigned)o->mode > CD_PAD_CIRCULAR) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "pad: .mode is %d, and must be CD_PAD_CONSTANT, CD_PAD_REFLECT, "
                       "CD_PAD_REPLICATE or CD_PAD_CIRCULAR",
                       (int)o->mode);
    }
    if (!check_count(o)) return false;
    if (o->mode == CD_PAD_CONSTANT) return true;
    if (o->value != 0) {
        return cd_fail(CD_ERR_ARGUMENT, "pad: .value is %g, and only CD_PAD_CONSTANT has a value",
                       o->value);
    }
    if (o->mode != CD_PAD_CIRCULAR && o->x->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "pad: %s is not defined for bool: convert with cd_to first",
                       mode_names[o->mode]);
    }
    return true;
}

cd_tensor *cd_pad_with(cd_pad_options options)
{
    if (!check(&options)) return NULL;
    const int ndim = options.x->shape.ndim, dims = options.pad.count / 2;
    if (options.mode != CD_PAD_CONSTANT) {
        cd_scope scope = cd_scope_begin();
        return cd_ops_end(scope, scope.depth < 0 ? NULL : by_index(&options, dims));
    }
    cd_pad_attributes a = { .before.ndim = ndim, .after.ndim = ndim, .value = options.value };
    for (int k = 0; k < dims; k++) {
        a.before.dim[ndim - 1 - k] = options.pad.size[2 * k];
        a.after.dim[ndim - 1 - k] = options.pad.size[2 * k + 1];
    }
    return cd_op_with(&cd_op_pad, &a, options.x);
}
