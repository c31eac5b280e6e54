/* cd_ops: every op, from ops.def. */
#include "autograd/dispatch/descriptor_internal.h"

const cd_op *const cd_ops[] = {
#define CD_OP(name_) &cd_op_##name_,
#include "autograd/ops.def"
#undef CD_OP
    NULL,
};
