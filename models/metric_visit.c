/* Saving the state of a metric and setting it: cd_metric_visit of models/metric.h. */
#include <string.h>

#include "autograd/create.h"
#include "core/error.h"
#include "core/scope.h"
#include "core/text_internal.h"
#include "io/tensor_file_internal.h"
#include "models/metric_internal.h"

enum { NAME_BYTES = 160 };
static const int64_t most = INT64_C(1) << 53;

/* Writes the whole name of what the metric calls `name`. */
static bool full_name(const cd_metric_visitor *v, const char *name, char full[NAME_BYTES])
{
    if (!cd_ok()) return false;
    if (!name || !*name) return cd_fail(CD_ERR_ARGUMENT, "metric_visit: the name is NULL or empty");
    const int size = cd_format(full, NAME_BYTES, "%s%s", v->prefix, name);
    return (size > 0 && size < NAME_BYTES) ||
           cd_fail(CD_ERR_ARGUMENT, "metric_visit: the name \"%.40s\" is too long", name);
}

static const cd_archive_entry *find(const cd_metric_visitor *v, const char *full)
{
    const cd_archive *archive = cd_tensor_file_archive(v->from, "metric_visit");
    const cd_archive_entry *e = archive ? cd_archive_find(archive, full) : NULL;
    if (!e && cd_ok()) {
        (void)cd_fail(CD_ERR_FORMAT, "%s has no \"%s\", which a state of the metric %s consists of",
                      archive->source.label, full, v->metric);
    }
    return e;
}

/* Whether the numbers, if they are counts, are from 0 to 2^53. */
static bool check_counts(const cd_metric_visitor *v, const char *name, cd_dtype dtype,
                         const void *numbers, int64_t count)
{
    for (int64_t i = 0; dtype == CD_I64 && i < count; i++) {
        const int64_t n = ((const int64_t *)numbers)[i];
        if (n >= 0 && n <= most) continue;
        return cd_fail(v->from ? CD_ERR_FORMAT : CD_ERR_ARGUMENT,
                       "%s: \"%s\" is %lld, and counts must be from 0 to 2^53", v->metric, name,
                       (long long)n);
    }
    return true;
}

static bool save(const cd_metric_visitor *v, const char *full, cd_dtype dtype, const void *numbers,
                 int64_t count)
{
    if (cd_dict_has(v->to, full)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: its visit has two arrays called \"%s\"", v->metric,
                       full);
    }
    cd_tensor *t = count > 0 ? cd_from_array(numbers, CD_SHAPE(count), .dtype = dtype)
                             : cd_zeros(CD_SHAPE(0), .dtype = dtype);
    return t && cd_dict_set(v->to, full, t);
}

static bool set(const cd_metric_visitor *v, const char *full, cd_dtype dtype, void *numbers,
                int64_t count)
{
    const cd_archive_entry *e = find(v, full);
    if (!e) return false;
    char shape[CD_SHAPE_TEXT];
    if (e->dtype != cd_file_dtype_of(dtype) || e->shape.ndim != 1 || e->shape.dim[0] != count) {
        return cd_fail(CD_ERR_FORMAT,
                       "\"%s\" is %s of %s, and a state of the metric %s has %lld of %s here", full,
                       cd_shape_text(e->shape, shape), cd_file_dtype_name(e->dtype), v->metric,
                       (long long)count, cd_dtype_name(dtype));
    }
    cd_tensor *t = cd_tensor_file_read(v->from, full);
    return t && (count == 0 || cd_read(t, numbers, (size_t)count * cd_dtype_size(dtype)));
}

bool cd_metric_visit(cd_metric_visitor *v, const char *name, cd_dtype dtype, void *numbers,
                     int64_t count)
{
    char full[NAME_BYTES];
    CD_SCOPE();
    if (!full_name(v, name, full)) return false;
    if (dtype != CD_F64 && dtype != CD_I64 && dtype != CD_U8) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "metric_visit: \"%s\" is %s, and must be CD_F64, CD_I64 or "
                       "CD_U8",
                       name, cd_dtype_name(dtype));
    }
    if (count < 0 || (count > 0 && !numbers)) {
        return cd_fail(CD_ERR_ARGUMENT, "metric_visit: \"%s\" has %lld numbers%s", name,
                       (long long)count, count < 0 ? "" : ", which are at NULL");
    }
    if (v->from) {
        return set(v, full, dtype, numbers, count) && check_counts(v, name, dtype, numbers, count);
    }
    return check_counts(v, name, dtype, numbers, count) && save(v, full, dtype, numbers, count);
}

int64_t cd_metric_visit_count(cd_metric_visitor *v, const char *name, int64_t count)
{
    char full[NAME_BYTES];
    if (!full_name(v, name, full)) return -1;
    if (!v->from) return count;
    const cd_archive_entry *e = find(v, full);
    return !e ? -1 : e->shape.ndim == 1 ? e->shape.dim[0] : 0;
}

bool cd_metric_refuse_state(const cd_metric_visitor *v, const char *why)
{
    return cd_fail(v->from ? CD_ERR_FORMAT : CD_ERR_STATE, "%s: the state cannot be: %s", v->metric,
                   why);
}
