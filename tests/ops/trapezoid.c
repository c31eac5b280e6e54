/* Samples and bad calls of trapezoid: see op_cases.h. */
#define TRAPEZOID cd_trapezoid
#include "ops/trapezoids.h"

const op_cases cases_trapezoid = { samples, misuse };
