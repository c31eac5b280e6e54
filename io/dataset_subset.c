/* Some samples of another data set: cd_dataset_subset. */
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/dataset_internal.h"
#include "io/dataset_make.h"

typedef struct subset {
    cd_dataset dataset; /* its classes are those of `whole` */
    cd_dataset *whole; /* owned; never a subset itself, so that no call goes through many of them */
    int64_t *index;    /* the number in `whole` of each sample, owned */
} subset;

/* --- making ----------------------------------------------------------------------------------- */

static bool check_indices(const cd_dataset *d, const int64_t *indices, int64_t count)
{
    if (count < 0 || (count > 0 && !indices)) {
        return cd_fail(CD_ERR_ARGUMENT, "dataset_subset: %lld indices, and the list is %s",
                       (long long)count, indices ? "given" : "NULL");
    }
    for (int64_t k = 0; k < count; k++) {
        if (indices[k] >= 0 && indices[k] < d->count) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "dataset_subset: index %lld is %lld, and the data set has %lld samples",
                       (long long)k, (long long)indices[k], (long long)d->count);
    }
    return true;
}

/* Everything that holds for the whole set holds for a part of it, but for the number of samples. */
static void fill(subset *s, const cd_dataset *d, int64_t count)
{
    cd_dataset *own = &s->dataset;
    own->count = count;
    own->sample_shape = d->sample_shape;
    own->preprocess = d->preprocess;
    own->class_count = d->class_count;
    own->classes = d->classes;
    own->has_targets = d->has_targets;
    own->target_dtype = d->target_dtype;
    own->target_shape = d->target_shape;
    own->one_thread = d->one_thread;
    own->in_memory = d->in_memory;
    own->is_split = d->is_split;
    own->split_name = d->split_name;
}

cd_dataset *cd_dataset_subset(cd_dataset *d, const int64_t *indices, int64_t count)
{
    if (!cd_ok() || !cd_dataset_check(d, "dataset_subset") || !check_indices(d, indices, count)) {
        return NULL;
    }
    cd_dataset *part = cd_dataset_begin(&cd_dataset_subset_class, d->name);
    if (!part) return NULL;
    subset *s = (subset *)part;
    const subset *of = d->class_ == &cd_dataset_subset_class ? (const subset *)d : NULL;
    fill(s, d, count);
    s->whole = of ? of->whole : d;
    cd_object_own(&s->whole->object);
    s->index = cd_alloc_zeroed((size_t)count, sizeof *s->index);
    for (int64_t k = 0; s->index && k < count; k++) {
        s->index[k] = of ? of->index[indices[k]] : indices[k];
    }
    if (s->index) return cd_hand(part);
    cd_object_disown(&part->object);
    return NULL;
}

const int64_t *cd_dataset_indices(const cd_dataset *d)
{
    if (!cd_dataset_check(d, "dataset_indices")) return NULL;
    return d->class_ == &cd_dataset_subset_class ? ((const subset *)d)->index : NULL;
}

/* --- the class -------------------------------------------------------------------------------- */

static bool subset_sample(const cd_dataset *d, int64_t i, float *out)
{
    const subset *s = (const subset *)d;
    return s->whole->class_->sample(s->whole, s->index[i], out);
}

static bool subset_target(const cd_dataset *d, int64_t i, void *out)
{
    const subset *s = (const subset *)d;
    return s->whole->class_->target(s->whole, s->index[i], out);
}

static int64_t subset_label(const cd_dataset *d, int64_t i)
{
    const subset *s = (const subset *)d;
    return s->whole->class_->label(s->whole, s->index[i]);
}

static const char *subset_path(const cd_dataset *d, int64_t i)
{
    const subset *s = (const subset *)d;
    const cd_dataset_class *c = s->whole->class_;
    return c->path ? c->path(s->whole, s->index[i]) : NULL;
}

static bool subset_turned(const cd_dataset *d, int64_t i)
{
    const subset *s = (const subset *)d;
    const cd_dataset_class *c = s->whole->class_;
    return c->turned && c->turned(s->whole, s->index[i]);
}

static void subset_destroy(cd_dataset *d)
{
    subset *s = (subset *)d;
    cd_free(s->index);
    if (s->whole) cd_object_disown(&s->whole->object);
}

const cd_dataset_class cd_dataset_subset_class = {
    .name = "subset",
    .size = sizeof(subset),
    .made_by = "cd_dataset_subset",
    .sample = subset_sample,
    .label = subset_label,
    .target = subset_target,
    .path = subset_path,
    .turned = subset_turned,
    .destroy = subset_destroy,
};
