/* Convolutions: each algorithm and pass against the definition, and the check of sizes. */
#include "kernels.h"

#include "core/cpu/conv_internal.h"
#include "core/memory_internal.h"

/* x is images x channels x height x width, the weight outputs x channels / groups x height x width;
 * strides, paddings and dilations are those of height and width. A row that names none has a stride
 * of 1, no padding, a dilation of 1. `threads`: computed by several numbers of them too. */
typedef struct sample {
    int64_t x[4], weight[4], stride[2], padding[2], dilation[2];
    bool threads;
} sample;

static const sample samples[] = {
    /* kernels of 1 x 1 */
    { .x = { 1, 1, 1, 1 }, .weight = { 1, 1, 1, 1 } },
    { .x = { 2, 3, 5, 7 }, .weight = { 4, 3, 1, 1 } },
    { .x = { 5, 8, 4, 4 }, .weight = { 6, 8, 1, 1 } },
    { .x = { 6, 40, 13, 11 }, .weight = { 30, 40, 1, 1 }, .threads = true },
    { .x = { 2, 4, 6, 6 }, .weight = { 4, 2, 1, 1 } },
    { .x = { 2, 3, 7, 8 }, .weight = { 5, 3, 1, 1 }, .stride = { 2, 2 } },
    { .x = { 2, 3, 7, 8 }, .weight = { 5, 3, 1, 1 }, .stride = { 2, 3 } },
    { .x = { 1, 2, 4, 4 }, .weight = { 2, 2, 1, 1 }, .padding = { 1, 1 } },
    /* 3 x 3, with more and more padding */
    { .x = { 2, 3, 8, 8 }, .weight = { 4, 3, 3, 3 }, .padding = { 1, 1 } },
    { .x = { 2, 3, 8, 8 }, .weight = { 4, 3, 3, 3 } },
    { .x = { 2, 3, 8, 8 }, .weight = { 4, 3, 3, 3 }, .padding = { 2, 2 } },
    { .x = { 1, 2, 5, 5 }, .weight = { 3, 2, 3, 3 }, .padding = { 4, 3 } },
    /* strides */
    { .x = { 2, 3, 9, 8 }, .weight = { 4, 3, 3, 3 }, .stride = { 2, 2 }, .padding = { 1, 1 } },
    { .x = { 2, 3, 9, 8 }, .weight = { 4, 3, 3, 3 }, .stride = { 2, 1 }, .padding = { 1, 0 } },
    { .x = { 2, 3, 9, 8 }, .weight = { 4, 3, 3, 3 }, .stride = { 1, 2 }, .padding = { 0, 1 } },
    { .x = { 2, 3, 9, 8 }, .weight = { 4, 3, 3, 3 }, .stride = { 3, 3 }, .padding = { 1, 1 } },
    { .x = { 1, 2, 11, 12 }, .weight = { 2, 2, 3, 3 }, .stride = { 4, 5 } },
    /* dilations */
    { .x = { 2, 2, 9, 9 }, .weight = { 3, 2, 3, 3 }, .padding = { 2, 2 }, .dilation = { 2, 2 } },
    { .x = { 2, 2, 9, 9 }, .weight = { 3, 2, 3, 3 }, .dilation = { 3, 2 } },
    { .x = { 2, 2, 11, 9 },
      .weight = { 3, 2, 3, 3 },
      .stride = { 2, 2 },
      .padding = { 2, 1 },
      .dilation = { 2, 3 } },
    /* groups, and all of it at once */
    { .x = { 2, 4, 7, 7 }, .weight = { 6, 2, 3, 3 }, .padding = { 1, 1 }, .threads = true },
    { .x = { 2, 6, 7, 7 }, .weight = { 6, 1, 3, 3 }, .padding = { 1, 1 } },
    { .x = { 2, 3, 7, 7 }, .weight = { 6, 1, 3, 3 }, .stride = { 2, 2 }, .padding = { 1, 1 } },
    { .x = { 2, 4, 9, 7 },
      .weight = { 4, 2, 3, 2 },
      .stride = { 2, 1 },
      .padding = { 1, 1 },
      .dilation = { 2, 2 } },
    /* kernels of other sizes, up to that of the padded image */
    { .x = { 2, 3, 12, 10 }, .weight = { 4, 3, 5, 3 }, .padding = { 2, 1 } },
    { .x = { 1, 1, 10, 10 }, .weight = { 2, 1, 2, 4 } },
    { .x = { 1, 1, 10, 10 }, .weight = { 2, 1, 2, 4 }, .stride = { 2, 3 }, .padding = { 1, 2 } },
    { .x = { 1, 3, 23, 21 },
      .weight = { 4, 3, 7, 7 },
      .stride = { 2, 2 },
      .padding = { 3, 3 },
      .threads = true },
    { .x = { 3, 1, 28, 28 }, .weight = { 6, 1, 5, 5 }, .padding = { 2, 2 } },
    { .x = { 1, 2, 3, 20 }, .weight = { 2, 2, 3, 5 } },
    { .x = { 1, 2, 1, 9 }, .weight = { 2, 2, 1, 3 }, .padding = { 0, 1 } },
    { .x = { 1, 2, 5, 5 }, .weight = { 2, 2, 5, 5 } },
    { .x = { 2, 2, 6, 5 }, .weight = { 3, 2, 3, 1 }, .padding = { 1, 2 } },
    { .x = { 2, 2, 5, 6 }, .weight = { 3, 2, 1, 3 }, .padding = { 2, 1 } },
    { .x = { 2, 2, 6, 5 }, .weight = { 3, 2, 3, 2 }, .padding = { 3, 2 } },
    { .x = { 2, 2, 5, 6 }, .weight = { 3, 2, 2, 3 }, .padding = { 2, 3 } },
    { .x = { 1, 2, 6, 7 }, .weight = { 2, 2, 2, 2 }, .padding = { 3, 1 }, .dilation = { 3, 1 } },
    { .x = { 1, 2, 6, 7 }, .weight = { 2, 2, 2, 2 }, .padding = { 1, 3 }, .dilation = { 3, 1 } },
    { .x = { 1, 2, 2, 2 }, .weight = { 2, 2, 5, 5 }, .stride = { 3, 3 }, .padding = { 2, 2 } },
    /* a stride to which not even the padding can be added */
    { .x = { 1, 2, 5, 4 },
      .weight = { 3, 2, 3, 1 },
      .stride = { INT64_MAX, INT64_MAX },
      .padding = { 2, 3 } },
    /* more images or channels than one piece of the work takes */
    { .x = { 17, 2, 6, 6 }, .weight = { 3, 2, 3, 3 }, .padding = { 1, 1 }, .threads = true },
    { .x = { 9, 16, 14, 14 }, .weight = { 20, 16, 3, 3 }, .padding = { 1, 1 }, .threads = true },
    { .x = { 1, 32, 28, 20 }, .weight = { 40, 32, 3, 3 }, .padding = { 1, 1 }, .threads = true },
    { .x = { 19, 16, 14, 14 },
      .weight = { 20, 16, 3, 3 },
      .stride = { 2, 2 },
      .padding = { 1, 1 },
      .threads = true },
    { .x = { 3, 16, 30, 14 },
      .weight = { 20, 8, 3, 3 },
      .stride = { 2, 2 },
      .padding = { 1, 1 },
      .threads = true },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static int64_t or_one(int64_t value)
{
    return value ? value : 1;
}

static cd_conv2d_sizes conv_of(const sample *s)
{
    return (cd_conv2d_sizes){ .images = s->x[0],
                              .in_channels = s->x[1],
                              .height = s->x[2],
                              .width = s->x[3],
                              .out_channels = s->weight[0],
                              .groups = s->x[1] / s->weight[1],
                              .kernel_h = s->weight[2],
                              .kernel_w = s->weight[3],
                              .stride_h = or_one(s->stride[0]),
                              .stride_w = or_one(s->stride[1]),
                              .padding_h = s->padding[0],
                              .padding_w = s->padding[1],
                              .dilation_h = or_one(s->dilation[0]),
                              .dilation_w = or_one(s->dilation[1]) };
}

/* The arrays of one convolution. Whole numbers from -3 to 3, so that every order of summation is
 * exact, or noise. */
typedef struct {
    cd_conv2d_sizes conv;
    cd_dtype dtype;
    int64_t x_count, weight_count, y_count;
    void *x, *weight, *bias, *dy;
} problem;

static void *numbers(cd_dtype dtype, int64_t count, bool whole)
{
    static uint32_t state;
    void *array = cd_alloc((size_t)count * cd_dtype_size(dtype));
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        double uniform = (double)(state >> 8) / 16777216.0;
        set_element(array, dtype, i, whole ? floor(uniform * 7) - 3 : uniform - 0.5);
    }
    return array;
}

