/* Batch normalisation: what happens once per channel. */
#include "core/cpu/batch_norm_internal.h"

#include <math.h>

#include "core/cpu/cpu_internal.h"
#include "core/threads_internal.h"

/* One call. What a direction does not use is NULL. */
typedef struct {
    const cd_batch_norm_call *norm;
    const cd_batch_norm_kernels *kernels;
    const void *x, *dy;
    const void *mean, *spread; /* given statistics; spread: invstd in training, var in inference */
    void *y, *save_mean, *save_invstd, *running_mean, *running_var;
    void *dx, *dgamma, *dbeta;
    double momentum;
    int64_t channels_in_piece;
    void (*channel)(const void *task, int64_t channel);
} task;

static double get(cd_dtype dtype, const void *array, int64_t i)
{
    return dtype == CD_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

static void set(cd_dtype dtype, void *array, int64_t i, double value)
{
    if (dtype == CD_F32) {
        ((float *)array)[i] = (float)value;
    } else {
        ((double *)array)[i] = value;
    }
}

static double gamma_of(const cd_batch_norm_call *norm, int64_t channel)
{
    return norm->gamma ? get(norm->dtype, norm->gamma, channel) : 1;
}

static double beta_of(const cd_batch_norm_call *norm, int64_t channel)
{
    return norm->beta ? get(norm->dtype, norm->beta, channel) : 0;
}

static cd_batch_norm_channel places(const cd_batch_norm_call *norm)
{
    return (cd_batch_norm_channel){ norm->images, norm->pixels, norm->channels * norm->pixels };
}

/* The first element of a channel; NULL stays NULL. */
static const void *start(const cd_batch_norm_call *norm, const void *array, int64_t channel)
{
    size_t offset = (size_t)(channel * norm->pixels) * cd_dtype_size(norm->dtype);
    return array ? (const char *)array + offset : NULL;
}

static void *start_of_output(const cd_batch_norm_call *norm, void *array, int64_t channel)
{
    size_t offset = (size_t)(channel * norm->pixels) * cd_dtype_size(norm->dtype);
    return array ? (char *)array + offset : NULL;
}

/* running = (1 - momentum) * running + momentum * value; a running value that is not kept is NULL.
 */
static void move(const task *t, void *running, int64_t channel, double value)
{
    if (!running) return;
    double old = get(t->norm->dtype, running, channel);
    set(t->norm->dtype, running, channel, (1 - t->momentum) * old + t->momentum * value);
}

static void train_channel(const void *context, int64_t channel)
{
    const task *t = context;
    const cd_batch_norm_call *norm = t->norm;
    cd_batch_norm_channel at = places(norm);
    const void *x = start(norm, t->x, channel);
    double count = (double)(norm->images * norm->pixels);
    if (count == 0) { /* as in PyTorch an empty batch moves nothing, and its gradients are 0 */
        set(norm->dtype, t->save_mean, channel, 0);
        set(norm->dtype, t->save_invstd, channel, 0);
        return;
    }
    double mean = t->kernels->sum(at, x) / count;
    double squares = t->kernels->squares(at, x, mean);
    double invstd = 1 / sqrt(squares / count + norm->eps);
    set(norm->dtype, t->save_mean, channel, mean);
    set(norm->dtype, t->save_invstd, channel, invstd);
    move(t, t->running_mean, channel, mean);
    move(t, t->running_var, channel, squares / (count - 1));
    t->kernels->normalise(at, x, mean, gamma_of(norm, channel) * invstd, beta_of(norm, channel),
                          start_of_output(norm, t->y, channel));
}

static void eval_channel(const void *context, int64_t channel)
{
    const task *t = context;
    const cd_batch_norm_call *norm = t->norm;
    double invstd = 1 / sqrt(get(norm->dtype, t->spread, channel) + norm->eps);
    t->kernels->normalise(places(norm), start(norm, t->x, channel),
                          get(norm->dtype, t->mean, channel), gamma_of(norm, channel) * invstd,
                          beta_of(norm, channel), start_of_output(norm, t->y, channel));
}

/* dx of training, sorted by what it multiplies, with P = sum dy * (x - mean) = dgamma / invstd:
 *     dx = a dy  -  a invstd^2 P/count (x - mean)  -  a dbeta/count,        a = gamma * invstd
 * In inference mean and variance are constants, and only the first term is left. */
static void backward_channel(const task *t, int64_t channel, double invstd, bool training)
{
    const cd_batch_norm_call *norm = t->norm;
    cd_batch_norm_channel at = places(norm);
    const void *dy = start(norm, t->dy, channel), *x = start(norm, t->x, channel);
    double mean = get(norm->dtype, t->mean, channel), sum_dy = 0, sum_product = 0;
    if (training || t->dgamma || t->dbeta) {
        t->kernels->products(at, dy, x, mean, &sum_dy, &sum_product);
    }
    if (t->dgamma) set(norm->dtype, t->dgamma, channel, sum_product * invstd);
    if (t->dbeta) set(norm->dtype, t->dbeta, channel, sum_dy);
    if (!t->dx) return;
    void *dx = start_of_output(norm, t->dx, channel);
    double scale = gamma_of(norm, channel) * invstd, count = (double)(norm->images * norm->pixels);
    if (training) {
        t->kernels->gradient(at, dy, x, mean, scale, -scale * invstd * invstd * sum_product / count,
                             -scale * sum_dy / count, dx);
    } else {
        t->kernels->normalise(at, dy, 0, scale, 0, dx);
    }
}

static void train_backward_channel(const void *context, int64_t channel)
{
    const task *t = context;
    backward_channel(t, channel, get(t->norm->dtype, t->spread, channel), true);
}

static void eval_backward_channel(const void *context, int64_t channel)
{
    const task *t = context;
    double var = get(t->norm->dtype, t->spread, channel);
    backward_channel(t, channel, 1 / sqrt(var + t->norm->eps), false);
}

static void run_piece(int64_t piece, void *context)
{
    const task *t = context;
    int64_t first = piece * t->channels_in_piece, end = first + t->channels_in_piece;
    if (end > t->norm->channels) end = t->norm->channels;
    for (int64_t channel = first; channel < end; channel++) t->channel(t, channel);
}

/* Pieces of whole channels, of some 32k elements where a channel is smaller. */
static void run(task *t)
{
    enum { PIECE = 32768 };
    const cd_batch_norm_call *norm = t->norm;
    int64_t count = norm->images * norm->pixels;
    const struct cd_cpu_batch_norm *kernels = cd_cpu_kernels()->batch_norm;
    t->kernels = norm->dtype == CD_F32 ? &kernels->f32 : &kernels->f64;
    t->channels_in_piece = count < PIECE ? PIECE / (count > 0 ? count : 1) : 1;
    cd_parallel((norm->channels + t->channels_in_piece - 1) / t->channels_in_piece, run_piece, t);
}

void cd_cpu_batch_norm_train(const cd_batch_norm_call *norm, const void *x, void *y,
                             void *save_mean, void *save_invstd, void *running_mean,
                             void *running_var, double momentum)
{
    task t = { .norm = norm,
               .x = x,
               .y = y,
               .save_mean = save_mean,
               .save_invstd = save_invstd,
               .running_mean = running_mean,
               .running_var = running_var,
               .momentum = momentum,
               .channel = train_channel };
    run(&t);
}

void cd_cpu_batch_norm_eval(const cd_batch_norm_call *norm, const void *x, const void *running_mean,
                            const void *running_var, void *y)
{
    task t = { .norm = norm,
               .x = x,
               .mean = running_mean,
               .spread = running_var,
               .y = y,
               .channel = eval_channel };
    run(&t);
}

void cd_cpu_batch_norm_train_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                      const void *save_mean, const void *save_invstd, void *dx,
                                      void *dgamma, void *dbeta)
{
    task t = { .norm = norm,
               .dy = dy,
               .x = x,
               .mean = save_mean,
               .spread = save_invstd,
               .dx = dx,
               .dgamma = dgamma,
               .dbeta = dbeta,
               .channel = train_backward_channel };
    run(&t);
}

void cd_cpu_batch_norm_eval_backward(const cd_batch_norm_call *norm, const void *dy, const void *x,
                                     const void *running_mean, const void *running_var, void *dx,
                                     void *dgamma, void *dbeta)
{
    task t = { .norm = norm,
               .dy = dy,
               .x = x,
               .mean = running_mean,
               .spread = running_var,
               .dx = dx,
               .dgamma = dgamma,
               .dbeta = dbeta,
               .channel = eval_backward_channel };
    run(&t);
}
