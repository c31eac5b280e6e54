/* autograd/ops/narrow.c
 *
 *   y = `length` elements of dimension dim from `start` on
 *
 * Made of another op: a slice, which must lie inside. A negative start counts from the back. */
#include "autograd/ops_internal.h"

cd_tensor *cd_narrow(cd_tensor *x, int dim, int64_t start, int64_t length)
{
    int plain = 0;
    if (!cd_check_tensor(x, "narrow", "input") || !cd_check_part("narrow", x, dim, &plain))
        return NULL;
    int64_t size = x->shape.dim[plain], from = start < 0 ? start + size : start;
    if (from < 0 || from > size || length < 0 || length > size - from) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_SHAPE,
                      "narrow: start %lld and length %lld do not lie inside dimension %d of a "
                      "tensor of shape %s (size %lld)",
                      (long long)start, (long long)length, plain, cd_shape_text(x->shape, text),
                      (long long)size);
        return NULL;
    }
    return cd_slice(x, plain, from, from + length, 1);
}

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_narrow(in[0], (int)p[0], (int64_t)p[1], (int64_t)p[2]);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 1, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 1, -2, 2 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { -1, 3, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 3)) }, { 0, 0, 4 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0, 0, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0)) }, { 0, 0, 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 0)) }, { 0, 1, 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1, 1, 2 });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_narrow(NULL, 0, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "4x3", cd_narrow(x, 0, 2, 3));
    cd_expect_error(s, CD_ERR_SHAPE, "start -5", cd_narrow(x, 0, -5, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "length -1", cd_narrow(x, 0, 0, -1));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_narrow(x, 2, 0, 1));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_narrow(cd_zeros(CD_SCALAR), 0, 0, 1));
}

const cd_op cd_op_narrow = {
    .name = "narrow",
    .like = "torch.narrow(x, dim, start, length)",
    .formula = "y = a run of one dimension; a view",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
    .samples = samples,
    .misuse = misuse,
};