static problem make(cd_conv2d_sizes conv, cd_dtype dtype, bool whole)
{
    problem p = { .conv = conv, .dtype = dtype };
    const char *wrong = cd_conv2d_sizes_complete(&p.conv);
    assert_that(!wrong, "%s", wrong);
    const cd_conv2d_sizes *c = &p.conv;
    p.x_count = c->images * c->in_channels * c->height * c->width;
    p.weight_count = c->out_channels * cd_cpu_conv2d_taps(c);
    p.y_count = c->images * c->out_channels * cd_cpu_conv2d_pixels(c);
    p.x = numbers(dtype, p.x_count, whole);
    p.weight = numbers(dtype, p.weight_count, whole);
    p.bias = numbers(dtype, c->out_channels, whole);
    p.dy = numbers(dtype, p.y_count, whole);
    return p;
}

static void end(problem *p)
{
    cd_free(p->x);
    cd_free(p->weight);
    cd_free(p->bias);
    cd_free(p->dy);
}

/* Called for each product of the definition, that is for each image n, output channel o, pixel (i,
 * j), channel c of o's group and tap (p, q) inside the image, with the indices of its elements in
 * y, x and weight. */
typedef void visit(double *out, const problem *p, int64_t y, int64_t x, int64_t weight);

static void visit_taps(visit *function, double *out, const problem *p, int64_t n, int64_t o,
                       int64_t i, int64_t j)
{
    const cd_conv2d_sizes *v = &p->conv;
    int64_t channels = v->in_channels / v->groups, group = o / (v->out_channels / v->groups);
    int64_t y = ((n * v->out_channels + o) * v->out_h + i) * v->out_w + j;
    for (int64_t c = 0; c < channels; c++) {
        for (int64_t kh = 0; kh < v->kernel_h; kh++) {
            for (int64_t kw = 0; kw < v->kernel_w; kw++) {
                int64_t h = i * v->stride_h - v->padding_h + kh * v->dilation_h;
                int64_t w = j * v->stride_w - v->padding_w + kw * v->dilation_w;
                if (h < 0 || h >= v->height || w < 0 || w >= v->width) continue;
                int64_t channel = n * v->in_channels + group * channels + c;
                function(out, p, y, (channel * v->height + h) * v->width + w,
                         ((o * channels + c) * v->kernel_h + kh) * v->kernel_w + kw);
            }
        }
    }
}

