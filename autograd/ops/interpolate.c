/* interpolate: x with other sizes of its last one, two or three dimensions.
 *
 * x is N x C x L, N x C x H x W or N x C x D x H x W. Each mode is an op of its own, with PyTorch's
 * name of the node, but area, which is adaptive_avg_pool1d or adaptive_avg_pool2d; with a depth the
 * latter twice, since a mean of means over windows of one size is the mean. They save nothing: the
 * gradient, one op for all of them, needs only the shape of x. Kernel: core/cpu/resample.c. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/resample_internal.h"

#define FIELDS(struct_, prefix_)                                                                   \
    { "size", CD_FIELD_PAIR, offsetof(struct_, prefix_ size) },                                    \
        { "depth", CD_FIELD_INTEGER, offsetof(struct_, prefix_ depth) },                           \
        { "scale_d", CD_FIELD_REAL, offsetof(struct_, prefix_ scale_d) },                          \
        { "scale_h", CD_FIELD_REAL, offsetof(struct_, prefix_ scale_h) },                          \
        { "scale_w", CD_FIELD_REAL, offsetof(struct_, prefix_ scale_w) },                          \
    {                                                                                              \
        "align_corners", CD_FIELD_BOOL, offsetof(struct_, prefix_ align_corners)                   \
    }

static const cd_field fields[] = { FIELDS(cd_upsample_attributes, ), CD_FIELDS_END };

/* By mode and number of dimensions; NULL where PyTorch has none. */
static const cd_op *const ops[][3] = {
    [CD_RESAMPLE_NEAREST] = { &cd_op_upsample_nearest1d, &cd_op_upsample_nearest2d,
                              &cd_op_upsample_nearest3d },
    [CD_RESAMPLE_NEAREST_EXACT] = { &cd_op_upsample_nearest_exact1d,
                                    &cd_op_upsample_nearest_exact2d,
                                    &cd_op_upsample_nearest_exact3d },
    [CD_RESAMPLE_LINEAR] = { &cd_op_upsample_linear1d, &cd_op_upsample_bilinear2d,
                             &cd_op_upsample_trilinear3d },
    [CD_RESAMPLE_CUBIC] = { NULL, &cd_op_upsample_bicubic2d, NULL },
    [CD_RESAMPLE_LINEAR_WIDE] = { NULL, &cd_op_upsample_bilinear2d_aa, NULL },
    [CD_RESAMPLE_CUBIC_WIDE] = { NULL, &cd_op_upsample_bicubic2d_aa, NULL },
};

static cd_resample_mode mode_of(const cd_op *op)
{
    int mode = CD_RESAMPLE_CUBIC_WIDE;
    while (mode > 0 && ops[mode][0] != op && ops[mode][1] != op && ops[mode][2] != op) mode--;
    return (cd_resample_mode)mode;
}

/* The size of dimension d of the result, counted from the end, from 1. */
static int64_t size_of(const cd_upsample_attributes *a, int d)
{
    return d == 3 ? a->depth : a->size[2 - d];
}

/* The sizes of resampling volumes of shape x to volumes of shape y. */
static cd_resample_sizes sizes_between(const cd_upsample_attributes *a, cd_resample_mode mode,
                                       const cd_shape *x, const cd_shape *y)
{
    const int n = x->ndim;
    cd_resample_sizes s = { .mode = mode,
                            .align_corners = a->align_corners,
                            .volumes = x->dim[0] * x->dim[1],
                            .slices = { .in = 1, .out = 1, .stays = true },
                            .rows = { .in = 1, .out = 1, .stays = true },
                            .columns = { x->dim[n - 1], y->dim[n - 1], a->scale_w, false } };
    if (n > 3) s.rows = (cd_resample_axis){ x->dim[n - 2], y->dim[n - 2], a->scale_h, false };
    if (n > 4) s.slices = (cd_resample_axis){ x->dim[2], y->dim[2], a->scale_d, false };
    return s;
}

/* --- forward ---------------------------------------------------------------------------------- */

