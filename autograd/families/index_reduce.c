/* What scatter_reduce and index_reduce share.
 *
 * The kernel reduces into a copy of x by the loops of core/cpu/gather.c. With exclude_self the
 * elements at the index first become the neutral element. A mean is a sum, divided by how many
 * elements went into it, which are counted in the dtype of x, as in PyTorch. */
#include "autograd/families/index_reduce_internal.h"

#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

bool cd_check_reduce(const cd_call *call, const cd_reduce_by *by)
{
    if (by->how < CD_REDUCE_SUM || by->how > CD_REDUCE_AMIN) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%lld is no reduction", (long long)by->how);
    }
    if (by->how == CD_REDUCE_MEAN && call->in[CD_INDEXED].tensor->dtype == CD_BOOL) {
        return cd_refuse(call, CD_ERR_DTYPE, "there is no mean of bool");
    }
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

static cd_operand neutral(const cd_reduce_by *by, cd_dtype dtype)
{
    const bool floating = cd_is_floating(dtype), least = by->how == CD_REDUCE_AMAX;
    if (by->how != CD_REDUCE_AMAX && by->how != CD_REDUCE_AMIN) {
        return cd_operand_signed(by->how == CD_REDUCE_PROD);
    }
    if (floating) return cd_operand_double(least ? -(double)INFINITY : (double)INFINITY);
    return cd_operand_signed(least ? cd_integer_ranges[dtype].min : cd_integer_ranges[dtype].max);
}

/* One number for each position of the index. */
static void scatter_number(const cd_launch *launch, cd_scatter how, cd_operand number,
                           const cd_array *table, cd_walk_function *walk_of)
{
    int64_t room;
    const cd_dtype dtype = table->layout->dtype;
    const cd_index_walk walk = walk_of(launch, table->layout, &cd_number_layout[dtype]);
    cd_operand_store(&number, dtype, &room);
    cd_cpu_scatter(how, dtype, &walk, launch->in[CD_INDEX].data, &room, table->data);
}

size_t cd_index_reduce_workspace(const cd_launch *launch, const cd_reduce_by *by)
{
    const cd_layout *y = launch->out[0].layout;
    cd_work work = { NULL, 0 };
    const cd_layout counts = cd_layout_row_major(y->dtype, y->shape);
    if (by->how == CD_REDUCE_MEAN) (void)cd_work_take(&work, &counts);
    return work.bytes;
}

/* y is divided by how many elements went into it, or by 1 where there were none. */
static void divide(const cd_launch *launch, const cd_reduce_by *by, cd_walk_function *walk_of)
{
    const cd_array *y = &launch->out[0];
    const cd_dtype dtype = y->layout->dtype;
    const cd_layout layout = cd_layout_row_major(dtype, y->layout->shape);
    const cd_array counts = { launch->workspace, &layout }, both[2] = { *y, counts };
    int64_t room;
    const cd_array first = cd_cpu_number(by->exclude_self ? 0 : 1, dtype, &room);
    cd_cpu_convert(&counts, &first);
    scatter_number(launch, CD_SCATTER_ADD, cd_operand_signed(1), &counts, walk_of);
    cd_cpu_apply_number(CD_MAP_maximum, &counts, &counts, 1);
    cd_cpu_apply(cd_is_floating(dtype) ? CD_MAP_div : CD_MAP_div_floor, y, 2, both);
}

void cd_run_index_reduce(const cd_launch *launch, const cd_reduce_by *by, cd_walk_function *walk_of)
{
    static const cd_scatter how[] = { [CD_REDUCE_SUM] = CD_SCATTER_ADD,
                                      [CD_REDUCE_PROD] = CD_SCATTER_MUL,
                                      [CD_REDUCE_MEAN] = CD_SCATTER_ADD,
                                      [CD_REDUCE_AMAX] = CD_SCATTER_MAX,
                                      [CD_REDUCE_AMIN] = CD_SCATTER_MIN };
    const cd_array *src = &launch->in[CD_SRC], *y = &launch->out[0];
    const cd_dtype dtype = y->layout->dtype;
    (void)cd_cpu_start_from(y, &launch->in[CD_INDEXED]);
    if (launch->in[CD_INDEX].layout->numel == 0 || y->layout->numel == 0) return;
    if (by->exclude_self) scatter_number(launch, CD_SCATTER_SET, neutral(by, dtype), y, walk_of);
    const cd_index_walk walk = walk_of(launch, y->layout, src->layout);
    cd_cpu_scatter(how[by->how], dtype, &walk, launch->in[CD_INDEX].data, src->data, y->data);
    if (by->how == CD_REDUCE_MEAN) divide(launch, by, walk_of);
}