static void visit_all(visit *function, double *out, const problem *p)
{
    for (int64_t n = 0; n < p->conv.images; n++) {
        for (int64_t o = 0; o < p->conv.out_channels; o++) {
            for (int64_t i = 0; i < p->conv.out_h; i++) {
                for (int64_t j = 0; j < p->conv.out_w; j++) {
                    visit_taps(function, out, p, n, o, i, j);
                }
            }
        }
    }
}

static void to_y(double *out, const problem *p, int64_t y, int64_t x, int64_t weight)
{
    out[y] += get_element(p->x, p->dtype, x) * get_element(p->weight, p->dtype, weight);
}

static void to_x(double *out, const problem *p, int64_t y, int64_t x, int64_t weight)
{
    out[x] += get_element(p->dy, p->dtype, y) * get_element(p->weight, p->dtype, weight);
}

static void to_weight(double *out, const problem *p, int64_t y, int64_t x, int64_t weight)
{
    out[weight] += get_element(p->dy, p->dtype, y) * get_element(p->x, p->dtype, x);
}

static int64_t out_count(const problem *p, cd_conv2d_pass pass)
{
    return pass == CD_CONV2D_FORWARD      ? p->y_count
           : pass == CD_CONV2D_GRAD_INPUT ? p->x_count
                                          : p->weight_count;
}

