/* Meters: a metric with its state, as an object. models/metric.h. */
#include <math.h>
#include <string.h>

#include "autograd/autograd.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "models/metric_internal.h"

struct cd_meter {
    cd_object object;
    cd_metric metric;
    cd_metric forward; /* for cd_meter_metric */
    void *state;       /* metric.state_bytes bytes; owned */
    bool begun;        /* .begin was called, and .end must be */
    bool broken;       /* .begin failed: the state is unusable until the next reset */
};

/* --- states ----------------------------------------------------------------------------------- */

static void end_state(cd_meter *m)
{
    if (m->begun && m->metric.end) m->metric.end(&m->metric, m->state);
    m->begun = false;
}

static bool begin_state(cd_meter *m)
{
    end_state(m);
    memset(m->state, 0, m->metric.state_bytes);
    m->begun = true;
    m->broken = m->metric.begin && !m->metric.begin(&m->metric, m->state);
    if (m->broken && cd_ok()) {
        return cd_fail(CD_ERR_STATE, "%s: its begin returned false without an error",
                       m->metric.name);
    }
    return !m->broken;
}

static void destroy(cd_object *object)
{
    cd_meter *m = (cd_meter *)(void *)object;
    end_state(m);
    cd_free(m->state);
}

static const cd_class meter_class = { CD_KIND_METER, "meter", NULL, destroy };

static bool check_meter(const cd_meter *m, const char *function)
{
    return cd_check_object(m, &meter_class, function, "the meter");
}

/* --- the meter as a metric -------------------------------------------------------------------- */

static bool forward_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_meter_reset(m->context);
}

static bool forward_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)state;
    return cd_meter_update(m->context, output, target);
}

static double forward_value(const cd_metric *m, void *state)
{
    (void)state;
    return cd_meter_value(m->context);
}

static bool forward_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    (void)state;
    return cd_meter_visit(m->context, v);
}

const cd_metric *cd_meter_metric(cd_meter *m)
{
    return check_meter(m, "meter_metric") ? &m->forward : NULL;
}

/* --- meters ----------------------------------------------------------------------------------- */

static bool check_metric(const cd_metric *metric)
{
    if (!metric) {
        return cd_ok() ? cd_fail(CD_ERR_ARGUMENT, "meter_new: the metric is NULL") : false;
    }
    return (metric->name && metric->update && metric->value) ||
           cd_fail(CD_ERR_ARGUMENT, "meter_new: the metric %s has no %s",
                   metric->name ? metric->name : "",
                   !metric->name     ? "name"
                   : !metric->update ? "update"
                                     : "value");
}

cd_meter *cd_meter_new(const cd_metric *metric)
{
    if (!cd_ok() || !check_metric(metric)) return NULL;
    cd_meter *m = cd_object_new(&meter_class, sizeof *m);
    if (!m) return NULL;
    m->metric = *metric;
    m->forward = (cd_metric){ .name = metric->name,
                              .lower_is_better = metric->lower_is_better,
                              .begin = forward_begin,
                              .update = forward_update,
                              .value = forward_value,
                              .visit = metric->visit ? forward_visit : NULL,
                              .context = m };
    m->state = cd_alloc(metric->state_bytes);
    if (m->state && begin_state(m)) return cd_hand(m);
    cd_object_disown(&m->object);
    return NULL;
}

bool cd_meter_update(cd_meter *m, cd_tensor *output, cd_tensor *target)
{
    if (!cd_ok() || !check_meter(m, "meter_update") ||
        !cd_check_tensor(output, m->metric.name, "the output") ||
        !cd_check_tensor(target, m->metric.name, "the target") ||
        !cd_check_not_captured(m->metric.name, "it reads elements")) {
        return false;
    }
    if (m->broken) return cd_fail(CD_ERR_STATE, "%s: the last reset failed", m->metric.name);
    CD_SCOPE();
    CD_NO_GRAD();
    if (!cd_ok()) return false;
    if (m->metric.update(&m->metric, m->state, output, target)) return cd_ok();
    return cd_fail(CD_ERR_STATE, "%s: its update returned false without an error", m->metric.name);
}

double cd_meter_value(cd_meter *m)
{
    if (!cd_ok() || !check_meter(m, "meter_value")) return (double)NAN;
    if (m->broken) {
        (void)cd_fail(CD_ERR_STATE, "%s: the last reset failed", m->metric.name);
        return (double)NAN;
    }
    CD_SCOPE();
    CD_NO_GRAD();
    double value = cd_ok() ? m->metric.value(&m->metric, m->state) : (double)NAN;
    return cd_ok() ? value : (double)NAN;
}

bool cd_meter_reset(cd_meter *m)
{
    return cd_ok() && check_meter(m, "meter_reset") && begin_state(m);
}

double cd_measure(const cd_metric *metric, cd_tensor *output, cd_tensor *target)
{
    CD_SCOPE();
    cd_meter *m = cd_meter_new(metric);
    return m && cd_meter_update(m, output, target) ? cd_meter_value(m) : (double)NAN;
}

bool cd_meter_has_visit(const cd_meter *m)
{
    return m->metric.visit != NULL;
}

bool cd_meter_visit(cd_meter *m, cd_metric_visitor *v)
{
    if (!cd_ok() || !check_meter(m, "meter_visit") || (v->from && !begin_state(m))) return false;
    if (m->broken) return cd_fail(CD_ERR_STATE, "%s: the last reset failed", m->metric.name);
    CD_SCOPE();
    CD_NO_GRAD();
    if (!cd_ok()) return false;
    if (m->metric.visit(&m->metric, m->state, v) && cd_ok()) return true;
    if (v->from) m->broken = true;
    return cd_fail(CD_ERR_STATE, "%s: its visit returned false without an error", m->metric.name);
}

const void *cd_meter_state(const cd_meter *m,
                           bool (*update)(const cd_metric *, void *, cd_tensor *, cd_tensor *),
                           const char *function, const char *takes)
{
    if (!check_meter(m, function)) return NULL;
    if (m->metric.update == update && !m->broken) return m->state;
    (void)cd_fail(CD_ERR_ARGUMENT, "%s: this is a meter of %s, and must be one of %s", function,
                  m->metric.name, takes);
    return NULL;
}
