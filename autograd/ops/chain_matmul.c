/* chain_matmul: the product of one or more matrices, in the order that needs the fewest
 * multiplications. Made of other ops, as in PyTorch: multi_dot, or clone for one. */
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"

cd_tensor *cd_chain_matmul(cd_tensors tensors)
{
    CD_CALLED("chain_matmul");
    if (!tensors.tensor || tensors.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "chain_matmul: no tensor was given");
        return NULL;
    }
    for (int k = 0; k < tensors.count; k++) {
        char text[CD_SHAPE_TEXT];
        const cd_tensor *x = tensors.tensor[k];
        if (!cd_check_tensor(x, "chain_matmul", "a tensor")) return NULL;
        if (x->shape.ndim == 2) continue;
        (void)cd_fail(CD_ERR_SHAPE, "chain_matmul: tensor %d has shape %s, and must be a matrix", k,
                      cd_sizes_text(&x->shape, text));
        return NULL;
    }
    return tensors.count == 1 ? cd_clone(tensors.tensor[0]) : cd_multi_dot(tensors);
}

const cd_op cd_op_chain_matmul = {
    .name = "chain_matmul",
    .like = "torch.chain_matmul(a, b, c)",
    .formula = "y = a b c ... in the cheapest order",
    .gradient = "that of mm",
    .dtypes = "all but bool, the same for all",
    .composed = true,
};