static double *reference(const problem *p, cd_conv2d_pass pass, bool biased)
{
    static visit *const to[] = { to_y, to_x, to_weight };
    double *out = cd_alloc_zeroed((size_t)out_count(p, pass), sizeof(double));
    visit_all(to[pass], out, p);
    for (int64_t i = 0; biased && i < p->y_count; i++) {
        out[i] += get_element(p->bias, p->dtype,
                              i / cd_cpu_conv2d_pixels(&p->conv) % p->conv.out_channels);
    }
    return out;
}

enum { PICKED = -1 }; /* instead of an algorithm: the public function */

static size_t workspace_bytes(const problem *p, cd_conv2d_pass pass, int algorithm)
{
    if (algorithm == PICKED) return cd_cpu_conv2d_workspace(&p->conv, pass, p->dtype);
    return cd_cpu_conv2d_method_of((cd_conv2d_algorithm)algorithm)
        ->workspace(&p->conv, pass, p->dtype);
}

static void call(const problem *p, cd_conv2d_pass pass, int algorithm, bool biased, void *out,
                 void *workspace)
{
    const cd_conv2d_sizes *c = &p->conv;
    const void *bias = biased ? p->bias : NULL;
    if (algorithm == PICKED) {
        switch (pass) {
        case CD_CONV2D_FORWARD:
            cd_cpu_conv2d_forward(c, p->dtype, p->x, p->weight, bias, out, workspace);
            return;
        case CD_CONV2D_GRAD_INPUT:
            cd_cpu_conv2d_grad_input(c, p->dtype, p->dy, p->weight, out, workspace);
            return;
        case CD_CONV2D_GRAD_WEIGHT:
            cd_cpu_conv2d_grad_weight(c, p->dtype, p->dy, p->x, out, workspace);
            return;
        }
    }
    const cd_conv2d_method *method = cd_cpu_conv2d_method_of((cd_conv2d_algorithm)algorithm);
    switch (pass) {
    case CD_CONV2D_FORWARD:
        method->forward(c, p->dtype, p->x, p->weight, false, out, workspace);
        return;
    case CD_CONV2D_GRAD_INPUT:
        method->grad_input(c, p->dtype, p->dy, p->weight, out, workspace);
        return;
    case CD_CONV2D_GRAD_WEIGHT:
        method->grad_weight(c, p->dtype, p->dy, p->x, out, workspace);
        return;
    }
}

/* The output, which the caller frees. Before the call it is filled with NaN, which a kernel must
 * not read, and the bytes behind the workspace with a guard. */
static void *run(const problem *p, cd_conv2d_pass pass, int algorithm, bool biased)
{
    enum { GUARD = 64 };
    size_t bytes = workspace_bytes(p, pass, algorithm);
    assert_true(bytes != SIZE_MAX);
    int64_t count = out_count(p, pass);
    void *out = cd_alloc((size_t)count * cd_dtype_size(p->dtype));
    const double unread = cd_dtype_is_floating(p->dtype) ? NAN : 77;
    for (int64_t i = 0; i < count; i++) set_element(out, p->dtype, i, unread);
    char *workspace = cd_alloc(bytes + GUARD);
    memset(workspace, 0xff, bytes + GUARD); /* NaN too */
    call(p, pass, algorithm, biased, out, workspace);
    for (int i = 0; i < GUARD; i++)
        assert_int_equal((unsigned char)workspace[bytes + (size_t)i], 0xff);
    cd_free(workspace);
    return out;
}

static void check_sample(int index, cd_dtype dtype, cd_conv2d_pass pass, int algorithm, bool biased)
{
    problem p = make(conv_of(&samples[index]), dtype, true);
    if (algorithm == PICKED || cd_cpu_conv2d_can((cd_conv2d_algorithm)algorithm, &p.conv, pass)) {
        double *expected = reference(&p, pass, biased);
        void *actual = run(&p, pass, algorithm, biased);
        for (int64_t i = 0; i < out_count(&p, pass); i++) {
            assert_that(get_element(actual, dtype, i) == expected[i],
                        "sample %d, %s, pass %d, algorithm %d: element %lld is %g, expected %g",
                        index, cd_dtype_name(dtype), pass, algorithm, (long long)i,
                        get_element(actual, dtype, i), expected[i]);
        }
        cd_free(expected);
        cd_free(actual);
    }
    end(&p);
}