static bool upsample_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_upsample_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_shape *y = &call->out[0].shape;
    if (!cd_check_computes_in(call, x->dtype)) return false;
    *y = x->shape;
    const int n = y->ndim;
    bool filled = x->shape.dim[1] > 0;
    for (int d = 2; d < n; d++) {
        filled = filled && x->shape.dim[d] > 0;
        y->dim[d] = size_of(a, n - d);
    }
    if (!filled) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must have elements, but for the batch",
                         cd_sizes_text(&x->shape, text));
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    return true;
}

static cd_resample_sizes forward_sizes(const cd_launch *launch)
{
    return sizes_between(launch->attributes, mode_of(launch->op), &launch->in[0].layout->shape,
                         &launch->out[0].layout->shape);
}

static size_t upsample_workspace(const cd_launch *launch)
{
    const cd_resample_sizes s = forward_sizes(launch);
    return launch->out[0].layout->numel > 0
               ? cd_cpu_resample_workspace(&s, launch->in[0].layout->dtype)
               : 0;
}

static void upsample_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    const cd_resample_sizes s = forward_sizes(launch);
    if (y->layout->numel == 0) return;
    cd_cpu_resample(&s, x->layout->dtype, x->data, y->data, launch->workspace);
}

static void upsample_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_upsample_attributes *a = cd_attributes_of(node);
    cd_upsample_backward_attributes back = { *a, node->input[0].shape, mode_of(node->op) };
    dx[0] = cd_op_with(&cd_op_upsample_backward, &back, dy[0]);
}

/* `dtypes_` stands for two arguments: a text and a set. */
#define UPSAMPLE(part_, node_, like_, dtypes_, formula_)                                           \
    UPSAMPLE_(part_, node_, like_, dtypes_, formula_)
#define UPSAMPLE_(part_, node_, like_, dtypes_, set_, formula_)                                    \
    const cd_op cd_op_upsample_##part_ = {                                                         \
        .name = "interpolate",                                                                     \
        .grad_fn = node_,                                                                          \
        .like = "torch.ops.aten." like_,                                                           \
        .formula = formula_,                                                                       \
        .gradient = "dx = dy times the weights, added where the pixels came from",                 \
        .dtypes = dtypes_,                                                                         \
        .inputs = 1,                                                                               \
        .input = { "x" },                                                                          \
        .computes_in = (set_),                                                                     \
        CD_OP_ATTRIBUTES(cd_upsample_attributes, fields),                                          \
        .infer = upsample_infer,                                                                   \
        .cpu = { .workspace = upsample_workspace, .run = upsample_run },                           \
        .backward = upsample_backward,                                                             \
    };

#define NEAREST_FORMULA "y[..., i] = x[..., floor(i L / OL)], and rows alike"
#define EXACT_FORMULA   "y[..., i] = x[..., floor((i + 0.5) L / OL)], and rows alike"
#define LINEAR_FORMULA                                                                             \
    "y[..., i] = (1 - p) x[..., floor(s)] + p x[..., floor(s) + 1], "                              \
    "s = (i + 0.5) L / OL - 0.5, p = s - floor(s), and rows alike"
#define CUBIC_FORMULA                                                                              \
    "y[..., i] = sum over k of c(s - k) x[..., k], s = (i + 0.5) L / OL - 0.5, |s - k| < 2, c "    \
    "the cubic convolution with a = -0.75, and rows alike"
#define WIDE_FORMULA                                                                               \
    "y[..., i] = sum over k of w((s - k) / max(1, L / OL)) x[..., k] / (sum of w), "
#define FLOATS_AND_BYTES "floating, and uint8", CD_FLOATS | CD_SET(CD_U8)
#define FLOATS_ONLY      "floating", CD_FLOATS
UPSAMPLE(nearest1d, "UpsampleNearest1DBackward0", "upsample_nearest1d", FLOATS_AND_BYTES,
         NEAREST_FORMULA)
