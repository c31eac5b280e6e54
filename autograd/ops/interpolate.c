/* interpolate: x with other sizes of its last one or two dimensions.
 *
 * x is N x C x L or N x C x H x W. Each mode is an op of its own, with PyTorch's name of the node,
 * but area, which is adaptive_avg_pool1d or adaptive_avg_pool2d. They save nothing: the gradient,
 * one op for all of them, needs only the shape of x. Kernel: core/cpu/resample.c. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/resample_internal.h"

#define FIELDS(struct_, prefix_)                                                                   \
    { "size", CD_FIELD_PAIR, offsetof(struct_, prefix_ size) },                                    \
        { "scale_h", CD_FIELD_REAL, offsetof(struct_, prefix_ scale_h) },                          \
        { "scale_w", CD_FIELD_REAL, offsetof(struct_, prefix_ scale_w) },                          \
    {                                                                                              \
        "align_corners", CD_FIELD_BOOL, offsetof(struct_, prefix_ align_corners)                   \
    }

static const cd_field fields[] = { FIELDS(cd_upsample_attributes, ), CD_FIELDS_END };

/* By mode and number of dimensions; NULL where PyTorch has none. */
static const cd_op *const ops[][2] = {
    [CD_RESAMPLE_NEAREST] = { &cd_op_upsample_nearest1d, &cd_op_upsample_nearest2d },
    [CD_RESAMPLE_NEAREST_EXACT] = { &cd_op_upsample_nearest_exact1d,
                                    &cd_op_upsample_nearest_exact2d },
    [CD_RESAMPLE_LINEAR] = { &cd_op_upsample_linear1d, &cd_op_upsample_bilinear2d },
    [CD_RESAMPLE_CUBIC] = { NULL, &cd_op_upsample_bicubic2d },
    [CD_RESAMPLE_LINEAR_WIDE] = { NULL, &cd_op_upsample_bilinear2d_aa },
    [CD_RESAMPLE_CUBIC_WIDE] = { NULL, &cd_op_upsample_bicubic2d_aa },
};

static cd_resample_mode mode_of(const cd_op *op)
{
    int mode = CD_RESAMPLE_CUBIC_WIDE;
    while (mode > 0 && ops[mode][0] != op && ops[mode][1] != op) mode--;
    return (cd_resample_mode)mode;
}

/* The sizes of resampling planes of shape x to planes of shape y. */
static cd_resample_sizes sizes_between(const cd_upsample_attributes *a, cd_resample_mode mode,
                                       const cd_shape *x, const cd_shape *y)
{
    const int n = x->ndim;
    cd_resample_sizes s = { .mode = mode,
                            .align_corners = a->align_corners,
                            .planes = x->dim[0] * x->dim[1],
                            .rows = { .in = 1, .out = 1, .stays = true },
                            .columns = { x->dim[n - 1], y->dim[n - 1], a->scale_w, false } };
    if (n == 4) s.rows = (cd_resample_axis){ x->dim[2], y->dim[2], a->scale_h, false };
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
        y->dim[d] = a->size[d + 2 - n];
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
    return launch->out[0].layout->numel > 0 ? cd_cpu_resample_workspace(&s) : 0;
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

#define UPSAMPLE(part_, node_, like_, formula_)                                                    \
    const cd_op cd_op_upsample_##part_ = {                                                         \
        .name = "interpolate",                                                                     \
        .grad_fn = node_,                                                                          \
        .like = "torch.ops.aten." like_,                                                           \
        .formula = formula_,                                                                       \
        .gradient = "dx = dy times the weights, added where the pixels came from",                 \
        .dtypes = "floating",                                                                      \
        .inputs = 1,                                                                               \
        .input = { "x" },                                                                          \
        .computes_in = CD_FLOATS,                                                                  \
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
UPSAMPLE(nearest1d, "UpsampleNearest1DBackward0", "upsample_nearest1d", NEAREST_FORMULA)
UPSAMPLE(nearest2d, "UpsampleNearest2DBackward0", "upsample_nearest2d", NEAREST_FORMULA)
UPSAMPLE(nearest_exact1d, "UpsampleNearestExact1DBackward0", "_upsample_nearest_exact1d",
         EXACT_FORMULA)
UPSAMPLE(nearest_exact2d, "UpsampleNearestExact2DBackward0", "_upsample_nearest_exact2d",
         EXACT_FORMULA)
UPSAMPLE(linear1d, "UpsampleLinear1DBackward0", "upsample_linear1d", LINEAR_FORMULA)
UPSAMPLE(bilinear2d, "UpsampleBilinear2DBackward0", "upsample_bilinear2d", LINEAR_FORMULA)
UPSAMPLE(bicubic2d, "UpsampleBicubic2DBackward0", "upsample_bicubic2d", CUBIC_FORMULA)
UPSAMPLE(bilinear2d_aa, "UpsampleBilinear2DAaBackward0", "_upsample_bilinear2d_aa",
         WIDE_FORMULA "w(t) = max(0, 1 - |t|), and rows alike")
UPSAMPLE(bicubic2d_aa, "UpsampleBicubic2DAaBackward0", "_upsample_bicubic2d_aa",
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
    for (int d = 2; d < right.ndim; d++) right.dim[d] = a->upsample.size[d + 2 - right.ndim];
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
    return launch->out[0].layout->numel > 0 ? cd_cpu_resample_workspace(&s) : 0;
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
};

static bool check_mode(const cd_interpolate_options *o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, "interpolate", "x")) return false;
    const int n = o->x->shape.ndim;
    if ((unsigned)o->mode > CD_RESAMPLING_NEAREST_EXACT) {
        return cd_fail(CD_ERR_ARGUMENT, "interpolate: there is no mode %d", (int)o->mode);
    }
    const bool two = o->mode == CD_RESAMPLING_BILINEAR || o->mode == CD_RESAMPLING_BICUBIC;
    const bool smooth = two || o->mode == CD_RESAMPLING_LINEAR;
    if ((n != 3 && n != 4) || (two && n != 4) || (o->mode == CD_RESAMPLING_LINEAR && n != 3)) {
        return cd_fail(CD_ERR_SHAPE, "interpolate: x (%s) must be %s in this mode",
                       cd_sizes_text(&o->x->shape, text),
                       two      ? "N x C x H x W"
                       : smooth ? "N x C x L"
                                : "N x C x L or N x C x H x W");
    }
    if (o->align_corners && !smooth) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "interpolate: .align_corners is for linear, bilinear and bicubic");
    }
    return !o->antialias || two ||
           cd_fail(CD_ERR_ARGUMENT, "interpolate: .antialias is for bilinear and bicubic");
}

