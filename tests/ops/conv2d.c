/* Samples and bad calls of conv2d: see op_cases.h. */
#include "op_cases.h"

/* In p. SAME: the padding is a word, 1 "same" or 2 "valid". */
enum { STRIDE, PADDING, DILATION, GROUPS, STRIDE_W, PADDING_W, DILATION_W, SAME, OPTIONS };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const int64_t padding = p[SAME] == 1   ? CD_PADDING_SAME
                            : p[SAME] == 2 ? CD_PADDING_VALID
                                           : (int64_t)p[PADDING];
    return cd_conv2d(in[0], in[1], in[2], .stride = (int64_t)p[STRIDE], .padding = padding,
                     .dilation = (int64_t)p[DILATION], .groups = (int64_t)p[GROUPS],
                     .stride_w = (int64_t)p[STRIDE_W], .padding_w = (int64_t)p[PADDING_W],
                     .dilation_w = (int64_t)p[DILATION_W]);
}

static void samples(cd_samples *s)
{
    const struct {
        cd_shape x, weight;
        bool biased;
        double options[OPTIONS];
    } grid[] = {
        { .x = CD_SHAPE(2, 3, 5, 5), .weight = CD_SHAPE(2, 3, 3, 3), .biased = true },
        { .x = CD_SHAPE(2, 3, 5, 5), .weight = CD_SHAPE(2, 3, 3, 3), .options = { [PADDING] = 1 } },
        { .x = CD_SHAPE(1, 2, 6, 5),
          .weight = CD_SHAPE(3, 2, 3, 3),
          .biased = true,
          .options = { [STRIDE] = 2, [PADDING] = 1 } },
        { .x = CD_SHAPE(1, 2, 6, 6), .weight = CD_SHAPE(2, 2, 3, 3), .options = { [STRIDE] = 3 } },
        { .x = CD_SHAPE(1, 2, 7, 7),
          .weight = CD_SHAPE(2, 2, 3, 3),
          .biased = true,
          .options = { [PADDING] = 2, [DILATION] = 2 } },
        { .x = CD_SHAPE(1, 2, 7, 6),
          .weight = CD_SHAPE(2, 2, 2, 2),
          .options = { [STRIDE] = 2, [PADDING] = 1, [DILATION] = 3 } },
        { .x = CD_SHAPE(2, 4, 4, 4),
          .weight = CD_SHAPE(4, 2, 3, 3),
          .biased = true,
          .options = { [PADDING] = 1, [GROUPS] = 2 } },
        { .x = CD_SHAPE(1, 3, 4, 4),
          .weight = CD_SHAPE(3, 1, 3, 3),
          .biased = true,
          .options = { [PADDING] = 1, [GROUPS] = 3 } },
        { .x = CD_SHAPE(1, 2, 4, 4),
          .weight = CD_SHAPE(4, 1, 2, 3),
          .options = { [STRIDE] = 2, [PADDING] = 1, [GROUPS] = 2 } },
        { .x = CD_SHAPE(2, 3, 4, 4), .weight = CD_SHAPE(2, 3, 1, 1), .biased = true },
        { .x = CD_SHAPE(2, 3, 4, 4), .weight = CD_SHAPE(2, 3, 1, 1), .options = { [STRIDE] = 2 } },
        { .x = CD_SHAPE(1, 2, 5, 6),
          .weight = CD_SHAPE(2, 2, 3, 2),
          .biased = true,
          .options = { [PADDING] = 1, [STRIDE_W] = 2, [DILATION_W] = 2 } },
        { .x = CD_SHAPE(1, 1, 4, 6),
          .weight = CD_SHAPE(1, 1, 1, 5),
          .options = { [PADDING] = 1, [STRIDE_W] = 1, [PADDING_W] = 3 } },
        { .x = CD_SHAPE(1, 1, 1, 1),
          .weight = CD_SHAPE(1, 1, 3, 3),
          .biased = true,
          .options = { [PADDING] = 1 } },
        { .x = CD_SHAPE(1, 1, 2, 2),
          .weight = CD_SHAPE(2, 1, 1, 1),
          .biased = true,
          .options = { [PADDING] = 2 } },
        { .x = CD_SHAPE(1, 2, 4, 5),
          .weight = CD_SHAPE(2, 2, 3, 2),
          .biased = true,
          .options = { [SAME] = 1 } },
        { .x = CD_SHAPE(1, 2, 4, 5),
          .weight = CD_SHAPE(2, 2, 2, 3),
          .options = { [SAME] = 1, [DILATION] = 3, [DILATION_W] = 2 } },
        { .x = CD_SHAPE(2, 3, 4), .weight = CD_SHAPE(2, 2, 2, 2), .options = { [SAME] = 1 } },
        { .x = CD_SHAPE(1, 1, 5, 4),
          .weight = CD_SHAPE(2, 1, 3, 2),
          .options = { [SAME] = 2, [STRIDE] = 2 } },
        { .x = CD_SHAPE(0, 2, 4, 4), .weight = CD_SHAPE(3, 2, 3, 3), .biased = true },
        { .x = CD_SHAPE(3, 5, 4),
          .weight = CD_SHAPE(2, 3, 3, 2),
          .biased = true,
          .options = { [PADDING] = 1 } },
    };
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++) {
        cd_sample sample = { .call = call,
                             .input = { cd_randn(grid[i].x), cd_randn(grid[i].weight) } };
        if (grid[i].biased) sample.input[2] = cd_randn(CD_SHAPE(grid[i].weight.dim[0]));
        for (int k = 0; k < OPTIONS; k++) sample.parameters[k] = grid[i].options[k];
        s->visit(s, &sample);
    }
    cd_sample(s, call,
              { cd_permute(cd_randn(CD_SHAPE(1, 4, 5, 2)), CD_SHAPE(0, 3, 1, 2)),
                cd_transpose(cd_randn(CD_SHAPE(2, 3, 2, 2)), 0, 1) },
              { [PADDING] = 1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 3, 5, 5)), *weight = cd_zeros(CD_SHAPE(4, 3, 3, 3));
    cd_tensor *four = cd_zeros(CD_SHAPE(1, 4, 5, 5)), *bias = cd_zeros(CD_SHAPE(3));
    cd_tensor *small = cd_zeros(CD_SHAPE(1, 3, 2, 2));
    cd_expect_error(s, CD_ERR_SHAPE, "4 channels", cd_conv2d(four, weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding_w_is_zero",
                    cd_conv2d(x, weight, NULL, .padding_w = 1, .padding_w_is_zero = true));
    cd_expect_error(s, CD_ERR_SHAPE, "kernel is larger", cd_conv2d(small, weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (3)", cd_conv2d(x, weight, bias));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "has 3 channels, and a weight of shape 4x3x3x3 with groups=2 takes 6",
                    cd_conv2d(x, weight, NULL, .groups = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "stride", cd_conv2d(x, weight, NULL, .stride = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "padding", cd_conv2d(x, weight, NULL, .padding = -1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "groups is -1", cd_conv2d(x, weight, NULL, .groups = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "N x C x H x W", cd_conv2d(bias, weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "there is no conv3d yet",
                    cd_conv2d(cd_zeros(CD_SHAPE(1, 3, 5, 5, 5)), weight, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "only the batch and the channels",
                    cd_conv2d(cd_zeros(CD_SHAPE(1, 3, 0, 5)), weight, NULL, .padding = 2));
    cd_expect_error(
        s, CD_ERR_ARGUMENT, "the stride is 1x2, and .padding CD_PADDING_SAME",
        cd_conv2d(x, weight, NULL, .stride = 1, .stride_w = 2, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".padding and .padding_w must both be numbers",
                    cd_conv2d(x, weight, NULL, .padding = CD_PADDING_SAME, .padding_w = 1));
    cd_expect_error(s, CD_ERR_SHAPE, "N x C x H x W",
                    cd_conv2d(bias, weight, NULL, .padding = CD_PADDING_SAME));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_conv2d(cd_to(x, CD_BOOL), cd_to(weight, CD_BOOL), NULL));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8",
                    cd_conv2d(cd_to(x, CD_U8), cd_to(weight, CD_U8), NULL, .dilation = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "float64", cd_conv2d(cd_to(x, CD_F64), weight, NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", cd_conv2d(x, NULL, NULL));
}

const op_cases cases_conv2d = { samples, misuse };
