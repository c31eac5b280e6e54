/* Samples and bad calls of flipud: see op_cases.h. */
#define FLIP    cd_flipud
#define LEAST   "1"
#define SMALLER CD_SCALAR
#include "ops/flips.h"

const op_cases cases_flipud = { samples, misuse };
