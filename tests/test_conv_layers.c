/* Layers of convolutions and of resampling against PyTorch (golden/make_conv_layers.py): initial
 * values, results, gradients, how they are printed, names; and misuse. */
#define GOLDEN_FILE "golden/conv_layers.safetensors"
#include "goldens.h"
#include "modules.h"

#include "core/random.h"
#include "nn/layers.h"

/* --- against PyTorch -------------------------------------------------------------------------- */

static bool write_name(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)t;
    (void)kind;
    return fprintf(user, " %s", name) > 0;
}

/* "NAME: how it is printed: the names of its tensors". */
static void is_described(const char *name, cd_module *m)
{
    char *text = NULL, *printed = NULL;
    size_t size;
    FILE *stream = open_memstream(&printed, &size);
    assert_true(cd_print_module(stream, m));
    fclose(stream);
    stream = open_memstream(&text, &size);
    fprintf(stream, "%s: %.*s:", name, (int)strcspn(printed, "\n"), printed);
    assert_true(cd_visit(m, write_name, stream));
    fprintf(stream, "\n");
    fclose(stream);
    const char *all = cd_tensor_file_text(cd_tensor_file_open(test_path(GOLDEN_FILE)), "layers");
    assert_non_null(all);
    assert_that(strstr(all, text), "%sis not in:\n%s", text, all);
    free(text);
    free(printed);
}

static bool compare_gradient(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    CD_SCOPE();
    assert_int_equal(kind, CD_PARAMETER);
    assert_near(cd_grad(t), golden("%s.d%s", (const char *)user, name), 1e-5, 1e-5);
    return true;
}

/* The module was made with the seed 5 and draws its parameters first: then come the input and the
 * output's gradient. The results agree only if the parameters are PyTorch's too. */
static void agrees(const char *name, cd_module *m, cd_shape shape)
{
    char layer[64];
    (void)snprintf(layer, sizeof layer, "%s", name);
    cd_tensor *x = cd_set_requires_grad(cd_randn(shape), true);
    cd_tensor *y = cd_forward(m, x);
    assert_near(y, golden("%s.y", name), 1e-5, 1e-5);
    assert_true(cd_backward(y, .gradient = cd_randn(cd_shape_of(y))));
    assert_near(cd_grad(x), golden("%s.dx", name), 1e-5, 1e-5);
    assert_true(cd_visit(m, compare_gradient, layer));
    is_described(name, m);
}

/* Sets the seed before the module is made. */
#define AGREES(name_, shape_, ...)                                                                 \
    do {                                                                                           \
        CD_SCOPE();                                                                                \
        cd_manual_seed(5);                                                                         \
        agrees(name_, (__VA_ARGS__), shape_);                                                      \
    } while (0)

static void resampling_agrees_with_pytorch(void **state)
{
    (void)state;
    AGREES("upsample", CD_SHAPE(1, 1, 2, 3),
           cd_nn_upsample(.size = 3, .size_w = 5, .mode = CD_RESAMPLING_BICUBIC,
                          .align_corners = true));
    AGREES("upsample_factor", CD_SHAPE(1, 2, 3),
           cd_nn_upsample(.scale_factor = 1.7, .mode = CD_RESAMPLING_LINEAR,
                          .recompute_scale_factor = true));
    AGREES("upsampling_nearest", CD_SHAPE(1, 1, 2, 2), cd_nn_upsampling_nearest2d(.size = 3));
    AGREES("upsampling_bilinear", CD_SHAPE(1, 1, 2, 3),
           cd_nn_upsampling_bilinear2d(.scale_factor = 1.5));
    AGREES("local_response_norm", CD_SHAPE(1, 4, 2), cd_nn_local_response_norm(3, .alpha = 0.5));
}

static void conv1d_agrees_with_pytorch(void **state)
{
    (void)state;
    AGREES("conv1d", CD_SHAPE(2, 2, 6),
           cd_nn_conv1d(2, 4, 3, .stride = 2, .padding = 1, .groups = 2));
    AGREES("conv1d_same", CD_SHAPE(1, 2, 5),
           cd_nn_conv1d(2, 2, 4, .padding = CD_PADDING_SAME, .padding_mode = CD_PAD_REFLECT));
    AGREES("conv1d_valid", CD_SHAPE(1, 5),
           cd_nn_conv1d(1, 2, 2, .padding = CD_PADDING_VALID, .dilation = 2,
                        .padding_mode = CD_PAD_CIRCULAR));
}