/* --- gradients -------------------------------------------------------------------------------- */

/* The arguments of a backward function, by name. */
typedef struct rule {
    cd_tensor *x, *index, *src, *y, *dy;
    int dim;
    bool exclude_self, wants_x, wants_src;
    const cd_index_functions *f;
} rule;

static cd_tensor *pick(const rule *r, cd_tensor *t)
{
    return r->f->pick(t, r->dim, r->index);
}

static void sum_rule(const rule *r, cd_tensor **dx)
{
    dx[CD_INDEXED] = r->dy;
    if (r->wants_src) dx[CD_SRC] = pick(r, r->dy);
}

static void mean_rule(const rule *r, cd_tensor **dx)
{
    cd_tensor *first = r->exclude_self ? cd_zeros_like(r->dy) : cd_ones_like(r->dy);
    cd_tensor *count = r->f->add(first, r->dim, r->index, cd_ones_like(r->src));
    cd_tensor *share = cd_div(r->dy, cd_clamp_min(count, 1));
    dx[CD_INDEXED] = share;
    if (r->wants_src) dx[CD_SRC] = pick(r, share);
}

/* The gradient of a factor is dy times the product of the others. With a 0 among the factors that
 * is the product of which the 0 is left out. */
static void prod_rule(const rule *r, cd_tensor **dx)
{
    const cd_index_functions *f = r->f;
    if (r->wants_x) {
        cd_tensor *x = cd_where(cd_eq(r->x, 0), 1, r->x);
        cd_tensor *product = f->multiply(x, r->dim, r->index, r->src, r->exclude_self);
        dx[CD_INDEXED] = cd_div(cd_mul(r->dy, product), x);
    }
    if (r->wants_src) {
        cd_tensor *zero = cd_eq(r->src, 0), *number = cd_to(zero, r->src->dtype);
        cd_tensor *zeros = pick(r, f->add(cd_zeros_like(r->x), r->dim, r->index, number));
        cd_tensor *alone = cd_logical_and(zero, cd_eq(zeros, 1));
        cd_tensor *others = cd_where(alone, 1, r->src);
        cd_tensor *product = f->multiply(r->x, r->dim, r->index, others, r->exclude_self);
        cd_tensor *divided = cd_div(pick(r, cd_mul(r->dy, r->y)), cd_where(zero, 1, r->src));
        dx[CD_SRC] = cd_where(alone, pick(r, cd_mul(r->dy, product)), divided);
    }
}

/* All elements that are equal to y share dy evenly. x counts as one of them in any case. */
static void extreme_rule(const rule *r, cd_tensor **dx)
{
    const cd_dtype dtype = r->dy->dtype;
    cd_tensor *of_x = cd_to(cd_eq(r->x, r->y), dtype);
    cd_tensor *of_src = cd_to(cd_eq(r->src, pick(r, r->y)), dtype);
    cd_tensor *share = cd_div(r->dy, r->f->add(of_x, r->dim, r->index, of_src));
    dx[CD_INDEXED] = cd_mul(of_x, share);
    if (r->wants_src) dx[CD_SRC] = cd_mul(of_src, pick(r, share));
}

void cd_index_reduce_backward(cd_node *node, cd_tensor *dy, cd_tensor **dx, int dim,
                              const cd_reduce_by *by, cd_tensor *src, const cd_index_functions *f)
{
    static void (*const rules[])(const rule *, cd_tensor **) = { [CD_REDUCE_SUM] = sum_rule,
                                                                 [CD_REDUCE_PROD] = prod_rule,
                                                                 [CD_REDUCE_MEAN] = mean_rule,
                                                                 [CD_REDUCE_AMAX] = extreme_rule,
                                                                 [CD_REDUCE_AMIN] = extreme_rule };
    const rule r = { .x = cd_saved_value(node, CD_SAVED_X),
                     .index = cd_saved_value(node, CD_SAVED_INDEX),
                     .src = src,
                     .y = cd_saved_value(node, CD_SAVED_Y),
                     .dy = dy,
                     .dim = dim,
                     .exclude_self = by->exclude_self,
                     .wants_x = cd_wanted(node, CD_INDEXED),
                     .wants_src = cd_wanted(node, CD_SRC),
                     .f = f };
    if (!r.x || !r.index || !r.src || !r.y || !dy) return;
    rules[by->how](&r, dx);
    if (!r.wants_x) {
        dx[CD_INDEXED] = NULL;
    } else if (by->exclude_self) {
        dx[CD_INDEXED] = f->clear(dx[CD_INDEXED], dim, r.index);
    }
}
