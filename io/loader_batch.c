/* How a loader makes a batch: the samples are read and stacked, or transformed one by one and then
 * stacked, or a function of the program does both; transforms of batches come last. */
#include <string.h>

#include "autograd/autograd.h"
#include "autograd/ops.h"
#include "autograd/shape_ops.h"
#include "core/scope_internal.h"
#include "core/threads_internal.h"
#include "io/loader_internal.h"

static const char function[] = "loader_next";

/* --- memory that is used again ---------------------------------------------------------------- */

/* Whether nobody else has the tensor or its elements (a program that keeps it, a view, a graph), so
 * that they may be overwritten. */
static bool is_free(const cd_tensor *t)
{
    return atomic_load(&t->object.owners) == 1 && atomic_load(&t->object.references) == 1 &&
           atomic_load(&t->storage->references) == 1 && !atomic_load(&t->extension) &&
           !t->requires_grad && !t->is_view;
}

static bool fits(const cd_tensor *t, cd_dtype dtype, const cd_shape *shape)
{
    return t->dtype == dtype && cd_same_sizes(&t->shape, shape) &&
           cd_strides_contiguous(&t->shape, t->stride) && t->data == t->storage->data;
}

/* Makes *t a tensor of this dtype and shape that may be overwritten: itself, or a new one. */
static bool renew(cd_tensor **t, cd_dtype dtype, cd_shape shape)
{
    if (*t && is_free(*t) && fits(*t, dtype, &shape)) {
        cd_tensor_bump(*t);
        return true;
    }
    if (*t) cd_object_disown(&(*t)->object);
    *t = cd_tensor_new(function, dtype, shape);
    return *t != NULL;
}

/* Puts a tensor that was handed out into the place of another. */
static void replace(cd_tensor **place, cd_tensor *t)
{
    if (*place == t) return;
    if (t) cd_object_own(&t->object);
    if (*place) cd_object_disown(&(*place)->object);
    *place = t;
}

/* --- preparing -------------------------------------------------------------------------------- */

static bool prepare(cd_loader *l, cd_loader_slot *s)
{
    const cd_dataset *d = l->dataset;
    const int64_t count = s->batch.count;
    if (l->collate) return true;
    if (!renew(l->transform_count ? &s->raw : &s->x, CD_F32,
               cd_batch_shape(count, &d->sample_shape))) {
        return false;
    }
    if (d->has_targets) {
        return renew(&s->y, d->target_dtype, cd_batch_shape(count, &d->target_shape));
    }
    return renew(&s->y, CD_I64, CD_SHAPE(count)) &&
           cd_dataset_read_labels(d, s->batch.indices, count, s->y);
}

void cd_loader_prepare(cd_loader *l, cd_loader_slot *s, int64_t number)
{
    const int64_t first = number * l->batch_size, left = l->samples - first;
    s->batch = (cd_batch){ .count = left < l->batch_size ? left : l->batch_size,
                           .number = number,
                           .indices = l->order + first };
    s->error = (cd_error){ .code = CD_OK };
    s->mode = cd_float_mode_read();
    if (!prepare(l, s)) (void)cd_error_take(&s->error);
}

/* --- random numbers --------------------------------------------------------------------------- */

/* A seed for sample or batch `place` of an epoch: the function that splitmix64 (Steele, Lea and
 * Flood 2014) makes its numbers with, so that neighbours have nothing in common. */
