/* Inputs that many ops are tested with. */
#include "autograd/op_internal.h"

void cd_sample_binary(cd_samples *s, cd_sample_call *call)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(2, 3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SHAPE(3)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3)), cd_randn(CD_SHAPE(4, 2, 1)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SHAPE(2, 2)) });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1, 1)) });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(3, 2))), cd_randn(CD_SHAPE(2, 3)) });
}

void cd_sample_unary(cd_samples *s, cd_sample_call *call, bool positive)
{
    CD_SCOPE();
    const cd_shape shapes[] = {
        CD_SCALAR,   CD_SHAPE(1),    CD_SHAPE(5),       CD_SHAPE(2, 3),
        CD_SHAPE(0), CD_SHAPE(2, 0), CD_SHAPE(3, 1, 4), CD_SHAPE(2, 1, 1, 3)
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_tensor *x = cd_randn(shapes[i]);
        cd_sample(s, call, { positive ? cd_add(cd_abs(x), 0.1) : x });
    }
    cd_tensor *x = cd_t(cd_randn(CD_SHAPE(4, 3)));
    cd_sample(s, call, { positive ? cd_add(cd_abs(x), 0.1) : x });
}

void cd_misuse_in_place(cd_samples *s, cd_tensor *(*change)(cd_tensor *x))
{
    cd_tensor *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", change(NULL));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "leaf", change(leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "share one place",
                    change(cd_expand(cd_ones(CD_SHAPE(1)), CD_SHAPE(3))));
}

void cd_sample_compare(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number)
{
    cd_sample_binary(s, tensors);
    cd_sample(s, tensors, { cd_arange(3), cd_full(CD_SHAPE(3), 1) });
    cd_sample(s, with_number, { cd_arange(4) }, { 1.5 });
}

void cd_misuse_compare(cd_samples *s, cd_tensor *(*compare)(cd_operand a, cd_operand b))
{
    cd_operand x = CD_OPERAND(cd_zeros(CD_SHAPE(2, 3))), none = cd_operand_tensor(NULL);
    cd_operand other = CD_OPERAND(cd_zeros(CD_SHAPE(2, 4)));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3", compare(x, other));
    cd_expect_error(s, CD_ERR_ARGUMENT, "a is NULL", compare(none, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "b is NULL", compare(x, none));
    cd_expect_error(s, CD_ERR_ARGUMENT, "numbers", compare(CD_OPERAND(1), CD_OPERAND(2)));
}

void cd_sample_dim(cd_samples *s, cd_sample_call *call)
{
    CD_SCOPE();
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3)) }, { 1, true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(2, 3, 4)) }, { -1, true });
    cd_sample(s, call, { cd_randn(CD_SHAPE(1)) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(3, 1)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SHAPE(0, 3)) }, { 1 });
    cd_sample(s, call, { cd_randn(CD_SCALAR) }, { -1 });
    cd_sample(s, call, { cd_t(cd_randn(CD_SHAPE(4, 3))) }, { 0 });
    cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(2, 3, 4)), 0, 2) }, { 1 });
}
