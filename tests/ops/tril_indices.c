/* Samples and bad calls of tril_indices: see op_cases.h. */
#define INDICES cd_tril_indices
#include "ops/triangle_indices.h"

const op_cases cases_tril_indices = { samples, misuse };
