/* The indices of x[i, j, ...]: views for some, a plan for the tensors. */
#include "autograd/families/subscripts_internal.h"

#include "autograd/ops_internal.h"

/* The walk through the indices. */
typedef struct walk {
    const char *what;
    cd_tensor *y; /* x by the indices until now */
    int dim;      /* the dimension of y that the next index is for */
    cd_subscript_plan *plan;
} walk;

/* How many dimensions of x the index is for. */
static int dims_of(const cd_subscript *s)
{
    switch (s->kind) {
    case CD_AT_NUMBER:
    case CD_AT_SLICE:
        return 1;
    case CD_AT_TENSOR:
        return s->tensor->dtype == CD_BOOL ? s->tensor->shape.ndim : 1;
    default:
        return 0;
    }
}

/* Counts the dimensions that the indices are for. False with an error when they are no list of
 * indices into x. */
static bool check(const char *what, const cd_tensor *x, cd_subscripts at, int *used)
{
    int rests = 0;
    *used = 0;
    if (!cd_check_tensor(x, what, "x")) return false;
    if (!at.subscript || at.count < 1) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: there must be at least one index", what);
    }
    for (int i = 0; i < at.count; i++) {
        const cd_subscript *s = &at.subscript[i];
        if (s->kind == CD_AT_TENSOR && !cd_check_tensor(s->tensor, what, "an index")) return false;
        rests += s->kind == CD_AT_REST;
        *used += dims_of(s);
    }
    if (rests > 1) return cd_fail(CD_ERR_ARGUMENT, "%s: CD_REST may come only once", what);
    if (*used <= x->shape.ndim) return true;
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE, "%s: the indices are for %d dimensions, and x (%s) has %d", what,
                   *used, cd_sizes_text(&x->shape, text), x->shape.ndim);
}

/* --- masks ------------------------------------------------------------------------------------ */

static bool mask_fits(const walk *w, const cd_tensor *mask)
{
    bool same = true;
    for (int i = 0; i < mask->shape.ndim; i++) {
        same &= mask->shape.dim[i] == w->y->shape.dim[w->dim + i];
    }
    if (same) return true;
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the mask (%s) must have the sizes of x (%s) from dimension %d on", w->what,
                   cd_sizes_text(&mask->shape, text), cd_sizes_text(&w->y->shape, own), w->dim);
}

/* The positions where the mask is true, counted row by row. */
static cd_tensor *positions(cd_tensor *mask)
{
    cd_tensor *rows = cd_nonzero(cd_reshape(mask, CD_SHAPE(mask->numel)));
    return rows ? cd_view(rows, CD_SHAPE(rows->numel)) : NULL;
}

/* --- one index -------------------------------------------------------------------------------- */

/* A tensor stands for `dims` dimensions of y. */
static void plan_tensor(walk *w, cd_tensor *index, int dims)
{
    cd_subscript_plan *plan = w->plan;
    int64_t size = 1;
    for (int i = 0; i < dims; i++) {
        size *= w->y->shape.dim[w->dim];
        plan->dims |= (int64_t)1 << w->dim;
        if (index->shape.ndim > 0) plan->placed |= (int64_t)1 << w->dim;
        w->dim++;
    }
    plan->tensor[plan->tensors] = index;
    plan->size[plan->tensors++] = size;
}

static bool take_tensor(walk *w, cd_tensor *index)
{
    if (index->dtype == CD_BOOL) {
        const int dims = index->shape.ndim;
        if (!mask_fits(w, index)) return false;
        /* A 0-d mask chooses from a new dimension of size 1. */
        if (dims == 0) w->y = cd_unsqueeze(w->y, w->dim);
        index = positions(index);
        if (!w->y || !index) return false;
        plan_tensor(w, index, dims > 0 ? dims : 1);
        return true;
    }
    if (index->dtype != CD_I64 && index->dtype != CD_I32) {
        return cd_fail(CD_ERR_DTYPE, "%s: an index is %s, and must be int64, int32 or bool",
                       w->what, cd_dtype_name(index->dtype));
    }
    plan_tensor(w, index, 1);
    return true;
}

static bool is_whole(const walk *w, const cd_subscript *s)
{
    const int64_t size = w->y->shape.dim[w->dim];
    return s->from == 0 && s->step == 1 && s->to >= size;
}

/* `rest` dimensions are left for CD_REST. */
static bool take(walk *w, const cd_subscript *s, int rest)
{
    switch (s->kind) {
    case CD_AT_NUMBER:
        w->y = cd_select_for(w->what, w->y, w->dim, s->from);
        break;
    case CD_AT_SLICE:
        if (!is_whole(w, s)) w->y = cd_slice_for(w->what, w->y, w->dim, s->from, s->to, s->step);
        w->dim++;
        break;
    case CD_AT_NEW:
        w->y = cd_unsqueeze(w->y, w->dim++);
        break;
    case CD_AT_REST:
        w->dim += rest;
        break;
    default:
        return take_tensor(w, s->tensor);
    }
    return w->y != NULL;
}

cd_tensor *cd_subscripts_view(const char *what, cd_tensor *x, cd_subscripts at,
                              cd_subscript_plan *plan)
{
    int used = 0;
    *plan = (cd_subscript_plan){ .tensors = 0 };
    if (!check(what, x, at, &used)) return NULL;
    walk w = { .what = what, .y = x, .plan = plan };
    for (int i = 0; i < at.count; i++) {
        if (!take(&w, &at.subscript[i], x->shape.ndim - used)) return NULL;
    }
    return w.y;
}

/* --- the tensors ------------------------------------------------------------------------------ */

cd_tensor *cd_subscripts_join(const char *what, const cd_subscript_plan *plan)
{
    if (plan->tensors == 1) return plan->tensor[0];
    cd_call call;
    cd_operand in[CD_MAX_DIMS];
    cd_index_join_attributes a = { .sizes.ndim = plan->tensors };
    for (int k = 0; k < plan->tensors; k++) {
        in[k] = cd_operand_tensor(plan->tensor[k]);
        a.sizes.dim[k] = plan->size[k];
    }
    cd_call_begin(&call, &cd_op_index_join, in, plan->tensors);
    call.name = what;
    call.launch.attributes = &a;
    return cd_call_run(&call);
}
