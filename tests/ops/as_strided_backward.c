/* Samples and bad calls of as_strided_backward: see op_cases.h. */
#include "op_cases.h"

/* In p: the number of elements of dx, the offset in them, and a stride for each dimension of dy. */
enum { ELEMENTS, OFFSET, STRIDE };

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_layout at = { .shape = cd_shape_of(in[0]), .offset = (int64_t)p[OFFSET] };
    for (int i = 0; i < at.shape.ndim; i++) at.stride[i] = (int64_t)p[STRIDE + i];
    return cd_as_strided_backward(in[0], (int64_t)p[ELEMENTS], &at);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(3)) }, { [ELEMENTS] = 7, [OFFSET] = 1, [STRIDE] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { [ELEMENTS] = 6, [STRIDE] = 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [ELEMENTS] = 9, [OFFSET] = 2, [STRIDE] = 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) },
              { [ELEMENTS] = 6, [OFFSET] = 1, [STRIDE] = 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { [ELEMENTS] = 4, [STRIDE] = 2, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { [ELEMENTS] = 3, [STRIDE] = 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { [ELEMENTS] = 3, [OFFSET] = 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { [ELEMENTS] = 2, [STRIDE] = 3, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 2)) }, { [ELEMENTS] = 2, [STRIDE] = 5, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 2, 2)) }, { [ELEMENTS] = 5, [STRIDE] = 0, 2, 2 });
}

static void misuse(cd_samples *s)
{
    const cd_layout two = { .shape = CD_SHAPE(2), .stride = { 3 } };
    cd_tensor *dy = cd_zeros(CD_SHAPE(2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_as_strided_backward(NULL, 4, &two));
    cd_expect_error(s, CD_ERR_SHAPE, "must be 2",
                    cd_as_strided_backward(cd_zeros(CD_SHAPE(3)), 4, &two));
    cd_expect_error(s, CD_ERR_SHAPE, "beyond the 3", cd_as_strided_backward(dy, 3, &two));
    cd_expect_error(s, CD_ERR_SHAPE, "counted", cd_as_strided_backward(dy, INT64_MAX, &two));
}

const op_cases cases_as_strided_backward = { samples, misuse };
