/* Data sets of two tensors, samples and targets: cd_dataset_from_tensors. */
#include <string.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "io/dataset_internal.h"
#include "io/dataset_make.h"

typedef struct tensor_set {
    cd_dataset dataset;
    cd_tensor *x, *y; /* owned; contiguous, on the processor */
} tensor_set;

/* The classes that are counted when none are named: more are a mistake, such as targets of a
 * regression that are integers. */
enum { CLASSES_MAX = 1000000 };

static const char function[] = "dataset_from_tensors";

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_tensor(const cd_tensor *t, const char *name)
{
    if (!cd_check_tensor(t, function, name)) return false;
    if (t->shape.ndim < 1) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: %s has no dimension, and the first one numbers the samples", function,
                       name);
    }
    return cd_tensor_device(t) != CD_META ||
           cd_fail(CD_ERR_STATE, "%s: %s is on the meta device, which holds no elements", function,
                   name);
}

static bool check_options(const cd_tensor_set_options *o)
{
    if (!cd_ok() || !check_tensor(o->x, "x") || !check_tensor(o->y, "y")) return false;
    if (o->x->shape.dim[0] != o->y->shape.dim[0]) {
        char x[CD_SHAPE_TEXT], y[CD_SHAPE_TEXT];
        return cd_fail(
            CD_ERR_SHAPE,
            "%s: x (%s) has %lld samples and y (%s) %lld: their first sizes must be equal",
            function, cd_shape_text(o->x->shape, x), (long long)o->x->shape.dim[0],
            cd_shape_text(o->y->shape, y), (long long)o->y->shape.dim[0]);
    }
    if (o->class_count < 0 || (o->classes && o->class_count == 0)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .class_count is %lld: it must be the number of classes", function,
                       (long long)o->class_count);
    }
    return cd_check_not_captured(function, "it reads elements");
}

static bool has_classes(const cd_tensor *y)
{
    return y->shape.ndim == 1 && (y->dtype == CD_I64 || y->dtype == CD_I32 || y->dtype == CD_U8);
}

/* --- making ----------------------------------------------------------------------------------- */

/* The shape of one row. */
static cd_shape row_shape(const cd_tensor *t)
{
    cd_shape row = { .ndim = t->shape.ndim - 1 };
    for (int i = 0; i < row.ndim; i++) row.dim[i] = t->shape.dim[i + 1];
    return row;
}

/* The tensor in this dtype, contiguous, on the processor; the open scope owns it. */
static cd_tensor *prepared(cd_tensor *t, cd_dtype dtype)
{
    return cd_contiguous(cd_to(cd_to_device(t, CD_CPU), dtype));
}

/* Sets the classes: those given, or as many as y has. */
static bool set_classes(tensor_set *s, const cd_tensor_set_options *o)
{
    cd_dataset *d = &s->dataset;
    const int64_t *label = (const int64_t *)(const void *)s->y->data;
    int64_t highest = -1, most = o->class_count ? o->class_count : CLASSES_MAX;
    for (int64_t i = 0; i < d->count; i++) {
        if (label[i] < 0 || label[i] >= most) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "%s: y[%lld] is %lld, and %s: classes are numbered from 0 (targets of a "
                           "regression must be floats)",
                           function, (long long)i, (long long)label[i],
                           o->class_count ? "there are fewer classes (.class_count)"
                                          : "at most 1000000 classes are counted");
        }
        if (label[i] > highest) highest = label[i];
    }
    d->class_count = o->class_count ? o->class_count : highest + 1;
    return cd_dataset_name_classes(d, o->classes);
}

static bool fill(tensor_set *s, const cd_tensor_set_options *o)
{
    cd_dataset *d = &s->dataset;
    d->count = o->x->shape.dim[0];
    d->sample_shape = row_shape(o->x);
    d->has_targets = !has_classes(o->y);
    d->target_dtype = o->y->dtype;
    d->target_shape = row_shape(o->y);
    d->in_memory = true;
    d->split_name = "all";
    cd_tensor *x = prepared(o->x, CD_F32);
    cd_tensor *y = prepared(o->y, d->has_targets ? o->y->dtype : CD_I64);
    if (!x || !y) return false;
    cd_object_own(&x->object);
    cd_object_own(&y->object);
    s->x = x;
    s->y = y;
    if (!d->has_targets) return set_classes(s, o);
    return (!o->classes && o->class_count == 0) ||
           cd_fail(
               CD_ERR_ARGUMENT,
               "%s: classes are given, and y is of %s with %d dimensions: the numbers of classes "
               "are integers in one dimension",
               function, cd_dtype_name(o->y->dtype), o->y->shape.ndim);
}

cd_dataset *cd_dataset_from_tensors_with(cd_tensor_set_options options)
{
    if (!check_options(&options)) return NULL;
    cd_dataset *d = cd_dataset_begin(&cd_dataset_tensors_class, "the tensors");
    if (!d) return NULL;
    cd_scope scope = cd_scope_begin(), mode = cd_grad_mode_begin(false);
    bool done = fill((tensor_set *)d, &options);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    if (done) return cd_hand(d);
    cd_object_disown(&d->object);
    return NULL;
}

/* --- the class -------------------------------------------------------------------------------- */

static const char *row_of(const cd_tensor *t, int64_t i, size_t *bytes)
{
    int64_t count = t->shape.dim[0] ? t->shape.dim[0] : 1;
    *bytes = (size_t)(cd_numel(t) / count) * cd_dtype_size(t->dtype);
    return t->data + (size_t)i * *bytes;
}

static bool tensors_sample(const cd_dataset *d, int64_t i, float *out)
{
    size_t bytes;
    const char *row = row_of(((const tensor_set *)d)->x, i, &bytes);
    if (bytes > 0) memcpy(out, row, bytes);
    return true;
}

static bool tensors_target(const cd_dataset *d, int64_t i, void *out)
{
    size_t bytes;
    const char *row = row_of(((const tensor_set *)d)->y, i, &bytes);
    if (bytes > 0) memcpy(out, row, bytes);
    return true;
}

static int64_t tensors_label(const cd_dataset *d, int64_t i)
{
    return ((const int64_t *)(const void *)((const tensor_set *)d)->y->data)[i];
}

static void tensors_destroy(cd_dataset *d)
{
    tensor_set *s = (tensor_set *)d;
    cd_dataset_free_classes(d);
    if (s->x) cd_object_disown(&s->x->object);
    if (s->y) cd_object_disown(&s->y->object);
}

const cd_dataset_class cd_dataset_tensors_class = {
    .name = "tensors",
    .size = sizeof(tensor_set),
    .made_by = "cd_dataset_from_tensors",
    .sample = tensors_sample,
    .label = tensors_label,
    .target = tensors_target,
    .destroy = tensors_destroy,
};
