/* Samples and bad calls of unique_consecutive: see op_cases.h. */
#define DISTINCT cd_unique_consecutive
#include "ops/distinct.h"

const op_cases cases_unique_consecutive = { samples, misuse };