UPSAMPLE(nearest2d, "UpsampleNearest2DBackward0", "upsample_nearest2d", FLOATS_AND_BYTES,
         NEAREST_FORMULA)
UPSAMPLE(nearest3d, "UpsampleNearest3DBackward0", "upsample_nearest3d", FLOATS_AND_BYTES,
         NEAREST_FORMULA)
UPSAMPLE(nearest_exact1d, "UpsampleNearestExact1DBackward0", "_upsample_nearest_exact1d",
         FLOATS_AND_BYTES, EXACT_FORMULA)
UPSAMPLE(nearest_exact2d, "UpsampleNearestExact2DBackward0", "_upsample_nearest_exact2d",
         FLOATS_AND_BYTES, EXACT_FORMULA)
UPSAMPLE(nearest_exact3d, "UpsampleNearestExact3DBackward0", "_upsample_nearest_exact3d",
         FLOATS_AND_BYTES, EXACT_FORMULA)
UPSAMPLE(linear1d, "UpsampleLinear1DBackward0", "upsample_linear1d", FLOATS_ONLY, LINEAR_FORMULA)
UPSAMPLE(bilinear2d, "UpsampleBilinear2DBackward0", "upsample_bilinear2d", FLOATS_AND_BYTES,
         LINEAR_FORMULA)
UPSAMPLE(trilinear3d, "UpsampleTrilinear3DBackward0", "upsample_trilinear3d", FLOATS_ONLY,
         LINEAR_FORMULA)
UPSAMPLE(bicubic2d, "UpsampleBicubic2DBackward0", "upsample_bicubic2d", FLOATS_AND_BYTES,
         CUBIC_FORMULA)
UPSAMPLE(bilinear2d_aa, "UpsampleBilinear2DAaBackward0", "_upsample_bilinear2d_aa",
         FLOATS_AND_BYTES, WIDE_FORMULA "w(t) = max(0, 1 - |t|), and rows alike")
UPSAMPLE(bicubic2d_aa, "UpsampleBicubic2DAaBackward0", "_upsample_bicubic2d_aa", FLOATS_AND_BYTES,
         WIDE_FORMULA "w the cubic convolution with a = -0.5, and rows alike")

/* --- the gradient ----------------------------------------------------------------------------- */

static const cd_field backward_fields[] = {
    FIELDS(cd_upsample_backward_attributes, upsample.),
    CD_FIELD(cd_upsample_backward_attributes, shape, SHAPE),
    CD_FIELD(cd_upsample_backward_attributes, mode, INTEGER), CD_FIELDS_END
};

/* g is the gradient of dx. The op is linear in dy, so its gradient is the resampling. */
static void upsample_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_upsample_backward_attributes *a = cd_attributes_of(node);
    cd_upsample_attributes forward = a->upsample;
    grad[0] = cd_op_with(ops[a->mode][a->shape.ndim - 3], &forward, g[0]);
}

static bool upsample_backward_infer(cd_call *call)
{
    const cd_upsample_backward_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[0].tensor;
    cd_shape right = a->shape;
    for (int d = 2; d < right.ndim; d++) right.dim[d] = size_of(&a->upsample, right.ndim - d);
    if (!cd_check_gradient_shape(call, dy, right)) return false;
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = a->shape;
    return cd_check_computes_in(call, dy->dtype);
}

static cd_resample_sizes backward_sizes(const cd_launch *launch)
{
    const cd_upsample_backward_attributes *a = launch->attributes;
    return sizes_between(&a->upsample, (cd_resample_mode)a->mode, &a->shape,
                         &launch->in[0].layout->shape);
}

static size_t upsample_backward_workspace(const cd_launch *launch)
{
    const cd_resample_sizes s = backward_sizes(launch);
    return launch->out[0].layout->numel > 0
               ? cd_cpu_resample_workspace(&s, launch->in[0].layout->dtype)
               : 0;
}