static void check_pass(cd_conv2d_pass pass)
{
    for (int i = 0; i < SAMPLES; i++) {
        for (int algorithm = PICKED; algorithm <= CD_CONV2D_COLUMNS; algorithm++) {
            check_sample(i, CD_F32, pass, algorithm, false);
            check_sample(i, CD_F64, pass, algorithm, false);
            if (pass == CD_CONV2D_GRAD_WEIGHT || algorithm == CD_CONV2D_IMPLICIT) continue;
            check_sample(i, CD_I64, pass, algorithm, false);
            check_sample(i, CD_I32, pass, algorithm, false);
        }
    }
}

static void forward_is_the_definition(void **state)
{
    (void)state;
    check_pass(CD_CONV2D_FORWARD);
}

static void gradient_of_the_input_is_the_definition(void **state)
{
    (void)state;
    check_pass(CD_CONV2D_GRAD_INPUT);
}

static void gradient_of_the_weight_is_the_definition(void **state)
{
    (void)state;
    check_pass(CD_CONV2D_GRAD_WEIGHT);
}

static void bias_is_added(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        check_sample(i, CD_F32, CD_CONV2D_FORWARD, PICKED, true);
        check_sample(i, CD_F64, CD_CONV2D_FORWARD, PICKED, true);
    }
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    int before = cd_num_threads();
    for (int i = 0; i < SAMPLES; i++) {
        if (!samples[i].threads) continue;
        problem p = make(conv_of(&samples[i]), CD_F32, false);
        for (int pass = CD_CONV2D_FORWARD; pass <= CD_CONV2D_GRAD_WEIGHT; pass++) {
            cd_set_num_threads(1);
            size_t bytes = (size_t)out_count(&p, (cd_conv2d_pass)pass) * sizeof(float);
            void *first = run(&p, (cd_conv2d_pass)pass, PICKED, true);
            for (int t = 0; t < 4; t++) {
                cd_set_num_threads((int[]){ 2, 3, 4, 8 }[t]);
                void *again = run(&p, (cd_conv2d_pass)pass, PICKED, true);
                assert_memory_equal(again, first, bytes);
                cd_free(again);
            }
            cd_free(first);
        }
        end(&p);
    }
    cd_set_num_threads(before);
}

/* NaN reaches exactly the outputs whose windows have it. 0 * Inf is NaN where a weight of 0 meets
 * an Inf in the image, but padding does not meet the weights. */
static void nan_and_infinity_propagate(void **state)
{
    (void)state;
    const cd_conv2d_sizes conv =
        conv_of(&(sample){ .x = { 1, 1, 5, 5 }, .weight = { 1, 1, 3, 3 }, .padding = { 1, 1 } });
    problem p = make(conv, CD_F32, true);
    for (int i = 0; i < 25; i++) ((float *)p.x)[i] = 1;
    for (int i = 0; i < 9; i++) ((float *)p.weight)[i] = 1;
    ((float *)p.weight)[4] = 0; /* the middle one */
    ((float *)p.x)[0] = INFINITY;
    ((float *)p.x)[24] = NAN;
    float *y = run(&p, CD_CONV2D_FORWARD, PICKED, false);
    assert_true(isnan(y[0])); /* 0 * Inf */
    assert_true(isinf(y[1]) && isinf(y[5]) && isinf(y[6]));
    assert_true(isnan(y[24]) && isnan(y[23]) && isnan(y[19]) && isnan(y[18]));
    assert_close((double)y[12], 8, 0, 0);
    assert_close((double)y[4], 3, 0, 0);
    cd_free(y);
    end(&p);
}

/* A weight that is not finite reaches exactly the pixels that it multiplies, not those at the
 * border where its output would lie outside. */
