/* Group normalisation, by the kernels of batch norm over one channel (batch_norm_kernel.c). The
 * groups of all images are the pieces of the work. */
#include "core/cpu/group_norm_internal.h"

#include <math.h>

#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/dtype_internal.h"
#include "core/threads_internal.h"

/* One call. An array that it does not use is NULL. */
typedef struct task {
    const cd_group_norm_call *norm;
    const cd_batch_norm_kernels *kernels;
    size_t bytes; /* of an element */
    int64_t in_piece;
    const char *x, *dy;
    char *y, *dx;
    void *mean, *rstd;
    double *sums; /* for each image and channel: the sums of dy and of dy (x - mean) */
    void (*function)(const struct task *t, int64_t group);
} task;

/* The parameter of a channel, or its value where there is none. */
static double parameter(const task *t, const void *array, int64_t channel, double none)
{
    return array ? cd_real_at(t->norm->dtype, array, channel) : none;
}

/* Where a plane of x, y, dy or dx begins; planes are the channels of all images. */
static char *plane_of(const task *t, const char *array, int64_t plane)
{
    return (char *)(uintptr_t)array + (size_t)(plane * t->norm->pixels) * t->bytes;
}

static int64_t channels_in_group(const cd_group_norm_call *norm)
{
    return norm->channels / norm->groups;
}

static void normalise_group(const task *t, int64_t group)
{
    const cd_group_norm_call *norm = t->norm;
    const int64_t in_group = channels_in_group(norm), first = group * in_group;
    const cd_batch_norm_channel all = { 1, in_group * norm->pixels, 0 },
                                one = { 1, norm->pixels, 0 };
    const char *x = plane_of(t, t->x, first);
    const double count = (double)all.length, mean = t->kernels->sum(all, x) / count;
    const double rstd = 1 / sqrt(t->kernels->squares(all, x, mean) / count + norm->eps);
    if (t->mean) cd_put_real(norm->dtype, t->mean, group, mean);
    if (t->rstd) cd_put_real(norm->dtype, t->rstd, group, rstd);
    for (int64_t plane = first; plane < first + in_group; plane++) {
        const int64_t channel = plane % norm->channels;
        t->kernels->normalise(one, plane_of(t, t->x, plane), mean,
                              parameter(t, norm->weight, channel, 1) * rstd,
                              parameter(t, norm->bias, channel, 0), plane_of(t, t->y, plane));
    }
}

/* With g = weight dy and n elements in the group,
 *
 *     dx = rstd g - rstd^3 sum(g (x - mean)) / n (x - mean) - rstd sum(g) / n */
static void differentiate_group(const task *t, int64_t group)
{
    const cd_group_norm_call *norm = t->norm;
    const int64_t in_group = channels_in_group(norm), first = group * in_group;
    const cd_batch_norm_channel one = { 1, norm->pixels, 0 };
    const double count = (double)(in_group * norm->pixels);
    const double mean = cd_real_at(norm->dtype, t->mean, group);
    const double rstd = cd_real_at(norm->dtype, t->rstd, group);
    double sum = 0, product = 0;
    for (int64_t plane = first; plane < first + in_group; plane++) {
        double *sums = t->sums + 2 * plane;
        const double weight = parameter(t, norm->weight, plane % norm->channels, 1);
        t->kernels->products(one, plane_of(t, t->dy, plane), plane_of(t, t->x, plane), mean,
                             &sums[0], &sums[1]);
        sum += weight * sums[0];
        product += weight * sums[1];
        sums[1] *= rstd; /* what dweight adds up */
    }
    for (int64_t plane = first; t->dx && plane < first + in_group; plane++) {
        t->kernels->gradient(one, plane_of(t, t->dy, plane), plane_of(t, t->x, plane), mean,
                             parameter(t, norm->weight, plane % norm->channels, 1) * rstd,
                             -rstd * rstd * rstd * product / count, -rstd * sum / count,
                             plane_of(t, t->dx, plane));
    }
}

static void run_piece(int64_t piece, void *context)
{
    const task *t = context;
    const int64_t groups = t->norm->images * t->norm->groups;
    const int64_t end = cd_smaller((piece + 1) * t->in_piece, groups);
    for (int64_t group = piece * t->in_piece; group < end; group++) t->function(t, group);
}

/* A piece is one group, or several small ones that have some 32k elements together. */
static void run(task *t, const cd_group_norm_call *norm)
{
    enum { PIECE = 32768 };
    const int64_t size = channels_in_group(norm) * norm->pixels,
                  groups = norm->images * norm->groups;
    t->norm = norm;
    t->kernels = &cd_cpu_kernels()->batch_norm->channel[norm->dtype];
    t->bytes = cd_dtype_size(norm->dtype);
    t->in_piece = size < PIECE ? PIECE / (size > 0 ? size : 1) : 1;
    cd_parallel((groups + t->in_piece - 1) / t->in_piece, run_piece, t);
}

void cd_cpu_group_norm(const cd_group_norm_call *norm, const void *x, void *y, void *mean,
                       void *rstd)
{
    task t = { .x = x, .y = y, .mean = mean, .rstd = rstd, .function = normalise_group };
    run(&t, norm);
}

/* The sum over all images of sums[k] of each channel. */
static void add_images(const cd_group_norm_call *norm, const double *sums, int k, void *to)
{
    for (int64_t channel = 0; to && channel < norm->channels; channel++) {
        double sum = 0;
        for (int64_t image = 0; image < norm->images; image++) {
            sum += sums[2 * (image * norm->channels + channel) + k];
        }
        cd_put_real(norm->dtype, to, channel, sum);
    }
}

void cd_cpu_group_norm_backward(const cd_group_norm_call *norm, const void *dy, const void *x,
                                const void *mean, const void *rstd, void *dx, void *dweight,
                                void *dbias, double *sums)
{
    task t = { .dy = dy,
               .x = x,
               .mean = (void *)(uintptr_t)mean,
               .rstd = (void *)(uintptr_t)rstd,
               .dx = dx,
               .sums = sums,
               .function = differentiate_group };
    run(&t, norm);
    add_images(norm, sums, 1, dweight);
    add_images(norm, sums, 0, dbias);
}
