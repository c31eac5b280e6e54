/* addr: beta times a bias plus alpha times the products of all pairs of elements of a vector a of N
 * and a vector b of M; the bias broadcasts to N x M, the shape of y. With a beta of 0 the bias is
 * not read. All three are promoted to one dtype. Of bool a product is "and", a sum "or", and any
 * factor but 0 is true.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: addcmul and mul of core/cpu/; for
 * bool mul and add. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/families/product_internal.h"
#include "autograd/families/workspace_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { BIAS, A, B };
enum { SAVED_A, SAVED_B };

static void addr_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_weighted_attributes *p = cd_attributes_of(node);
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_times(dy[0], p->beta);
    if (cd_wanted(node, A)) {
        cd_tensor *b = cd_to(cd_saved_value(node, SAVED_B), dy[0]->dtype);
        dx[A] = cd_times(cd_mv(dy[0], b), p->alpha);
    }
    if (cd_wanted(node, B)) {
        cd_tensor *a = cd_to(cd_saved_value(node, SAVED_A), dy[0]->dtype);
        dx[B] = cd_times(cd_mv(cd_t(dy[0]), a), p->alpha);
    }
}

static bool addr_infer(cd_call *call)
{
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    cd_scalar factor;
    const cd_weighted_attributes *p = call->launch.attributes;
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    const cd_dtype dtype = cd_result_type(call->in, 3);
    if (a->shape.ndim != 1 || b->shape.ndim != 1) {
        return cd_refuse(call, CD_ERR_SHAPE, "vec1 (%s) and vec2 (%s) must both be vectors",
                         cd_sizes_text(&a->shape, left), cd_sizes_text(&b->shape, right));
    }
    call->out[0].dtype = dtype;
    call->out[0].shape = CD_SHAPE(a->shape.dim[0], b->shape.dim[0]);
    if (!cd_check_bias_shape(call, &call->out[0].shape) ||
        (call->in_place && !cd_check_fits(call, dtype)) ||
        !cd_infer_factor(call, ".beta", dtype, true, p->beta, &factor) ||
        !cd_infer_factor(call, ".alpha", dtype, true, p->alpha, &factor)) {
        return false;
    }
    for (int k = BIAS; k <= B; k++) call->need[k].dtype = dtype;
    call->need[A].apart = call->need[B].apart = CD_APART;
    call->out[0].must_be_contiguous = call->in_place;
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

/* The vector as a matrix of one column. */
static cd_array as_column(const cd_array *a, cd_layout *layout)
{
    *layout = *a->layout;
    layout->contiguous = false;
    layout->shape = CD_SHAPE(a->layout->shape.dim[0], 1);
    layout->stride[1] = 1;
    return (cd_array){ a->data, layout };
}

/* The products alone, for bool. */
static cd_array take_products(const cd_launch *launch, cd_work *work, cd_layout *layout)
{
    *layout = cd_layout_row_major(CD_BOOL, launch->out[0].layout->shape);
    return cd_work_take(work, layout);
}

static size_t addr_workspace(const cd_launch *launch)
{
    cd_layout layout;
    cd_work work = { NULL, 0 };
    if (launch->out[0].layout->dtype == CD_BOOL) (void)take_products(launch, &work, &layout);
    return work.bytes;
}

static void run_bool(const cd_launch *launch, const cd_array *column)
{
    const cd_weighted_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    cd_layout layout;
    cd_work work = { launch->workspace, 0 };
    const cd_array products = take_products(launch, &work, &layout);
    const cd_array factors[2] = { *column, launch->in[B] }, terms[2] = { *y, products };
    cd_cpu_apply(CD_MAP_mul, &products, 2, factors);
    if (p->beta != 0) {
        (void)cd_cpu_start_from(y, &launch->in[BIAS]);
    } else {
        cd_cpu_zero(y);
    }
    if (p->alpha != 0) cd_cpu_apply(CD_MAP_add, y, 2, terms);
}

static void addr_run(const cd_launch *launch)
{
    const cd_weighted_attributes *p = launch->attributes;
    const cd_array *y = &launch->out[0];
    const cd_dtype dtype = y->layout->dtype;
    cd_layout layout;
    const cd_array column = as_column(&launch->in[A], &layout);
    if (dtype == CD_BOOL) {
        run_bool(launch, &column);
    } else if (p->beta == 0) {
        const cd_array factors[2] = { *y, launch->in[B] };
        cd_cpu_apply_number(CD_MAP_mul, y, &column, p->alpha);
        cd_cpu_apply(CD_MAP_mul, y, 2, factors);
    } else {
        const cd_array terms[3] = { *y, column, launch->in[B] };
        const cd_scalar alpha = { .real = p->alpha, .integer = (int64_t)p->alpha };
        (void)cd_cpu_start_from(y, &launch->in[BIAS]);
        if (p->beta != 1) cd_cpu_apply_number(CD_MAP_mul, y, y, p->beta);
        cd_cpu_elementwise(cd_cpu_loop(CD_MAP_addcmul, dtype), y, 3, terms, &alpha);
    }
}

/* --- the call --------------------------------------------------------------------------------- */

cd_tensor *cd_addr_with(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_with(&cd_op_addr, &p, o.bias, o.a, o.b);
}

cd_tensor *cd_addr_with_(cd_addmm_options o)
{
    cd_weighted_attributes p = cd_weighted_attributes_of(&o);
    return cd_op_in_place_with(&cd_op_addr, &p, o.bias, o.a, o.b);
}

const cd_op cd_op_addr = {
    .name = "addr",
    .grad_fn = "AddrBackward0",
    .like = "torch.addr(bias, a, b, beta, alpha)",
    .formula = "y[i, j] = beta bias[i, j] + alpha a[i] b[j]",
    .gradient = "dbias = beta dy summed over what was broadcast, da = alpha dy b, "
                "db = alpha dy^T a",
    .dtypes = "all, promoted to one",
    .inputs = 3,
    .input = { "bias", "vec1", "vec2" },
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_weighted_attributes, cd_weighted_fields),
    .infer = addr_infer,
    .cpu = { .workspace = addr_workspace, .run = addr_run },
    .backward = addr_backward,
};
