/* MixUp and CutMix: batches whose samples are mixtures of two, with labels mixed alike. */
#include <math.h>
#include <string.h>

#include "autograd/ops.h"
#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/transforms/settings_internal.h"

/* --- labels ----------------------------------------------------------------------------------- */

/* A batch as a transform reads it: x and y without gaps. */
typedef struct mix {
    const char *name;
    int64_t samples, classes;
    cd_tensor *x, *y; /* of the batch */
} mix;

static bool check_labels(const mix *m)
{
    const int64_t *label = (const int64_t *)(const void *)m->y->data;
    for (int64_t i = 0; i < m->samples; i++) {
        if (label[i] >= 0 && label[i] < m->classes) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the label of sample %lld of the batch is %lld; with %lld classes it "
                       "must be 0 to %lld",
                       m->name, (long long)i, (long long)label[i], (long long)m->classes,
                       (long long)m->classes - 1);
    }
    return true;
}

/* Sets m->classes from y, or checks y against it. */
static bool check_targets(mix *m)
{
    char shape[CD_SHAPE_TEXT];
    cd_shape s = m->y->shape;
    if (s.ndim == 1 && m->y->dtype == CD_I64) {
        if (m->classes > 0) return check_labels(m);
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: y is class numbers, so the number of classes must be given", m->name);
    }
    if (s.ndim != 2 || m->y->dtype != CD_F32 || s.dim[1] < 1) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: y is %s of %s; it must be N class numbers, int64, or N x classes "
                       "probabilities, float32",
                       m->name, cd_shape_text(s, shape), cd_dtype_name(m->y->dtype));
    }
    if (m->classes > 0 && s.dim[1] != m->classes) {
        return cd_fail(CD_ERR_SHAPE, "%s: y has probabilities of %lld classes, not of %lld",
                       m->name, (long long)s.dim[1], (long long)m->classes);
    }
    m->classes = s.dim[1];
    return true;
}

/* cd_contiguous of a tensor of the batch, checked; NULL with an error. */
static cd_tensor *open_tensor(const char *name, cd_tensor *t, const char *what)
{
    if (!cd_check_tensor(t, name, what)) return NULL;
    if (cd_tensor_device(t) != CD_CPU) {
        (void)cd_fail(CD_ERR_DEVICE, "%s: %s is on the device %s; it must be on the CPU", name,
                      what, cd_device_name(cd_tensor_device(t)));
        return NULL;
    }
    return t->contiguous ? t : cd_contiguous(t);
}

static bool mix_open(const cd_batch_transform *t, const cd_batch *b, int ndim, mix *m)
{
    char shape[CD_SHAPE_TEXT];
    if (!cd_ok()) return false;
    if (!b) return cd_fail(CD_ERR_ARGUMENT, "%s: the batch is NULL", t->name);
    if (!cd_check_not_captured(t->name, "it reads the elements of a batch")) return false;
    *m = (mix){ .name = t->name, .classes = (int64_t)t->value[MIX_CLASSES] };
    m->x = open_tensor(t->name, b->x, "x");
    m->y = m->x ? open_tensor(t->name, b->y, "y") : NULL;
    if (!m->y) return false;
    if (m->x->dtype != CD_F32) {
        return cd_fail(CD_ERR_DTYPE, "%s: x is %s; it must be float32", t->name,
                       cd_dtype_name(m->x->dtype));
    }
    cd_shape s = m->x->shape;
    if ((ndim ? s.ndim != ndim : s.ndim < 2) || m->x->numel == 0) {
        return cd_fail(CD_ERR_SHAPE, "%s: x is %s; it must be %s, none of them 0", t->name,
                       cd_shape_text(s, shape),
                       ndim ? "samples x channels x height x width" : "samples x their shape");
    }
    m->samples = s.dim[0];
    if (m->y->shape.ndim < 1 || m->y->shape.dim[0] != m->samples) {
        return cd_fail(CD_ERR_SHAPE, "%s: x has %lld samples, and y is %s", t->name,
                       (long long)m->samples, cd_shape_text(m->y->shape, shape));
    }
    return check_targets(m);
}

/* out = before (1 - lambda) + now lambda. */
static void blend(const float *now, const float *before, int64_t n, double lambda, float *out)
{
    float share = (float)lambda, rest = (float)(1 - lambda);
    for (int64_t i = 0; i < n; i++) out[i] = before[i] * rest + now[i] * share;
}

/* Blends each sample of `n` numbers with the one before it. */
static void blend_samples(const float *in, int64_t samples, int64_t n, double lambda, float *out)
{
    for (int64_t i = 0; i < samples; i++) {
        int64_t before = i > 0 ? i - 1 : samples - 1;
        blend(in + i * n, in + before * n, n, lambda, out + i * n);
    }
}