static uint64_t mixed(uint64_t seed, uint64_t place)
{
    uint64_t z = seed + (place + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* --- transforms of samples -------------------------------------------------------------------- */

typedef struct stack {
    const cd_loader *l;
    cd_loader_slot *s;
    cd_shape shape;   /* of the first sample's result */
    size_t row_bytes; /* of one result */
} stack;

/* Names sample k of the batch in the pending error, or in a new one. Returns false. */
static bool fail_sample(const stack *c, int64_t k, const char *transform)
{
    const cd_dataset *d = c->l->dataset;
    const int64_t i = c->s->batch.indices[k];
    const char *path = d->class_->path ? d->class_->path(d, i) : NULL;
    cd_error e;
    if (!cd_error_take(&e)) {
        e.code = CD_ERR_STATE;
        (void)strcpy(e.message, "it gave no sample and set no error");
    }
    if (path)
        return cd_fail(e.code, "%s: transform %s of %s: %s", function, transform, path, e.message);
    return cd_fail(e.code, "%s: transform %s of sample %lld of %s: %s", function, transform,
                   (long long)i, d->name, e.message);
}

/* The sample k after all transforms; the open scope owns it. */
static cd_tensor *transformed(const stack *c, int64_t k)
{
    const cd_loader *l = c->l;
    const int64_t place = c->s->batch.number * l->batch_size + k;
    cd_generator *g = cd_generator_new(mixed((uint64_t)l->seed, (uint64_t)place));
    cd_tensor *x = g ? cd_select(c->s->raw, 0, k) : NULL;
    for (int i = 0; x && i < l->transform_count; i++) {
        const cd_transform *t = &l->transforms[i];
        x = t->apply(t, x, g);
        if (!x || !cd_ok()) return (void)fail_sample(c, k, t->name), NULL;
    }
    return x ? cd_contiguous(x) : NULL;
}

/* Whether the result of sample k is what the batch needs. */
static bool check_result(const stack *c, int64_t k, const cd_tensor *x)
{
    char one[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const char *last = c->l->transforms[c->l->transform_count - 1].name;
    if (x->dtype != CD_F32 || cd_tensor_device(x) != CD_CPU) {
        (void)cd_fail(CD_ERR_DTYPE, "the result must be float32, on the processor");
    } else if (x->shape.ndim >= CD_MAX_DIMS) {
        (void)cd_fail(CD_ERR_SHAPE, "the result has %d dimensions, and a batch one more",
                      x->shape.ndim);
    } else if (k > 0 && !cd_same_sizes(&x->shape, &c->shape)) {
        (void)cd_fail(CD_ERR_SHAPE,
                      "the result is %s and that of the batch's first sample %s: a batch needs "
                      "samples of one shape",
                      cd_shape_text(x->shape, one), cd_shape_text(c->shape, other));
    }
    return cd_ok() || fail_sample(c, k, last);
}

/* Transforms sample k and writes it to its row. The first one says what shape the rows have. */
static void stack_sample(int64_t k, void *context)
{
    stack *c = context;
    cd_scope scope = cd_scope_begin(), mode = cd_grad_mode_begin(false);
    const cd_tensor *x = cd_ok() ? transformed(c, k) : NULL;
    bool done = x && check_result(c, k, x);
    if (done && k == 0) {
        c->shape = x->shape;
        c->row_bytes = (size_t)cd_numel(x) * sizeof(float);
        done = renew(&c->s->x, CD_F32, cd_batch_shape(c->s->batch.count, &x->shape));
    }
    if (done && c->row_bytes) {
        memcpy(c->s->x->data + (size_t)k * c->row_bytes, x->data, c->row_bytes);
    }
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
}

static void stack_later(int64_t k, void *context)
{
    stack_sample(k + 1, context);
}

static bool stack_transformed(const cd_loader *l, cd_loader_slot *s)
{
    stack c = { .l = l, .s = s };
    stack_sample(0, &c);
    if (cd_ok()) cd_parallel(s->batch.count - 1, stack_later, &c);
    return cd_ok();
}

/* --- transforms of batches, and the program's own collation ----------------------------------- */

/* Takes what a function made of the batch. */
static bool take(cd_loader_slot *s, const cd_batch *made)
{
    if (made->count < 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "the batch's count is %lld, and must be that of its samples, or 0 for a "
                       "batch to leave out",
                       (long long)made->count);
    }
    s->batch.count = made->count;
    if (made->count == 0) return true;
    if (!cd_check_tensor(made->x, function, "the batch's x") ||
        (made->y && !cd_check_tensor(made->y, function, "the batch's y"))) {
        return false;
    }
    replace(&s->x, made->x);
    replace(&s->y, made->y);
    return true;
}

static bool fail_batch(const cd_loader_slot *s, const char *what)
{
    cd_error e;
    if (!cd_error_take(&e)) {
        e.code = CD_ERR_STATE;
        (void)strcpy(e.message, "it returned false and set no error");
    }
    return cd_fail(e.code, "%s: %s of batch %lld: %s", function, what, (long long)s->batch.number,
                   e.message);
}

static bool collate(const cd_loader *l, cd_loader_slot *s)
{
    cd_batch b = s->batch;
    return (l->collate(l->collate_context, l->dataset, b.indices, b.count, &b) && cd_ok() &&
            take(s, &b)) ||
           fail_batch(s, "the collate function");
}

static bool transform_batch(const cd_loader *l, cd_loader_slot *s)
{
    if (!l->batch_transform_count || s->batch.count == 0) return true;
    cd_batch b = s->batch;
    b.x = s->x;
    b.y = s->y;
    cd_generator *g = cd_generator_new(mixed(~(uint64_t)l->seed, (uint64_t)b.number));
    const cd_batch_transform *t = l->batch_transforms;
    const cd_batch_transform *end = t + l->batch_transform_count;
    for (; g && t < end && b.count > 0; t++) {
        if (!t->apply(t, &b, g) || !cd_ok()) return fail_batch(s, t->name);
    }
    return g && (take(s, &b) || fail_batch(s, t[-1].name));
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_batch(const cd_loader *l, cd_loader_slot *s)
{
    if (l->collate) return collate(l, s);
    return cd_dataset_read_samples(l->dataset, s->batch.indices, s->batch.count,
                                   l->transform_count ? s->raw : s->x,
                                   l->dataset->has_targets ? s->y : NULL) &&
           (!l->transform_count || stack_transformed(l, s));
}

void cd_loader_read(const cd_loader *l, cd_loader_slot *s)
{
    if (s->error.code != CD_OK) return;
    cd_scope scope = cd_scope_begin(), mode = cd_grad_mode_begin(false);
    if (!cd_ok() || !read_batch(l, s) || !transform_batch(l, s)) (void)cd_error_take(&s->error);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
}
