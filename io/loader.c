/* Loaders: options, epochs, and giving a batch to the caller. */
#include <math.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "io/loader_internal.h"

enum { MOST_WORKERS = 256, MOST_PREFETCH = 1024, MOST_TRANSFORMS = 1024 };

/* torch.multinomial's limit. */
static const int64_t MOST_WEIGHTS = 1 << 24;

static const char function[] = "loader_new";

/* --- the object ------------------------------------------------------------------------------- */

static void disown(cd_tensor *t)
{
    if (t) cd_object_disown(&t->object);
}

static void destroy(cd_object *object)
{
    cd_loader *l = (cd_loader *)object;
    cd_loader_crew_end(l);
    for (int64_t i = 0; l->slots && i < l->slot_count; i++) {
        disown(l->slots[i].x);
        disown(l->slots[i].y);
        disown(l->slots[i].raw);
    }
    cd_free(l->slots);
    disown(l->x);
    disown(l->y);
    disown(l->weights);
    cd_free(l->order);
    cd_free(l->transforms);
    cd_free(l->batch_transforms);
    cd_object_disown((cd_object *)l->draws);
    cd_object_disown((cd_object *)l->generator);
    if (l->dataset) cd_object_disown(&l->dataset->object);
}

static const cd_class loader_class = { CD_KIND_LOADER, "loader", NULL, destroy };

bool cd_loader_check(const cd_loader *l, const char *function_)
{
    return cd_check_object(l, &loader_class, function_, "the loader");
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_number(const char *option, int64_t value, int64_t most)
{
    return (value >= 0 && value <= most) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: %s is %lld: it must be from 1 to %lld, or 0 for the default", function,
                   option, (long long)value, (long long)most);
}

static bool check_weights(const cd_loader_options *o)
{
    const int64_t n = o->dataset->count;
    if (!o->weights) {
        return (!o->draws && !o->without_replacement) ||
               cd_fail(CD_ERR_ARGUMENT, "%s: %s is for .weights, and there are none", function,
                       o->draws ? ".draws" : ".without_replacement");
    }
    if (o->shuffle) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: both .shuffle and .weights are given: weights draw in "
                       "random order as they are",
                       function);
    }
    if (n > MOST_WEIGHTS) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: weights for %lld samples: at most %lld", function,
                       (long long)n, (long long)MOST_WEIGHTS);
    }
    bool all_zero = false;
    const int64_t bad = cd_random_first_bad(CD_F64, 1, n, o->weights, &all_zero);
    if (bad >= 0 && all_zero) return cd_fail(CD_ERR_ARGUMENT, "%s: all weights are 0", function);
    if (bad >= 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: weight %lld is %g: it must be 0 or more, and not infinite", function,
                       (long long)bad, o->weights[bad]);
    }
    return !o->without_replacement || o->draws <= n ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: %lld draws without replacement, and the data set has %lld samples",
                   function, (long long)o->draws, (long long)n);
}

static bool check_transforms(const cd_loader_options *o)
{
    if (!check_number(".transform_count", o->transform_count, MOST_TRANSFORMS) ||
        !check_number(".batch_transform_count", o->batch_transform_count, MOST_TRANSFORMS)) {
        return false;
    }
    if ((o->transform_count && !o->transforms) || (!o->transform_count && o->transforms) ||
        (o->batch_transform_count && !o->batch_transforms) ||
        (!o->batch_transform_count && o->batch_transforms)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: a list of transforms needs its count, and a count its "
                       "list",
                       function);
    }
    for (int i = 0; i < o->transform_count; i++) {
        if (o->transforms[i].apply && o->transforms[i].name) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: transform %d has no %s", function, i,
                       o->transforms[i].apply ? "name" : "function");
    }
    for (int i = 0; i < o->batch_transform_count; i++) {
        if (o->batch_transforms[i].apply && o->batch_transforms[i].name) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: batch transform %d has no %s", function, i,
                       o->batch_transforms[i].apply ? "name" : "function");
    }
    return !o->collate || !o->transform_count ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: both .collate and .transforms are given: a collate function makes samples "
                   "itself, and .batch_transforms come behind it",
                   function);
}

static bool check_options(const cd_loader_options *o)
{
    if (!cd_ok() || !cd_dataset_check(o->dataset, function)) return false;
    if (o->dataset->count < 1) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s has no samples", function, o->dataset->name);
    }
    return check_number(".batch_size", o->batch_size, INT32_MAX) &&
           check_number(".draws", o->draws, INT64_MAX / 64) &&
           check_number(".workers", o->workers, MOST_WORKERS) &&
           check_number(".prefetch", o->prefetch, MOST_PREFETCH) && check_weights(o) &&
           check_transforms(o) && cd_generator_check(o->generator, function) &&
           cd_check_not_captured(function, "a loader draws random numbers");
}

/* --- making ----------------------------------------------------------------------------------- */

/* A copy of `count` items; NULL with an error. 0 items are no error. */
static void *copied(const void *items, int64_t count, size_t size)
{
    void *copy = cd_alloc_zeroed((size_t)count, size);
    if (copy && count) memcpy(copy, items, (size_t)count * size);
    return copy;
}

