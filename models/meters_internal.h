/* The meters of a list of metrics, which cd_fit and cd_evaluate update together. */
#ifndef CANDELA_MODELS_METERS_INTERNAL_H
#define CANDELA_MODELS_METERS_INTERNAL_H

#include "models/metric.h"

typedef struct cd_meters {
    cd_meter **meter; /* owned: the list, and the meters by cd_keep */
    int count;
} cd_meters;

/* Makes a meter of each metric. False with an error, in which `function` is named; cd_meters_end is
 * needed all the same. */
bool cd_meters_begin(cd_meters *m, const cd_metric *const *metrics, int count,
                     const char *function);
/* Adds a batch to all meters. */
bool cd_meters_update(cd_meters *m, cd_tensor *output, cd_tensor *target);
/* Writes the value of each meter. */
bool cd_meters_values(cd_meters *m, double *values);
bool cd_meters_reset(cd_meters *m);
/* Allowed on a zeroed struct. */
void cd_meters_end(cd_meters *m);

#endif
