/* Data sets of a program's own functions: cd_dataset_new. */
#include "core/error.h"
#include "core/memory_internal.h"
#include "io/dataset_internal.h"
#include "io/dataset_make.h"

typedef struct function_set {
    cd_dataset dataset;
    cd_dataset_functions functions;
    void *context; /* the data set's once it is handed out */
} function_set;

static const char function[] = "dataset_new";

/* --- making ----------------------------------------------------------------------------------- */

static bool check_functions(const cd_dataset_functions *f)
{
    if (!f) return cd_fail(CD_ERR_ARGUMENT, "%s: the functions are NULL", function);
    if (!f->name || !*f->name) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the functions have no name", function);
    }
    if (!f->sample) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s has no function `sample`", function, f->name);
    }
    return !f->label != !f->target ||
           cd_fail(CD_ERR_ARGUMENT, "%s: %s has %s: one is right, a class or a target for a sample",
                   function, f->name,
                   f->label ? "both `label` and `target`" : "neither `label` nor `target`");
}

/* Whether one sample or target may have this shape: a batch has one dimension more. */
static bool check_shape(const char *option, cd_shape shape)
{
    int64_t elements;
    char text[CD_SHAPE_TEXT];
    return (shape.ndim >= 0 && shape.ndim < CD_MAX_DIMS && cd_shape_elements(shape, &elements)) ||
           cd_fail(CD_ERR_SHAPE, "%s: %s is %s: it must have up to %d dimensions, none negative",
                   function, option, cd_shape_text(shape, text), CD_MAX_DIMS - 1);
}

static bool check_options(const cd_dataset_new_options *o)
{
    if (!cd_ok() || !check_functions(o->functions)) return false;
    if (o->count < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there are %lld samples", function,
                       (long long)o->count);
    }
    if (!check_shape(".sample_shape", o->sample_shape) ||
        !check_shape(".target_shape", o->target_shape)) {
        return false;
    }
    if ((unsigned)o->target_dtype > CD_BOOL) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .target_dtype %d is no dtype", function,
                       (int)o->target_dtype);
    }
    if (o->functions->label && o->class_count < 1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: %s has classes, and .class_count is %lld: it must be their number",
                       function, o->functions->name, (long long)o->class_count);
    }
    return o->functions->label || (!o->classes && o->class_count == 0) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: classes are given, and %s has targets (no `label`)",
                   function, o->functions->name);
}

cd_dataset *cd_dataset_new_with(cd_dataset_new_options o)
{
    if (!check_options(&o)) return NULL;
    cd_dataset *d = cd_dataset_begin(&cd_dataset_functions_class, o.functions->name);
    if (!d) return NULL;
    function_set *s = (function_set *)d;
    d->count = o.count;
    d->sample_shape = o.sample_shape;
    d->has_targets = o.functions->target != NULL;
    d->target_dtype = o.target_dtype == CD_DTYPE_DEFAULT ? CD_F32 : o.target_dtype;
    d->target_shape = o.target_shape;
    d->one_thread = o.functions->one_thread;
    d->split_name = "all";
    d->class_count = o.class_count;
    if (!d->has_targets && !cd_dataset_name_classes(d, o.classes)) {
        cd_object_disown(&d->object);
        return NULL;
    }
    s->functions = *o.functions;
    s->functions.name = d->name;
    s->context = o.context;
    void (*destroy)(void *) = s->functions.destroy;
    s->functions.destroy = NULL; /* until nothing can fail any more */
    if (!cd_hand(d)) return NULL;
    s->functions.destroy = destroy;
    return d;
}

/* --- the class -------------------------------------------------------------------------------- */

static bool functions_sample(const cd_dataset *d, int64_t i, float *out)
{
    const function_set *s = (const function_set *)d;
    return s->functions.sample(s->context, i, out);
}

static bool functions_target(const cd_dataset *d, int64_t i, void *out)
{
    const function_set *s = (const function_set *)d;
    return s->functions.target(s->context, i, out);
}

static int64_t functions_label(const cd_dataset *d, int64_t i)
{
    const function_set *s = (const function_set *)d;
    return s->functions.label(s->context, i);
}

static void functions_destroy(cd_dataset *d)
{
    const function_set *s = (const function_set *)d;
    cd_dataset_free_classes(d);
    if (s->functions.destroy) s->functions.destroy(s->context);
}

const cd_dataset_class cd_dataset_functions_class = {
    .name = "functions",
    .size = sizeof(function_set),
    .made_by = "cd_dataset_new",
    .sample = functions_sample,
    .label = functions_label,
    .target = functions_target,
    .destroy = functions_destroy,
};
