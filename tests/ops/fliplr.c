/* Samples and bad calls of fliplr: see op_cases.h. */
#define FLIP    cd_fliplr
#define LEAST   "2"
#define SMALLER CD_SHAPE(3)
#include "ops/flips.h"

const op_cases cases_fliplr = { samples, misuse };
