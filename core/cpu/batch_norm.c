/* Batch normalisation: channels are the pieces of the work. batch_norm_channel_typed.h has what
 * happens once for each channel, batch_norm_kernel.c the kernels that run over its elements. */
#include "core/cpu/batch_norm_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/batch_norm_channel_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/batch_norm_channel_typed.h"

typedef cd_batch_norm_function channel_function;
static channel_function *const train[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(train) };
static channel_function *const eval[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(eval) };
static channel_function *const train_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(train_backward) };
static channel_function *const eval_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(eval_backward) };

static void run_piece(int64_t piece, void *context)
{
    const cd_batch_norm_task *t = context;
    int64_t first = piece * t->channels_in_piece, end = first + t->channels_in_piece;
    if (end > t->norm->channels) end = t->norm->channels;
    for (int64_t channel = first; channel < end; channel++) t->function(t, channel);
}

/* A piece is one channel, or several small ones that have some 32k elements together. */
static void run(cd_batch_norm_task *t)
{
    enum { PIECE = 32768 };
    const cd_batch_norm_call *norm = t->norm;
    int64_t count = norm->images * norm->pixels;
    const struct cd_cpu_batch_norm_table *kernels = cd_cpu_kernels()->batch_norm;
    t->kernels = &kernels->channel[norm->dtype];
    t->channels_in_piece = count < PIECE ? PIECE / (count > 0 ? count : 1) : 1;
    cd_parallel((norm->channels + t->channels_in_piece - 1) / t->channels_in_piece, run_piece, t);
}

void cd_cpu_batch_norm_train(const cd_batch_norm_call *norm, const void *x, void *y,
                             void *save_mean, void *save_invstd, void *running_mean,
                             void *running_var, double momentum)
{
    cd_batch_norm_task t = { .norm = norm,
                             .x = x,
                             .y = y,
                             .save_mean = save_mean,
                             .save_invstd = save_invstd,
                             .running_mean = running_mean,
                             .running_var = running_var,
                             .momentum = momentum,
                             .function = train[norm->dtype] };
    run(&t);
}

void cd_cpu_batch_norm_eval(const cd_batch_norm_call *norm, const void *x, const void *running_mean,
                            const void *running_var, void *y)
{
    cd_batch_norm_task t = { .norm = norm,
                             .x = x,
                             .mean = running_mean,
                             .spread = running_var,
                             .y = y,
                             .function = eval[norm->dtype] };
    run(&t);
}

void cd_cpu_batch_norm_train_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                      const void *save_mean, const void *save_invstd, void *dx,
                                      void *dgamma, void *dbeta)
{
    cd_batch_norm_task t = { .norm = norm,
                             .dy = dy,
                             .x = x,
                             .mean = save_mean,
                             .spread = save_invstd,
                             .dx = dx,
                             .dgamma = dgamma,
                             .dbeta = dbeta,
                             .function = train_backward[norm->dtype] };
    run(&t);
}

void cd_cpu_batch_norm_eval_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                     const void *running_mean, const void *running_var, void *dx,
                                     void *dgamma, void *dbeta)
{
    cd_batch_norm_task t = { .norm = norm,
                             .dy = dy,
                             .x = x,
                             .mean = running_mean,
                             .spread = running_var,
                             .dx = dx,
                             .dgamma = dgamma,
                             .dbeta = dbeta,
                             .function = eval_backward[norm->dtype] };
    run(&t);
}
