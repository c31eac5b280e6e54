/* Steps of optimizers for one instruction set. optim_step.c cuts the elements into pieces. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/optim_step_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/optim_step_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/optim_step_typed.h"

#define ROW(step_) [CD_STEP_##step_] = { CD_CPU_FLOATS(step_) },
const struct cd_cpu_optim_step_table CD_CPU_TABLE(optim_step) = { .run = { CD_STEPS(ROW) } };
