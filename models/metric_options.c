/* The options of metrics: cd_metric_of, and which metric has which. */
#include <math.h>

#include "core/error.h"
#include "models/metric_internal.h"

cd_metric cd_metric_with(cd_metric_options options)
{
    if (!options.metric) {
        (void)cd_fail(CD_ERR_ARGUMENT, "metric_of: the metric is NULL");
        return (cd_metric){ .name = NULL };
    }
    cd_metric m = *options.metric;
    if (options.name) m.name = options.name;
    m.options = options;
    return m;
}

static bool refuse(const cd_metric *m, const char *option)
{
    return cd_fail(CD_ERR_ARGUMENT, "%s: this metric has no option .%s", m->name, option);
}

static bool check_values(const cd_metric *m)
{
    const cd_metric_options *o = &m->options;
    if ((int)o->task < CD_METRIC_AUTO || o->task > CD_METRIC_LABELS) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .task is %d, which is no cd_metric_task", m->name,
                       (int)o->task);
    }
    if ((int)o->average < CD_AVERAGE_DEFAULT || o->average > CD_AVERAGE_WEIGHTED) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .average is %d, which is no cd_average", m->name,
                       (int)o->average);
    }
    if (!(o->threshold >= 0 && o->threshold <= 1)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .threshold is %g, and must be a probability, from 0 to 1", m->name,
                       o->threshold);
    }
    if (!(o->beta >= 0 && isfinite(o->beta))) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .beta is %g, and must be 0 or more", m->name, o->beta);
    }
    if (o->k < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .k is %lld, and must be 1 or more", m->name,
                       (long long)o->k);
    }
    return true;
}

bool cd_metric_check_options(const cd_metric *m, unsigned takes)
{
    const cd_metric_options *o = &m->options;
    if (!(takes & CD_METRIC_TAKES_TASK)) {
        if (o->task) return refuse(m, "task");
        if (o->probabilities) return refuse(m, "probabilities");
        if (o->ignore) return refuse(m, "ignore");
    }
    if (!(takes & CD_METRIC_TAKES_THRESHOLD) && (o->threshold != 0 || signbit(o->threshold))) {
        return refuse(m, "threshold");
    }
    if (!(takes & CD_METRIC_TAKES_AVERAGE) && o->average) return refuse(m, "average");
    if (!(takes & CD_METRIC_TAKES_K) && o->k) return refuse(m, "k");
    if (!(takes & CD_METRIC_TAKES_BETA) && (o->beta != 0 || signbit(o->beta))) {
        return refuse(m, "beta");
    }
    if (!o->ignore && o->ignore_index) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .ignore_index needs .ignore = true", m->name);
    }
    return check_values(m);
}