/* A new y: probabilities, N x classes. One owner: the caller. */
static cd_tensor *mixed_targets(const mix *m, double lambda)
{
    cd_tensor *y =
        cd_tensor_new(m->name, CD_F32, (cd_shape){ .ndim = 2, .dim = { m->samples, m->classes } });
    if (!y) return NULL;
    float *out = (float *)(void *)y->data;
    if (m->y->dtype == CD_F32) {
        blend_samples((const float *)(const void *)m->y->data, m->samples, m->classes, lambda, out);
        return y;
    }
    const int64_t *label = (const int64_t *)(const void *)m->y->data;
    memset(out, 0, (size_t)(m->samples * m->classes) * sizeof *out);
    for (int64_t i = 0; i < m->samples; i++) {
        int64_t before = i > 0 ? i - 1 : m->samples - 1;
        out[i * m->classes + label[before]] = (float)(1 - lambda);
        out[i * m->classes + label[i]] += (float)lambda;
    }
    return y;
}

/* Hands out x and y, of which the caller was the owner, as the batch's. */
static bool finish(cd_batch *b, cd_tensor *x, cd_tensor *y)
{
    if (!x || !y) {
        cd_object_disown((cd_object *)x);
        cd_object_disown((cd_object *)y);
        return false;
    }
    x = cd_hand(x);
    y = cd_hand(y);
    if (!x || !y) return false;
    b->x = x;
    b->y = y;
    return true;
}

/* --- MixUp ------------------------------------------------------------------------------------ */

static bool mixup(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    mix m;
    cd_generator_state *state;
    if (!mix_open(t, b, 0, &m) || !cd_draws_begin(t->name, g, &state)) return false;
    double lambda = cd_draw_beta(state, t->value[MIX_ALPHA]);
    cd_generator_unlock(g);
    cd_tensor *x = cd_tensor_new(t->name, CD_F32, m.x->shape);
    if (!x) return false;
    blend_samples((const float *)(const void *)m.x->data, m.samples, m.x->numel / m.samples, lambda,
                  (float *)(void *)x->data);
    return finish(b, x, mixed_targets(&m, lambda));
}

/* --- CutMix ----------------------------------------------------------------------------------- */

/* From `from` to before `to`, in pixels. */
typedef struct span {
    int64_t from, to;
} span;

static span span_around(int64_t middle, int64_t half, int64_t side)
{
    span s = { middle - half, middle + half };
    if (s.from < 0) s.from = 0;
    if (s.to > side) s.to = side;
    return s;
}

/* out, a copy of the samples of `in`, gets the box of the sample before each. */
static void paste(const cd_tensor *in, span rows, span columns, float *out)
{
    int64_t channels = in->shape.dim[1], height = in->shape.dim[2], width = in->shape.dim[3];
    int64_t samples = in->shape.dim[0], size = channels * height * width;
    const float *data = (const float *)(const void *)in->data;
    if (columns.to <= columns.from) return;
    size_t bytes = (size_t)(columns.to - columns.from) * sizeof *out;
    for (int64_t i = 0; i < samples; i++) {
        const float *from = data + (i > 0 ? i - 1 : samples - 1) * size;
        for (int64_t c = 0; c < channels; c++) {
            for (int64_t r = rows.from; r < rows.to; r++) {
                int64_t at = (c * height + r) * width + columns.from;
                memcpy(out + i * size + at, from + at, bytes);
            }
        }
    }
}

static bool cutmix(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    mix m;
    cd_generator_state *state;
    if (!mix_open(t, b, 4, &m) || !cd_draws_begin(t->name, g, &state)) return false;
    int64_t height = m.x->shape.dim[2], width = m.x->shape.dim[3];
    double lambda = cd_draw_beta(state, t->value[MIX_ALPHA]);
    int64_t middle_x = cd_draw_integer(state, 0, width);
    int64_t middle_y = cd_draw_integer(state, 0, height);
    cd_generator_unlock(g);
    double r = 0.5 * sqrt(1 - lambda);
    span columns = span_around(middle_x, (int64_t)(r * (double)width), width);
    span rows = span_around(middle_y, (int64_t)(r * (double)height), height);
    int64_t area = (columns.to - columns.from) * (rows.to - rows.from);
    cd_tensor *x = cd_tensor_new(t->name, CD_F32, m.x->shape);
    if (!x) return false;
    memcpy(x->data, m.x->data, (size_t)m.x->numel * sizeof(float));
    paste(m.x, rows, columns, (float *)(void *)x->data);
    return finish(b, x, mixed_targets(&m, 1 - (double)area / ((double)width * (double)height)));
}

/* --- constructors ----------------------------------------------------------------------------- */

bool cd_mix_check(const char *name, const double *value)
{
    if (!(value[MIX_CLASSES] >= 0 && value[MIX_CLASSES] <= 1e9)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: %g classes; it must be their number, or 0 for a y of probabilities",
                       name, value[MIX_CLASSES]);
    }
    return cd_check_setting(name, ".alpha", value[MIX_ALPHA], 1e-6, 1e6);
}

static cd_batch_transform make(const char *name, cd_batch_transform_fn *apply, cd_mix_options o)
{
    cd_batch_transform t = { .name = name };
    t.value[MIX_CLASSES] = (double)o.classes;
    t.value[MIX_ALPHA] = cd_option_or(o.alpha, 1);
    if (cd_mix_check(name, t.value)) t.apply = apply;
    return t;
}

cd_batch_transform cd_mixup_with(cd_mix_options options)
{
    return make("mixup", mixup, options);
}

cd_batch_transform cd_cutmix_with(cd_mix_options options)
{
    return make("cutmix", cutmix, options);
}