static void conv2d_agrees_with_pytorch(void **state)
{
    (void)state;
    AGREES("conv2d_window", CD_SHAPE(1, 2, 4, 5),
           cd_nn_conv2d(2, 2, 3, .kernel_w = 2, .stride = 1, .stride_w = 2, .padding = 2,
                        .padding_w_is_zero = true, .dilation = 1, .dilation_w = 2,
                        .padding_mode = CD_PAD_CIRCULAR));
    AGREES("conv2d_replicate", CD_SHAPE(1, 1, 3, 2),
           cd_nn_conv2d(1, 2, 3, .padding = 2, .padding_mode = CD_PAD_REPLICATE, .no_bias = true));
    AGREES("conv2d_same", CD_SHAPE(1, 3, 4),
           cd_nn_conv2d(1, 2, 2, .kernel_w = 3, .padding = CD_PADDING_SAME));
    AGREES("conv2d_reflect", CD_SHAPE(1, 1, 3, 4),
           cd_nn_conv2d(1, 1, 3, .padding = 1, .padding_w = 2, .padding_mode = CD_PAD_REFLECT));
    AGREES("conv2d_same_circular", CD_SHAPE(1, 1, 4, 3),
           cd_nn_conv2d(1, 1, 2, .kernel_w = 3, .padding = CD_PADDING_SAME, .dilation = 3,
                        .dilation_w = 1, .padding_mode = CD_PAD_CIRCULAR));
}

static void transposed_convolutions_agree_with_pytorch(void **state)
{
    (void)state;
    AGREES("transpose1d", CD_SHAPE(2, 4, 3),
           cd_nn_conv_transpose1d(4, 2, 3, .stride = 2, .padding = 1, .output_padding = 1,
                                  .groups = 2));
    AGREES("transpose2d", CD_SHAPE(1, 2, 2, 3),
           cd_nn_conv_transpose2d(2, 3, 2, .kernel_w = 3, .stride = 2, .stride_w = 1,
                                  .padding_w = 1, .output_padding = 1,
                                  .output_padding_w_is_zero = true, .dilation = 1,
                                  .dilation_w = 2));
    AGREES("transpose2d_plain", CD_SHAPE(2, 2, 2),
           cd_nn_conv_transpose2d(2, 1, 2, .stride = 2, .no_bias = true));
}

/* --- the other layers ------------------------------------------------------------------------- */

/* The expected texts are str(module) of PyTorch 2.15. */
static void windows_and_shuffles_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_unfold(2), "Unfold(kernel_size=2, dilation=1, padding=0, stride=1)\n");
    prints(cd_nn_unfold(2, .kernel_w = 3, .padding = 1, .stride = 2),
           "Unfold(kernel_size=(2, 3), dilation=1, padding=1, stride=2)\n");
    prints(cd_nn_fold(4, 5, 2, .dilation = 2),
           "Fold(output_size=(4, 5), kernel_size=2, dilation=2, padding=0, stride=1)\n");
    prints(cd_nn_pixel_shuffle(3), "PixelShuffle(upscale_factor=3)\n");
    prints(cd_nn_pixel_unshuffle(3), "PixelUnshuffle(downscale_factor=3)\n");
    prints(cd_nn_channel_shuffle(2), "ChannelShuffle(groups=2)\n");
}

/* On the meta device a layer has shapes, and computes those of its results. */
static void layers_have_shapes_on_meta(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(
        cd_nn_conv2d(3, 8, 3, .stride = 2, .padding = 1, .device = CD_META),
        cd_nn_conv_transpose2d(8, 4, 4, .stride = 2, .padding = 1, .device = CD_META),
        cd_nn_pixel_shuffle(2), cd_nn_unfold(8, .stride = 8));
    cd_tensor *y = cd_forward(m, cd_empty(CD_SHAPE(2, 3, 16, 24), .device = CD_META));
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(2, 64, 24)));
}

/* --- misuse ----------------------------------------------------------------------------------- */

