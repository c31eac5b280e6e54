/* What the comparisons share, for their forms in place. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_COMPARE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_COMPARE_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"

/* x = whether x compares with b. A number as b has a descriptor of its own. */
static inline cd_tensor *cd_compare_in_place(const cd_op *with_tensor, const cd_op *with_number,
                                             cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(b.kind == CD_OPERAND_TENSOR ? with_tensor : with_number, x, b);
}

#endif