static void special_weights_reach_their_pixels_only(void **state)
{
    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        for (int k = 0; k < 4; k++) {
            problem p = make(conv_of(&samples[i]), k < 2 ? CD_F32 : CD_F64, true);
            const double special = k % 2 ? (double)NAN : (double)INFINITY;
            set_element(p.weight, p.dtype, p.weight_count - 1, special);
            set_element(p.weight, p.dtype, 0, special);
            double *expected = reference(&p, CD_CONV2D_GRAD_INPUT, false);
            void *actual = run(&p, CD_CONV2D_GRAD_INPUT, PICKED, false);
            for (int64_t e = 0; e < p.x_count; e++) {
                const double is = get_element(actual, p.dtype, e);
                assert_that(is == expected[e] || (isnan(is) && isnan(expected[e])),
                            "sample %d, weights of %g: element %lld is %g, expected %g", i, special,
                            (long long)e, is, expected[e]);
            }
            cd_free(expected);
            cd_free(actual);
            end(&p);
        }
    }
}

static void no_images_give_zero_gradients(void **state)
{
    (void)state;
    for (int i = 1; i < SAMPLES; i += 5) {
        cd_conv2d_sizes conv = conv_of(&samples[i]);
        conv.images = 0;
        problem p = make(conv, CD_F32, true);
        float *dweight = run(&p, CD_CONV2D_GRAD_WEIGHT, PICKED, false);
        for (int64_t j = 0; j < p.weight_count; j++) assert_close((double)dweight[j], 0, 0, 0);
        cd_free(dweight);
        cd_free(run(&p, CD_CONV2D_FORWARD, PICKED, true));
        cd_free(run(&p, CD_CONV2D_GRAD_INPUT, PICKED, false));
        end(&p);
    }
}

static cd_conv2d_sizes usual(void)
{
    return conv_of(&(sample){ .x = { 1, 4, 10, 12 }, .weight = { 6, 4, 3, 3 } });
}

static void assert_wrong(cd_conv2d_sizes conv, const char *words)
{
    const char *wrong = cd_conv2d_sizes_complete(&conv);
    assert_that(wrong && strstr(wrong, words), "said \"%s\", expected \"%s\"", wrong ? wrong : "",
                words);
    assert_int_equal(conv.out_h, 0);
}

static void impossible_sizes_are_told(void **state)
{
    (void)state;
    cd_conv2d_sizes c = usual();
    assert_null(cd_conv2d_sizes_complete(&c));
    assert_int_equal(c.out_h, 8);
    assert_int_equal(c.out_w, 10);
    assert_wrong((c = usual(), c.stride_w = 0, c), "stride");
    assert_wrong((c = usual(), c.padding_h = -1, c), "padding");
    assert_wrong((c = usual(), c.dilation_h = 0, c), "dilation");
    assert_wrong((c = usual(), c.groups = 0, c), "groups");
    assert_wrong((c = usual(), c.groups = 3, c), "input channels");
    assert_wrong((c = usual(), c.groups = 4, c), "output channels");
    assert_wrong((c = usual(), c.kernel_h = 0, c), "kernel");
    assert_wrong((c = usual(), c.kernel_h = 11, c), "larger than the padded input");
    assert_wrong((c = usual(), c.dilation_w = 6, c), "larger than the padded input");
    assert_wrong((c = usual(), c.images = -1, c), "negative");
}

static void sizes_that_overflow_are_told(void **state)
{
    (void)state;
    cd_conv2d_sizes c = usual();
    assert_wrong((c = usual(), c.padding_h = INT64_MAX, c), "too large");
    assert_wrong((c = usual(), c.padding_w = INT64_MAX / 2 - 3, c), "too large");
    assert_wrong((c = usual(), c.dilation_w = INT64_MAX / 2 + 2, c), "too large");
    assert_wrong((c = usual(), c.images = INT64_MAX / 100, c), "too large");
    assert_wrong((c = usual(), c.out_channels = INT64_MAX / 100, c), "too large");
    assert_wrong((c = usual(), c.height = c.width = (int64_t)1 << 31, c), "too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(forward_is_the_definition),
        TEST(gradient_of_the_input_is_the_definition),
        TEST(gradient_of_the_weight_is_the_definition),
        TEST(bias_is_added),
        TEST(threads_do_not_change_bits),
        TEST(nan_and_infinity_propagate),
        TEST(special_weights_reach_their_pixels_only),
        TEST(no_images_give_zero_gradients),
        TEST(impossible_sizes_are_told),
        TEST(sizes_that_overflow_are_told),
    };
    return RUN(tests);
}