static void wrong_options_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_conv1d(0, 1, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv1d: in_channels is 0, and must be 1 or more");
    assert_null(cd_nn_conv1d(1, 1, 3, .padding = CD_PADDING_SAME, .stride = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv1d: with the padding CD_PADDING_SAME");
    assert_null(cd_nn_conv1d(1, 1, 3, .padding_mode = (cd_pad_mode)4));
    assert_failed_with(
        CD_ERR_ARGUMENT,
        "nn_conv1d: .padding_mode is 4, and must stand for \"zeros\" or \"reflect\"");
    assert_null(cd_nn_conv2d(1, 1, 3, .padding = CD_PADDING_SAME, .stride_w = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d: with the padding CD_PADDING_SAME");
    assert_null(cd_nn_conv2d(1, 1, 3, .padding = 1, .padding_w = 2, .padding_w_is_zero = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d: .padding_w is given");
    assert_null(cd_nn_conv2d(1, 1, 3, .kernel_w = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d: kernel[1] is -1, and must be 1 or more");
    assert_null(cd_nn_conv_transpose1d(3, 4, 3, .groups = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv_transpose1d: 2 groups do not divide 3 and 4");
    assert_null(cd_nn_conv_transpose2d(1, 1, 3, .output_padding = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv_transpose2d: .output_padding is -1");
    assert_null(cd_nn_conv_transpose1d(1, 1, 3, .output_padding = 1));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "nn_conv_transpose1d: .output_padding is 1, and must be smaller than the "
                       "stride (1) or the dilation (1)");
    assert_null(cd_nn_conv_transpose2d(1, 1, 3, .stride = 1, .stride_w = 2, .output_padding = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv_transpose2d: .output_padding is 1");
    assert_null(
        cd_nn_conv_transpose2d(1, 1, 3, .dilation = 3, .dilation_w = 2, .output_padding = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "smaller than the stride (1) or the dilation (2)");
    assert_non_null(cd_nn_conv_transpose1d(1, 1, 3, .dilation = 3, .output_padding = 2));
    assert_null(cd_nn_conv_transpose1d(1, 1, 3, .padding = CD_PADDING_SAME));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv_transpose1d: .padding must be a number");
    assert_null(cd_nn_conv_transpose2d(1, 1, 3, .padding = 1, .padding_w = CD_PADDING_VALID));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv_transpose2d: .padding must be a number");
    assert_null(cd_nn_conv2d(1, 1, 3, .padding = CD_PADDING_SAME, .padding_w_is_zero = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d: .padding and .padding_w must both be numbers");
    assert_null(cd_nn_unfold(2, .padding = CD_PADDING_SAME));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_unfold: .padding must be a number");
    assert_null(cd_nn_fold(3, 3, 2, .padding_w = CD_PADDING_VALID));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_fold: .padding must be a number");
    assert_null(cd_nn_unfold(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_unfold: kernel is 0, and must be 1 or more");
    assert_null(cd_nn_unfold(1, .x = cd_ones(CD_SHAPE(1))));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_unfold: .x is for the function cd_unfold");
    assert_null(cd_nn_fold(0, 3, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_fold: size[0] is 0, and must be 1 or more");
    assert_null(cd_nn_upsample(.size = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_upsample: .size is -1, and must be 0 or more");
    assert_null(cd_nn_upsample(.scale_factor = 2, .antialias = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_upsample: .x, .antialias and .scale_factor_w are for");
    assert_null(cd_nn_upsampling_nearest2d(.size = 2, .mode = CD_RESAMPLING_AREA));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_upsampling_nearest2d: has no options but .size");
    assert_null(cd_nn_pixel_shuffle(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_pixel_shuffle: factor is 0, and must be 1 or more");
}

/* What a layer cannot compute, its op refuses, by the op's name. */
static void wrong_inputs_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_forward(cd_nn_conv1d(2, 2, 3), cd_ones(CD_SHAPE(1, 3, 5))));
    assert_failed_with(CD_ERR_SHAPE, "conv1d: x (1x3x5) has 3 channels");
    assert_null(cd_forward(cd_nn_conv2d(1, 1, 3, .padding = 3, .padding_mode = CD_PAD_REFLECT),
                           cd_ones(CD_SHAPE(1, 1, 3, 3))));
    assert_failed_with(CD_ERR_SHAPE, "pad: dimension 2 of x (1x1x3x3)");
    assert_null(cd_forward(cd_nn_conv2d(1, 1, 3), cd_ones(CD_SHAPE(1, 1, 3, 3, 3))));
    assert_failed_with(CD_ERR_SHAPE, "there is no conv3d yet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(conv1d_agrees_with_pytorch),
        TEST(conv2d_agrees_with_pytorch),
        TEST(transposed_convolutions_agree_with_pytorch),
        TEST(resampling_agrees_with_pytorch),
        TEST(windows_and_shuffles_print_as_in_pytorch),
        TEST(layers_have_shapes_on_meta),
        TEST(wrong_options_are_refused),
        TEST(wrong_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
