/* Samples and bad calls of unique: see op_cases.h. */
#define DISTINCT cd_unique
#include "ops/distinct.h"

const op_cases cases_unique = { samples, misuse };
