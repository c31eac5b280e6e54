/* index_add: x, with a source, times alpha, added where a vector of indices says along one
 * dimension.
 *
 * The source has x's shape, except that it has as many elements along the dimension as the
 * index. Elements that are added at one position are added in the order of the index, whatever
 * the number of threads. An alpha other than 1 is a multiplication of the source before it.
 *
 * Saves the index. Kernel: core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"
#include "autograd/ops_internal.h"

static bool index_add_infer(cd_call *call)
{
    return cd_infer_indexed_write(call, CD_INDEX_VECTOR | CD_INDEX_NOT_NEGATIVE) &&
           cd_check_source(call);
}

/* An integer alpha leaves integers what they are, and bool bool. */
static cd_operand operand_of(double alpha, const cd_tensor *source)
{
    const bool whole = alpha == floor(alpha) && fabs(alpha) < 0x1p53;
    if (whole && source && source->dtype == CD_BOOL) return cd_operand_bool(alpha != 0);
    return whole ? cd_operand_signed((int64_t)alpha) : cd_operand_double(alpha);
}

static cd_tensor *add(const cd_index_add_options *o, bool in_place)
{
    cd_indexed_attributes a = { .dim = o->dim, .accumulate = true };
    const double alpha = cd_option_or(o->alpha, 1);
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *source = o->source;
    if (alpha != 1) source = cd_mul_with(cd_operand_tensor(source), operand_of(alpha, source));
    cd_tensor *y =
        cd_op_indexed(&cd_op_index_add, &a, o->x, o->index, cd_operand_tensor(source), in_place);
    if (!in_place) return cd_ops_end(scope, y);
    (void)cd_scope_end(scope);
    return y;
}

cd_tensor *cd_index_add_with(cd_index_add_options options)
{
    return add(&options, false);
}

cd_tensor *cd_index_add_with_(cd_index_add_options options)
{
    return add(&options, true);
}

const cd_op cd_op_index_add = {
    .name = "index_add",
    .in_place_name = "index_add_",
    .grad_fn = "IndexAddBackward0",
    .like = "torch.index_add(x, dim, index, source, alpha=1)",
    .formula = "y = x, with y[.., index[k], ..] += alpha source[.., k, ..] along one dimension",
    .gradient = "dx = dy, dsource[.., k, ..] = alpha dy[.., index[k], ..]",
    .dtypes = "all, the same for x and source; the index is int64 or int32",
    .inputs = 3,
    .input = { "x", "index", "source" },
    .save = { { CD_INPUT, CD_INDEX, CD_SET(CD_VALUES) } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, cd_indexed_dim_fields),
    .infer = index_add_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace,
             .check = cd_check_indexed,
             .run = cd_run_indexed_write },
    .backward = cd_indexed_write_backward,
};
