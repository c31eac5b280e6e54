/* cd_random_split: random_split of torch.utils.data, with its numbers. */
#include <math.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "io/dataset_internal.h"
#include "io/dataset_make.h"

static const char function[] = "random_split";

static bool check_options(const cd_random_split_options *o)
{
    if (!cd_ok() || !cd_dataset_check(o->dataset, function)) return false;
    if (!o->parts || o->count < 1) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %lld parts, and the list for them is %s", function,
                       (long long)o->count, o->parts ? "given" : "NULL");
    }
    return !o->lengths != !o->fractions ||
           cd_fail(CD_ERR_ARGUMENT, "%s: %s: one is right, %lld numbers", function,
                   o->lengths ? "both .lengths and .fractions are given"
                              : "neither .lengths nor .fractions are given",
                   (long long)o->count);
}

/* The lengths as they are given. */
static bool take_lengths(const cd_random_split_options *o, int64_t *lengths)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < o->count; i++) {
        lengths[i] = o->lengths[i];
        if (lengths[i] < 0 || !cd_checked_add_i64(sum, lengths[i], &sum)) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: length %lld is %lld", function, (long long)i,
                           (long long)lengths[i]);
        }
    }
    return sum == o->dataset->count ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: the lengths sum to %lld, and the data set has %lld samples", function,
                   (long long)sum, (long long)o->dataset->count);
}

/* The lengths that random_split makes of fractions: floor(n * fraction) each, and what is left goes
 * to the parts in turn. */
static bool measure_lengths(const cd_random_split_options *o, int64_t *lengths)
{
    double sum = 0;
    int64_t n = o->dataset->count, used = 0;
    for (int64_t i = 0; i < o->count; i++) {
        double fraction = o->fractions[i];
        if (!(fraction >= 0 && fraction <= 1)) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: fraction %lld is not between 0 and 1", function,
                           (long long)i);
        }
        sum += fraction;
        lengths[i] = (int64_t)floor((double)n * fraction);
        used += lengths[i];
    }
    if (!(fabs(sum - 1) <= 1e-9) || used > n) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the fractions do not sum to 1", function);
    }
    for (int64_t i = 0; used < n; used++, i++) lengths[i % o->count]++;
    return true;
}

/* Makes the parts from a random order of all samples. */
static bool make_parts(const cd_random_split_options *o, const int64_t *lengths, cd_dataset **parts)
{
    const cd_tensor *order = cd_randperm(o->dataset->count, .generator = o->generator);
    if (!order) return false;
    const int64_t *index = (const int64_t *)(const void *)order->data;
    for (int64_t i = 0; i < o->count; index += lengths[i++]) {
        parts[i] = cd_dataset_subset(o->dataset, index, lengths[i]);
        if (!parts[i]) return false;
        if (lengths[i] == 0) {
            cd_log_line(CD_LOG_WARNING, "%s: part %lld of %s has no samples", function,
                        (long long)i, o->dataset->name);
        }
    }
    return true;
}

bool cd_random_split_with(cd_random_split_options o)
{
    for (int64_t i = 0; o.parts && i < o.count; i++) o.parts[i] = NULL;
    if (!check_options(&o) || !cd_check_not_captured(function, "it draws random numbers")) {
        return false;
    }
    CD_SCOPE();
    int64_t *lengths = cd_alloc_zeroed((size_t)o.count, sizeof *lengths);
    cd_dataset **parts = lengths ? cd_alloc_zeroed((size_t)o.count, sizeof(cd_dataset *)) : NULL;
    bool done = parts && (o.lengths ? take_lengths(&o, lengths) : measure_lengths(&o, lengths)) &&
                make_parts(&o, lengths, parts);
    for (int64_t i = 0; done && i < o.count; i++) done = cd_escape(parts[i]) != NULL;
    for (int64_t i = 0; done && i < o.count; i++) o.parts[i] = parts[i];
    cd_free(parts);
    cd_free(lengths);
    return done;
}
