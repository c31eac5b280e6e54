/* Looks for NaN, infinity and negative variances in tensors and outputs. */
#include "apps/finite.h"

#include <math.h>
#include <string.h>

bool find_not_finite(cd_tensor *outputs, bool *all_finite, int64_t *row)
{
    const float *value = cd_data(outputs);
    if (!value) return false;
    int64_t count = cd_numel(outputs), width = count ? count / cd_size(outputs, 0) : 0, i = 0;
    while (i < count && isfinite(value[i])) i++;
    *all_finite = i == count;
    if (!*all_finite) *row = i / width;
    return true;
}

static const char *number_name(float value)
{
    return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

static bool is_variance(const char *name)
{
    static const char ending[] = "running_var";
    size_t length = strlen(name);
    return length >= sizeof ending - 1 && strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

/* Looks at floating point alone: other tensors are counters (num_batches_tracked). A number that is
 * too large for float32 counts as infinite, for outputs are float32. */
static bool check_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    const char *file = *(const char *const *)user;
    if (cd_dtype_of(t) != CD_F32 && cd_dtype_of(t) != CD_F64) return true;
    CD_SCOPE();
    CD_NO_GRAD();
    const float *value = cd_data(cd_contiguous(cd_to(t, CD_F32)));
    int64_t count = cd_numel(t), i = 0;
    float least = is_variance(name) ? 0 : -INFINITY;
    if (!value) return false;
    while (i < count && isfinite(value[i]) && value[i] >= least) i++;
    if (i == count) return true;
    if (isfinite(value[i])) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: element %lld of the tensor \"%s\" is %g, and a variance cannot be "
                       "negative: what the model predicts would mean nothing",
                       file, (long long)i, name, (double)value[i]);
    }
    return cd_fail(CD_ERR_FORMAT,
                   "%s: element %lld of the tensor \"%s\" (%lld elements) is %s: what the model "
                   "predicts would mean nothing",
                   file, (long long)i, name, (long long)count, number_name(value[i]));
}

bool check_tensors(cd_module *model, const char *file)
{
    return cd_visit(model, check_tensor, &file);
}

bool fail_not_finite(const char *picture)
{
    return cd_fail(CD_ERR_FORMAT,
                   "%s: the model's outputs for it are nan or infinite, though its tensors are "
                   "finite: what they compute is beyond float32",
                   picture);
}
