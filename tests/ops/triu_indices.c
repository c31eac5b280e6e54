/* Samples and bad calls of triu_indices: see op_cases.h. */
#define INDICES cd_triu_indices
#include "ops/triangle_indices.h"

const op_cases cases_triu_indices = { samples, misuse };
