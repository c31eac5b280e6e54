/* Makes and updates the meters of meters_internal.h. */
#include "models/meters_internal.h"

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope.h"

static bool check_list(const cd_metric *const *metrics, int count, const char *function)
{
    if (count < 0 || (count > 0) != (metrics != NULL)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .metrics is %s and .metric_count is %d: both must be given, or neither",
                       function, metrics ? "given" : "NULL", count);
    }
    for (int k = 0; k < count; k++) {
        if (!metrics[k]) return cd_fail(CD_ERR_ARGUMENT, "%s: metric %d is NULL", function, k);
    }
    return true;
}

bool cd_meters_begin(cd_meters *m, const cd_metric *const *metrics, int count, const char *function)
{
    *m = (cd_meters){ .count = 0 };
    if (!check_list(metrics, count, function)) return false;
    if (count == 0) return true;
    m->meter = cd_alloc_zeroed((size_t)count, sizeof *m->meter);
    if (!m->meter) return false;
    CD_SCOPE();
    for (int k = 0; k < count; k++) {
        if (!cd_assign(&m->meter[k], cd_meter_new(metrics[k])) || !m->meter[k]) return false;
        m->count++;
    }
    return cd_ok();
}

bool cd_meters_update(cd_meters *m, cd_tensor *output, cd_tensor *target)
{
    for (int k = 0; k < m->count; k++) {
        if (!cd_meter_update(m->meter[k], output, target)) return false;
    }
    return true;
}

bool cd_meters_values(cd_meters *m, double *values)
{
    for (int k = 0; k < m->count; k++) values[k] = cd_meter_value(m->meter[k]);
    return cd_ok();
}

bool cd_meters_reset(cd_meters *m)
{
    for (int k = 0; k < m->count; k++) {
        if (!cd_meter_reset(m->meter[k])) return false;
    }
    return true;
}

void cd_meters_end(cd_meters *m)
{
    for (int k = 0; k < m->count; k++) (void)cd_release(m->meter[k]);
    cd_free(m->meter);
}
