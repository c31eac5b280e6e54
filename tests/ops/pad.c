/* Samples and bad calls of pad: see op_cases.h. */
#include "op_cases.h"

#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))

/* p: the mode, and the numbers, as shape_from takes them. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    const cd_shape pad = shape_from(p + 1);
    return cd_pad(in[0], (cd_sizes){ pad.dim, pad.ndim }, .mode = (cd_pad_mode)p[0]);
}

static cd_tensor *with_value(cd_tensor *const *in, const double *p)
{
    return cd_pad(in[0], CD_SIZES(1, 2), .value = p[0]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { RANDOM(3) }, { CD_PAD_CONSTANT, 2, 1, 2 });
    cd_sample(s, call, { RANDOM(2, 3) }, { CD_PAD_CONSTANT, 4, 1, 0, 2, 1 });
    cd_sample(s, call, { RANDOM(2, 4) }, { CD_PAD_CONSTANT, 4, -1, -2, 1, -1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { CD_PAD_CONSTANT, 0 });
    cd_sample(s, call, { RANDOM(2, 0) }, { CD_PAD_CONSTANT, 2, 1, 1 });
    cd_sample(s, call, { cd_t(RANDOM(2, 3)) }, { CD_PAD_CONSTANT, 2, 0, 2 });
    cd_sample(s, with_value, { RANDOM(2, 3) }, { 1.5 });
    cd_sample(s, with_value, { cd_arange(4) }, { 7 });
    cd_sample(s, call, { RANDOM(2, 4) }, { CD_PAD_REFLECT, 2, 3, 1 });
    cd_sample(s, call, { RANDOM(2, 3, 4) }, { CD_PAD_REFLECT, 4, 1, 2, 1, 0 });
    cd_sample(s, call, { RANDOM(1, 2, 2, 3) }, { CD_PAD_REFLECT, 6, 1, 2, 1, 0, 0, 1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { CD_PAD_REPLICATE, 2, 3, 1 });
    cd_sample(s, call, { RANDOM(1, 2, 2, 3) }, { CD_PAD_REPLICATE, 4, 1, 2, -1, 2 });
    cd_sample(s, call, { RANDOM(1, 2, 1, 3) }, { CD_PAD_REPLICATE, 6, 1, 0, 1, 0, 0, 1 });
    cd_sample(s, call, { RANDOM(2, 3) }, { CD_PAD_CIRCULAR, 2, 3, 2 });
    cd_sample(s, call, { cd_permute(RANDOM(2, 2, 3), CD_SHAPE(0, 2, 1)) },
              { CD_PAD_CIRCULAR, 4, 1, 1, 2, -1 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_pad(NULL, CD_SIZES(1, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "3 numbers were given for x (2x3): there must be two, before",
                    cd_pad(x, CD_SIZES(1, 1, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "1 number was given", cd_pad(x, CD_SIZES(1)));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "6 numbers were given for x (2x3): there must be two, before "
                    "and after, for each padded dimension from the last one on, "
                    "and 4 at most",
                    cd_pad(x, CD_SIZES(1, 1, 1, 1, 1, 1)));
    cd_expect_error(s, CD_ERR_SHAPE, "0 numbers", cd_pad(x, (cd_sizes){ NULL, 2 }));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1 of x (2x3) cannot have -2",
                    cd_pad(x, CD_SIZES(-2, -2)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1", cd_pad(x, CD_SIZES(-4, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 1", cd_pad(x, CD_SIZES(INT64_MAX, 1)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "300",
                    cd_pad(cd_to(x, CD_U8), CD_SIZES(1, 1), .value = 300));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".mode is 9, and must be CD_PAD_CONSTANT",
                    cd_pad(x, CD_SIZES(1, 1), .mode = (cd_pad_mode)9));
    cd_expect_error(s, CD_ERR_ARGUMENT, "value is 2",
                    cd_pad(x, CD_SIZES(1, 1), .mode = CD_PAD_REFLECT, .value = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_pad(cd_gt(x, 0), CD_SIZES(1, 1), .mode = CD_PAD_REFLECT));
    cd_expect_error(s, CD_ERR_DTYPE, "bool",
                    cd_pad(cd_gt(x, 0), CD_SIZES(1, 1), .mode = CD_PAD_REPLICATE));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "3 elements more before and 0 more after: CD_PAD_REFLECT adds to a "
                    "side at most the dimension's size less 1",
                    cd_pad(x, CD_SIZES(3, 0), .mode = CD_PAD_REFLECT));
    cd_expect_error(s, CD_ERR_SHAPE, "4 more after: CD_PAD_CIRCULAR adds",
                    cd_pad(x, CD_SIZES(0, 4), .mode = CD_PAD_CIRCULAR));
    cd_expect_error(s, CD_ERR_SHAPE, "3 more after",
                    cd_pad(x, CD_SIZES(-1, 3), .mode = CD_PAD_CIRCULAR));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "4 numbers were given for x (2x3) and CD_PAD_REPLICATE, which takes "
                    "2 numbers for x of 2 or 3 dimensions, 4 for 3 or 4",
                    cd_pad(x, CD_SIZES(1, 1, 1, 1), .mode = CD_PAD_REPLICATE));
}

const op_cases cases_pad = { samples, misuse };