/* How long an epoch is, and how it is cut. */
static void measure(cd_loader *l, const cd_loader_options *o)
{
    l->batch_size = o->batch_size ? o->batch_size : 1;
    l->samples = o->draws ? o->draws : l->dataset->count;
    l->batches = l->samples / l->batch_size;
    if (!o->drop_last && l->samples % l->batch_size) l->batches++;
    if (l->batches == 0) {
        cd_log_line(CD_LOG_WARNING,
                    "%s: the epochs have no batch: %lld samples are fewer than .batch_size, %lld, "
                    "and .drop_last leaves them out",
                    function, (long long)l->samples, (long long)l->batch_size);
    }
    l->kind = o->shuffle                             ? CD_ORDER_SHUFFLED
              : o->weights && o->without_replacement ? CD_ORDER_BY_WEIGHT_ONCE
              : o->weights                           ? CD_ORDER_BY_WEIGHT
                                                     : CD_ORDER_OF_SET;
}

static bool make_order(cd_loader *l, const cd_loader_options *o)
{
    l->order = cd_alloc_zeroed((size_t)l->samples, sizeof *l->order);
    for (int64_t i = 0; l->order && i < l->samples; i++) l->order[i] = i;
    if (!l->order || l->kind == CD_ORDER_OF_SET) return l->order != NULL;
    CD_SCOPE();
    l->draws = cd_generator_new(0);
    if (!l->draws) return false;
    cd_object_own((cd_object *)l->draws);
    if (!o->weights) return true;
    l->weights = cd_tensor_new(function, CD_F64, CD_SHAPE(l->dataset->count));
    if (!l->weights) return false;
    memcpy(l->weights->data, o->weights, (size_t)l->dataset->count * sizeof(double));
    return true;
}

static bool make_slots(cd_loader *l, const cd_loader_options *o)
{
    l->workers = l->dataset->one_thread ? 0 : o->workers;
    l->slot_count = l->workers ? (int64_t)l->workers * (o->prefetch ? o->prefetch : 2) : 1;
    l->slots = cd_alloc_zeroed((size_t)l->slot_count, sizeof *l->slots);
    return l->slots && (!l->workers || cd_loader_crew_new(l));
}

static bool fill(cd_loader *l, const cd_loader_options *o)
{
    l->dataset = o->dataset;
    cd_object_own(&l->dataset->object);
    l->generator = o->generator;
    if (l->generator) cd_object_own((cd_object *)l->generator);
    l->collate = o->collate;
    l->collate_context = o->collate_context;
    l->transform_count = o->transform_count;
    l->batch_transform_count = o->batch_transform_count;
    measure(l, o);
    l->transforms = copied(o->transforms, o->transform_count, sizeof *l->transforms);
    l->batch_transforms =
        copied(o->batch_transforms, o->batch_transform_count, sizeof *l->batch_transforms);
    return l->transforms && l->batch_transforms && make_order(l, o) && make_slots(l, o);
}

cd_loader *cd_loader_new_with(cd_loader_options options)
{
    if (!check_options(&options)) return NULL;
    cd_loader *l = cd_object_new(&loader_class, sizeof *l);
    if (!l) return NULL;
    if (fill(l, &options)) return cd_hand(l);
    cd_object_disown(&l->object);
    return NULL;
}

/* --- batches ---------------------------------------------------------------------------------- */

static bool begin_epoch(cd_loader *l)
{
    if (l->begun) return true;
    if (!cd_loader_draw(l)) return false;
    l->begun = true;
    return true;
}

static void end_epoch(cd_loader *l)
{
    cd_loader_drain(l, 0);
    cd_loader_draw_end(l);
    l->begun = false;
}

/* Exchanges the tensors of a slot and those that the caller had. */
static void exchange(cd_loader *l, cd_loader_slot *s)
{
    cd_tensor *x = l->x, *y = l->y;
    l->x = s->x;
    l->y = s->y;
    s->x = x;
    s->y = y;
}

/* Takes the next batch of the epoch, of which there is one. False with its error. */
static bool take_next(cd_loader *l, cd_batch *b)
{
    cd_loader_ahead(l);
    cd_loader_slot *s = &l->slots[l->given % l->slot_count];
    cd_loader_await(l, s);
    const cd_error error = s->error;
    cd_batch batch = s->batch;
    s->state = CD_SLOT_EMPTY;
    l->given++;
    if (error.code == CD_OK) exchange(l, s);
    if (l->crew) cd_loader_ahead(l);
    if (error.code != CD_OK) return cd_fail(error.code, "%s", error.message);
    batch.x = l->x;
    batch.y = l->y;
    *b = batch;
    return true;
}

bool cd_loader_next(cd_loader *l, cd_batch *b)
{
    static const char name[] = "loader_next";
    if (!cd_ok() || !cd_loader_check(l, name)) return false;
    if (!b) return cd_fail(CD_ERR_ARGUMENT, "%s: the batch is NULL", name);
    if (!cd_check_not_captured(name, "the elements come from a data set") || !begin_epoch(l)) {
        return false;
    }
    while (l->given < l->batches) {
        cd_batch next;
        if (!take_next(l, &next)) return false;
        if (next.count == 0) continue;
        *b = next;
        return true;
    }
    end_epoch(l);
    return false;
}

int64_t cd_loader_batches(const cd_loader *l)
{
    return cd_loader_check(l, "loader_batches") ? l->batches : 0;
}

cd_dataset *cd_loader_dataset(const cd_loader *l)
{
    return cd_loader_check(l, "loader_dataset") ? l->dataset : NULL;
}

bool cd_loader_restart(cd_loader *l)
{
    if (!cd_ok() || !cd_loader_check(l, "loader_restart")) return false;
    cd_loader_drain(l, 0);
    l->begun = false;
    return true;
}
