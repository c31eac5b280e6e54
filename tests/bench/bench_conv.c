/* Times every convolution of ResNet-18 on images of 224 x 224. Prints milliseconds per image and
 * GFLOP/s of each, forward and backward, and the sum over the network.
 *
 *     build/tests/bench_conv [THREADS] [BATCH] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/cpu/conv_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads.h"

/* The layers. Images and kernels are square, and the padding is half the kernel. `times` is the
 * number of such layers in the network. A stride or `times` of 0 means 1. */
static const struct {
    const char *name;
    int64_t in, out, size, kernel, stride;
    int times;
} layers[] = {
    { .name = "conv1", .in = 3, .out = 64, .size = 224, .kernel = 7, .stride = 2 },
    { .name = "layer1", .in = 64, .out = 64, .size = 56, .kernel = 3, .times = 4 },
    { .name = "layer2.0.conv1", .in = 64, .out = 128, .size = 56, .kernel = 3, .stride = 2 },
    { .name = "layer2.0.downsample", .in = 64, .out = 128, .size = 56, .kernel = 1, .stride = 2 },
    { .name = "layer2", .in = 128, .out = 128, .size = 28, .kernel = 3, .times = 3 },
    { .name = "layer3.0.conv1", .in = 128, .out = 256, .size = 28, .kernel = 3, .stride = 2 },
    { .name = "layer3.0.downsample", .in = 128, .out = 256, .size = 28, .kernel = 1, .stride = 2 },
    { .name = "layer3", .in = 256, .out = 256, .size = 14, .kernel = 3, .times = 3 },
    { .name = "layer4.0.conv1", .in = 256, .out = 512, .size = 14, .kernel = 3, .stride = 2 },
    { .name = "layer4.0.downsample", .in = 256, .out = 512, .size = 14, .kernel = 1, .stride = 2 },
    { .name = "layer4", .in = 512, .out = 512, .size = 7, .kernel = 3, .times = 3 },
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *array(int64_t count)
{
    float *values = cd_alloc((size_t)count * sizeof(float));
    if (!values) exit(cd_report(stderr));
    for (int64_t i = 0; i < count; i++) values[i] = (float)(i % 7) - 3;
    return values;
}

/* The time of one pass in ms per image: the shortest of a few runs, since other programs can only
 * make a run longer. */
static double measure(const cd_conv2d_sizes *conv, cd_conv2d_pass pass)
{
    enum { RUNS = 7 };
    double least = INFINITY;
    float *x = array(conv->images * conv->in_channels * conv->height * conv->width);
    float *weight = array(conv->out_channels * cd_cpu_conv2d_taps(conv));
    float *y = array(conv->images * conv->out_channels * cd_cpu_conv2d_pixels(conv));
    void *workspace = cd_alloc(cd_cpu_conv2d_workspace(conv, pass, CD_F32));
    if (!workspace) exit(cd_report(stderr));
    for (int i = 0; i < RUNS + 1; i++) {
        double start = seconds();
        switch (pass) {
        case CD_CONV2D_FORWARD:
            cd_cpu_conv2d_forward(conv, CD_F32, x, weight, NULL, y, workspace);
            break;
        case CD_CONV2D_GRAD_INPUT:
            cd_cpu_conv2d_grad_input(conv, CD_F32, y, weight, x, workspace);
            break;
        case CD_CONV2D_GRAD_WEIGHT:
            cd_cpu_conv2d_grad_weight(conv, CD_F32, y, x, weight, workspace);
            break;
        }
        if (i > 0) least = fmin(least, (seconds() - start) * 1e3 / (double)conv->images);
    }
    cd_free(x);
    cd_free(weight);
    cd_free(y);
    cd_free(workspace);
    return least;
}

int main(int count, char **arguments)
{
    if (count > 1) cd_set_num_threads(atoi(arguments[1]));
    int64_t batch = count > 2 ? atoi(arguments[2]) : 16;
    double total[3] = { 0 };
    printf("batch %lld, %d threads: ms per image and GFLOP/s of forward, gradient of input, of "
           "weight\n",
           (long long)batch, cd_num_threads());
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        const int64_t stride = layers[i].stride ? layers[i].stride : 1;
        const int times = layers[i].times ? layers[i].times : 1;
        cd_conv2d_sizes conv = {
            .images = batch,
            .in_channels = layers[i].in,
            .out_channels = layers[i].out,
            .height = layers[i].size,
            .width = layers[i].size,
            .kernel_h = layers[i].kernel,
            .kernel_w = layers[i].kernel,
            .stride_h = stride,
            .stride_w = stride,
            .padding_h = layers[i].kernel / 2,
            .padding_w = layers[i].kernel / 2,
            .dilation_h = 1,
            .dilation_w = 1,
            .groups = 1,
        };
        if (cd_conv2d_sizes_complete(&conv)) return 1;
        double mflop = 2e-6 * (double)(conv.out_channels * cd_cpu_conv2d_taps(&conv)) *
                       (double)cd_cpu_conv2d_pixels(&conv);
        printf("%d x %-20s", times, layers[i].name);
        for (int pass = CD_CONV2D_FORWARD; pass <= CD_CONV2D_GRAD_WEIGHT; pass++) {
            double ms = measure(&conv, (cd_conv2d_pass)pass);
            total[pass] += ms * times;
            printf("  %7.3f %6.1f", ms, mflop / ms);
        }
        printf("\n");
    }
    printf("%-24s  %7.3f         %7.3f         %7.3f\n", "all", total[0], total[1], total[2]);
    return cd_report(stderr);
}
