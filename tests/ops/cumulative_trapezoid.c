/* Samples and bad calls of cumulative_trapezoid: see op_cases.h. */
#define TRAPEZOID cd_cumulative_trapezoid
#include "ops/trapezoids.h"

const op_cases cases_cumulative_trapezoid = { samples, misuse };