static bool check_size(const cd_interpolate_options *o)
{
    const bool by_size = o->size != 0 || o->size_w != 0;
    const bool by_scale = o->scale_factor != 0 || o->scale_factor_w != 0;
    if (by_size == by_scale) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "interpolate: one of .size and .scale_factor must be given");
    }
    if (by_size && o->recompute_scale_factor) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "interpolate: .recompute_scale_factor is for .scale_factor, not for .size");
    }
    return o->x->shape.ndim == 4 || (o->size_w == 0 && o->scale_factor_w == 0) ||
           cd_fail(CD_ERR_ARGUMENT, "interpolate: x has no height: .size_w and .scale_factor_w are "
                                    "for N x C x H x W");
}

/* Sets the size of dimension d from the end; false with an error. */
static bool set_size(const cd_interpolate_options *o, int d, int64_t given, double factor,
                     int64_t *size)
{
    const int64_t in = o->x->shape.dim[o->x->shape.ndim - d];
    const double scaled = factor == 0 ? (double)given : (double)in * factor;
    if (!(scaled >= 1 && scaled < 0x1p62)) {
        return cd_fail(CD_ERR_SHAPE, "interpolate: a size of %lld cannot become %g", (long long)in,
                       scaled);
    }
    *size = factor == 0 ? given : (int64_t)scaled;
    return true;
}

cd_tensor *cd_interpolate_with(cd_interpolate_options o)
{
    cd_upsample_attributes a = { .align_corners = o.align_corners };
    if (!check_mode(&o) || !check_size(&o)) return NULL;
    const bool flat = o.x->shape.ndim == 3;
    const double factor_w = o.scale_factor_w != 0 ? o.scale_factor_w : o.scale_factor;
    if (!set_size(&o, 1, o.size_w ? o.size_w : o.size, factor_w, &a.size[1])) return NULL;
    if (flat) {
        a.size[0] = 1;
    } else if (!set_size(&o, 2, o.size, o.scale_factor, &a.size[0])) {
        return NULL;
    }
    if (o.mode == CD_RESAMPLING_AREA) {
        return flat ? cd_adaptive_avg_pool1d(o.x, a.size[1])
                    : cd_adaptive_avg_pool2d(o.x, a.size[0], a.size[1]);
    }
    if (!o.recompute_scale_factor) {
        a.scale_h = o.scale_factor;
        a.scale_w = factor_w;
    }
    return cd_op_with(ops[modes[o.mode][o.antialias]][!flat], &a, o.x);
}

const cd_op cd_op_interpolate = {
    .name = "interpolate",
    .like = "torch.nn.functional.interpolate(x, size, scale_factor, mode, align_corners, "
            "recompute_scale_factor, antialias)",
    .formula = "x with other sizes of its last one or two dimensions",
    .gradient = "that of the mode's op",
    .dtypes = "floating",
    .composed = true,
};