static void upsample_backward_run(const cd_launch *launch)
{
    const cd_array *dy = &launch->in[0], *dx = &launch->out[0];
    const cd_resample_sizes s = backward_sizes(launch);
    if (dx->layout->numel == 0) return;
    cd_cpu_resample_backward(&s, dx->layout->dtype, dy->data, dx->data, launch->workspace);
}

const cd_op cd_op_upsample_backward = {
    .name = "upsample_backward",
    .grad_fn = "UpsampleBackwardBackward0",
    .like = "torch.ops.aten.upsample_bilinear2d_backward and its like",
    .formula = "dx = dy times the weights, added where the pixels came from",
    .gradient = "for dy: the resampling of g",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "dy" },
    .computes_in = CD_FLOATS,
    CD_OP_ATTRIBUTES(cd_upsample_backward_attributes, backward_fields),
    .infer = upsample_backward_infer,
    .cpu = { .workspace = upsample_backward_workspace, .run = upsample_backward_run },
    .backward = upsample_backward_backward,
};

/* --- the call --------------------------------------------------------------------------------- */

/* By cd_resampling: with antialias in the second column; -1 where there is none. */
static const int modes[][2] = {
    [CD_RESAMPLING_NEAREST] = { CD_RESAMPLE_NEAREST, -1 },
    [CD_RESAMPLING_LINEAR] = { CD_RESAMPLE_LINEAR, -1 },
    [CD_RESAMPLING_BILINEAR] = { CD_RESAMPLE_LINEAR, CD_RESAMPLE_LINEAR_WIDE },
    [CD_RESAMPLING_BICUBIC] = { CD_RESAMPLE_CUBIC, CD_RESAMPLE_CUBIC_WIDE },
    [CD_RESAMPLING_AREA] = { -1, -1 },
    [CD_RESAMPLING_NEAREST_EXACT] = { CD_RESAMPLE_NEAREST_EXACT, -1 },
    [CD_RESAMPLING_TRILINEAR] = { CD_RESAMPLE_LINEAR, -1 },
};

/* By cd_resampling: how many dimensions x must have; 0: 3 to 5. */
static const int dims_of[] = { [CD_RESAMPLING_LINEAR] = 3,
                               [CD_RESAMPLING_BILINEAR] = 4,
                               [CD_RESAMPLING_BICUBIC] = 4,
                               [CD_RESAMPLING_NEAREST_EXACT] = 0,
                               [CD_RESAMPLING_TRILINEAR] = 5 };
static const char *const shapes[] = { [0] = "N x C x L, N x C x H x W or N x C x D x H x W",
                                      [3] = "N x C x L",
                                      [4] = "N x C x H x W",
                                      [5] = "N x C x D x H x W" };

static bool check_mode(const cd_interpolate_options *o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, "interpolate", "x")) return false;
    const int n = o->x->shape.ndim;
    if ((unsigned)o->mode > CD_RESAMPLING_TRILINEAR) {
        return cd_fail(CD_ERR_ARGUMENT, "interpolate: there is no mode %d", (int)o->mode);
    }
    const int dims = dims_of[o->mode];
    if (dims ? n != dims : n < 3 || n > 5) {
        return cd_fail(CD_ERR_SHAPE, "interpolate: x (%s) must be %s in this mode",
                       cd_sizes_text(&o->x->shape, text), shapes[dims]);
    }
    if (o->align_corners && dims == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "interpolate: .align_corners is for linear, bilinear, "
                                        "bicubic and trilinear");
    }
    return !o->antialias || dims == 4 ||
           cd_fail(CD_ERR_ARGUMENT, "interpolate: .antialias is for bilinear and bicubic");
}

static bool check_size(const cd_interpolate_options *o)
{
    const bool by_size = o->size != 0 || o->size_d != 0 || o->size_w != 0;
    const bool by_scale = o->scale_factor != 0 || o->scale_factor_d != 0 || o->scale_factor_w != 0;
    const int n = o->x->shape.ndim;
    if (by_size == by_scale) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "interpolate: one of .size and .scale_factor must be given");
    }
    if (by_size && o->recompute_scale_factor) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "interpolate: .recompute_scale_factor is for .scale_factor, not for .size");
    }
    if (n < 4 && (o->size_w != 0 || o->scale_factor_w != 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "interpolate: x has no height: .size_w and .scale_factor_w "
                                        "are for N x C x H x W and N x C x D x H x W");
    }
    return n == 5 || (o->size_d == 0 && o->scale_factor_d == 0) ||
           cd_fail(CD_ERR_ARGUMENT, "interpolate: x has no depth: .size_d and .scale_factor_d are "
                                    "for N x C x D x H x W");
}

/* Sets the size of dimension d from the end, by the size or factor that is given for it, or else by
 * that of the height; and its scale. False with an error. */
static bool set_size(const cd_interpolate_options *o, int d, int64_t given, double factor,
                     int64_t *size, double *scale)
{
    const int n = o->x->shape.ndim;
    if (d > n - 2) { /* x has no such dimension */
        *size = 1;
        return true;
    }
    if (given == 0) given = o->size;
    if (factor == 0) factor = o->scale_factor;
    const int64_t in = o->x->shape.dim[n - d];
    const double scaled = factor == 0 ? (double)given : (double)in * factor;
    if (!(scaled >= 1 && scaled < 0x1p62)) {
        return cd_fail(CD_ERR_SHAPE, "interpolate: a size of %lld cannot become %g", (long long)in,
                       scaled);
    }
    *size = factor == 0 ? given : (int64_t)scaled;
    if (!o->recompute_scale_factor) *scale = factor;
    return true;
}

/* The means over windows of a volume: those over height and width, and of these over the depth. */
static cd_tensor *area_of_volumes(cd_tensor *x, const cd_upsample_attributes *a)
{
    const cd_shape s = x->shape;
    const int64_t area = a->size[0] * a->size[1];
    const cd_scope scope = cd_scope_begin();
    cd_tensor *planes = cd_reshape_for("interpolate", x,
                                       CD_SHAPE(s.dim[0], s.dim[1] * s.dim[2], s.dim[3], s.dim[4]));
    cd_tensor *y = cd_adaptive_avg_pool2d(planes, a->size[0], a->size[1]);
    y = cd_reshape(y, CD_SHAPE(s.dim[0], s.dim[1], s.dim[2], area));
    y = cd_adaptive_avg_pool2d(y, a->depth, area);
    return cd_ops_end(
        scope, cd_reshape(y, CD_SHAPE(s.dim[0], s.dim[1], a->depth, a->size[0], a->size[1])));
}

cd_tensor *cd_interpolate_with(cd_interpolate_options o)
{
    cd_upsample_attributes a = { .align_corners = o.align_corners };
    if (!check_mode(&o) || !check_size(&o)) return NULL;
    const int n = o.x->shape.ndim;
    if (!set_size(&o, 1, o.size_w, o.scale_factor_w, &a.size[1], &a.scale_w) ||
        !set_size(&o, 2, 0, 0, &a.size[0], &a.scale_h) ||
        !set_size(&o, 3, o.size_d, o.scale_factor_d, &a.depth, &a.scale_d)) {
        return NULL;
    }
    if (o.mode == CD_RESAMPLING_AREA) {
        if (n == 5) return area_of_volumes(o.x, &a);
        return n == 3 ? cd_adaptive_avg_pool1d(o.x, a.size[1])
                      : cd_adaptive_avg_pool2d(o.x, a.size[0], a.size[1]);
    }
    return cd_op_with(ops[modes[o.mode][o.antialias]][n - 3], &a, o.x);
}

const cd_op cd_op_interpolate = {
    .name = "interpolate",
    .like = "torch.nn.functional.interpolate(x, size, scale_factor, mode, align_corners, "
            "recompute_scale_factor, antialias)",
    .formula = "x with other sizes of its last one, two or three dimensions",
    .gradient = "that of the mode's op",
    .dtypes = "floating; uint8 for nearest, nearest-exact, bilinear and bicubic",
    .composed = true,
};
