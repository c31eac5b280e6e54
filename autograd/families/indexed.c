/* What ops share that read or change x at an index of some of its dimensions. */
#include "autograd/families/indexed_internal.h"

#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

const cd_field cd_indexed_fields[] = { CD_FIELD(cd_indexed_attributes, dims, INTEGER),
                                       CD_FIELD(cd_indexed_attributes, placed, INTEGER),
                                       CD_FIELD(cd_indexed_attributes, accumulate, BOOL),
                                       CD_FIELDS_END };
const cd_field cd_indexed_dim_fields[] = { CD_FIELD(cd_indexed_attributes, dim, DIM),
                                           CD_FIELDS_END };

/* --- shapes ----------------------------------------------------------------------------------- */

static bool is_indexed(const cd_indexed_attributes *a, int dim)
{
    return a->dims >> dim & 1;
}

/* The dimension of x where the index's dimensions stand in the result. */
static int place_of_index(const cd_indexed_attributes *a)
{
    const unsigned long long dims = (unsigned long long)a->dims;
    const unsigned long long placed = a->placed != 0 ? (unsigned long long)a->placed : dims;
    if (placed == 0) return 0;
    const int first = __builtin_ctzll(placed), last = 63 - __builtin_clzll(placed);
    const unsigned long long run = ((1ULL << (last - first + 1)) - 1) << first;
    return (run & ~dims) == 0 ? first : 0;
}

/* The index as the op takes it: 0-d counts as a vector where the op is for vectors. */
static cd_shape shape_of_index(const cd_indexed_attributes *a, const cd_shape *index)
{
    return a->by_vector ? cd_as_vector(*index) : *index;
}

/* The shape of the result, and which dimension of x each of its dimensions is; -1: of the index. */
static void arrange(const cd_indexed_attributes *a, const cd_shape *x, const cd_shape *index,
                    cd_shape *shape, int *from)
{
    const int place = place_of_index(a);
    shape->ndim = 0;
    for (int i = 0; i <= x->ndim; i++) {
        for (int k = 0; i == place && k < index->ndim; k++) {
            from[shape->ndim] = -1;
            shape->dim[shape->ndim++] = index->dim[k];
        }
        if (i == x->ndim || is_indexed(a, i)) continue;
        from[shape->ndim] = i;
        shape->dim[shape->ndim++] = x->dim[i];
    }
}

cd_shape cd_indexed_shape(const cd_indexed_attributes *a, const cd_shape *x, const cd_shape *index)
{
    int from[CD_MAX_DIMS];
    cd_shape shape;
    const cd_shape own = shape_of_index(a, index);
    arrange(a, x, &own, &shape, from);
    return shape;
}

/* The elements that an index can stand for. */
static int64_t range_of(const cd_indexed_attributes *a, const cd_shape *x)
{
    int64_t n = 1;
    for (int i = 0; i < x->ndim; i++) n *= is_indexed(a, i) ? x->dim[i] : 1;
    return n;
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_dtype(const cd_call *call, unsigned rules)
{
    const cd_dtype dtype = call->in[CD_INDEX].tensor->dtype;
    if (dtype == CD_I64 || (dtype == CD_I32 && !(rules & CD_INDEX_INT64))) return true;
    return cd_refuse(call, CD_ERR_DTYPE, "the index is %s, and must be int64%s",
                     cd_dtype_name(dtype), rules & CD_INDEX_INT64 ? "" : " or int32");
}

/* The dimensions of x that the index is for. */
static bool find_dims(cd_call *call, unsigned rules)
{
    char text[CD_SHAPE_TEXT];
    cd_indexed_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *index = call->in[CD_INDEX].tensor;
    if (rules & CD_INDEX_INTO_ALL) a->dims = ((int64_t)1 << x->shape.ndim) - 1;
    if (!(rules & CD_INDEX_VECTOR)) return true;
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    a->dims = (int64_t)1 << a->dim;
    return index->shape.ndim <= 1 ||
           cd_refuse(call, CD_ERR_SHAPE, "the index has shape %s, and must be a vector",
                     cd_sizes_text(&index->shape, text));
}

bool cd_infer_indexed(cd_call *call, unsigned rules)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    cd_indexed_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_INDEXED].tensor, *index = call->in[CD_INDEX].tensor;
    if (!check_dtype(call, rules) || !find_dims(call, rules)) return false;
    const int left = x->shape.ndim - __builtin_popcountll((unsigned long long)a->dims);
    if (left + index->shape.ndim > CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) at an index (%s) would have %d dimensions, more than %d",
                         cd_sizes_text(&x->shape, text_x), cd_sizes_text(&index->shape, text),
                         left + index->shape.ndim, CD_MAX_DIMS);
    }
    a->by_vector = (rules & CD_INDEX_VECTOR) != 0;
    a->not_negative = (rules & CD_INDEX_NOT_NEGATIVE) != 0;
    call->need[CD_INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR, .apart = CD_APART };
    return true;
}

bool cd_infer_indexed_read(cd_call *call, unsigned rules)
{
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    if (!cd_infer_indexed(call, rules)) return false;
    call->out[0].dtype = x->dtype;
    call->out[0].shape =
        cd_indexed_shape(call->launch.attributes, &x->shape, &call->in[CD_INDEX].tensor->shape);
    if (x->shape.ndim == 0 && (rules & CD_INDEX_VECTOR)) call->out[0].shape = CD_SCALAR;
    return true;
}

bool cd_infer_indexed_write(cd_call *call, unsigned rules)
{
    const cd_tensor *x = call->in[CD_INDEXED].tensor;
    const cd_operand values = call->in[CD_VALUES];
    if (!cd_infer_indexed(call, rules)) return false;
    if (values.kind != CD_OPERAND_TENSOR) {
        if (!cd_number_fits(x->dtype, values.kind != CD_OPERAND_DOUBLE, values.number)) {
            return cd_refuse_number(call, x->dtype, values.number);
        }
    } else if (values.tensor->dtype != x->dtype && !(rules & CD_INDEX_CONVERTS)) {
        return cd_refuse(call, CD_ERR_DTYPE, "%s is %s, and x %s: they must be of one dtype",
                         call->op->input[CD_VALUES], cd_dtype_name(values.tensor->dtype),
                         cd_dtype_name(x->dtype));
    }
    call->need[CD_VALUES].dtype = x->dtype;
    call->need[CD_VALUES].apart = CD_APART;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return true;
}

bool cd_check_source(const cd_call *call)
{
    char text[CD_SHAPE_TEXT], right_text[CD_SHAPE_TEXT];
    const cd_indexed_attributes *a = call->launch.attributes;
    const cd_shape source = call->in[CD_VALUES].tensor->shape;
    const cd_shape right =
        cd_indexed_shape(a, &call->in[CD_INDEXED].tensor->shape, &call->in[CD_INDEX].tensor->shape);
    return cd_shape_equal(cd_as_vector(source), right) ||
           cd_refuse(call, CD_ERR_SHAPE, "the source has shape %s, and must have %s",
                     cd_sizes_text(&source, text), cd_sizes_text(&right, right_text));
}

/* --- values ----------------------------------------------------------------------------------- */

bool cd_check_indexed(const cd_launch *launch, cd_fault *fault)
{
    const cd_indexed_attributes *a = launch->attributes;
    const int64_t n = range_of(a, &launch->in[CD_INDEXED].layout->shape);
    return cd_check_indices_from(&launch->in[CD_INDEX], a->not_negative ? 0 : -n, n, fault);
}

bool cd_refuse_indexed(cd_call *call, const cd_fault *fault)
{
    char text[CD_SHAPE_TEXT];
    const cd_indexed_attributes *a = call->launch.attributes;
    const cd_shape *x = &call->in[CD_INDEXED].tensor->shape;
    const int64_t n = range_of(a, x);
    if (n == 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "index %lld (at position %lld) is out of range: x (%s) is empty there",
                         (long long)fault->integer, (long long)fault->position,
                         cd_sizes_text(x, text));
    }
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "index %lld (at position %lld) is out of range: into x (%s) it must be %lld "
                     "to %lld",
                     (long long)fault->integer, (long long)fault->position, cd_sizes_text(x, text),
                     a->not_negative ? 0LL : -(long long)n, (long long)n - 1);
}

/* --- run -------------------------------------------------------------------------------------- */

size_t cd_indexed_workspace(const cd_launch *launch)
{
    return (size_t)launch->in[CD_INDEX].layout->numel * sizeof(int64_t);
}

/* How far each indexed element of the table is from its first one, into the workspace. */
static void find_offsets(const cd_launch *launch, const cd_layout *table)
{
    const cd_indexed_attributes *a = launch->attributes;
    int64_t size[CD_MAX_DIMS], stride[CD_MAX_DIMS];
    int ndim = 0;
    for (int i = 0; i < table->shape.ndim; i++) {
        if (!is_indexed(a, i)) continue;
        size[ndim] = table->shape.dim[i];
        stride[ndim++] = table->stride[i];
    }
    cd_cpu_index_offsets(launch->in[CD_INDEX].layout->numel, launch->in[CD_INDEX].data, ndim, size,
                         stride, launch->workspace);
}

/* Adds a dimension to the walk, or makes the last one longer where the strides allow it. */
static void add_dim(cd_index_walk *walk, int64_t size, int64_t index, int64_t table, int64_t value)
{
    const int last = walk->ndim - 1;
    if (size == 1) return;
    if (last >= 0 && walk->index_stride[last] == size * index &&
        walk->table_stride[last] == size * table && walk->value_stride[last] == size * value) {
        walk->size[last] *= size;
    } else {
        walk->ndim++;
        walk->size[last + 1] = size;
    }
    walk->index_stride[walk->ndim - 1] = index;
    walk->table_stride[walk->ndim - 1] = table;
    walk->value_stride[walk->ndim - 1] = value;
}

/* The walk over the elements of the table at the index. The values broadcast to their shape. */
static cd_index_walk walk_of(const cd_launch *launch, const cd_layout *table,
                             const cd_layout *values)
{
    const cd_indexed_attributes *a = launch->attributes;
    int from[CD_MAX_DIMS];
    int64_t in_index[CD_MAX_DIMS] = { 0 };
    cd_shape shape;
    const cd_shape index = shape_of_index(a, &launch->in[CD_INDEX].layout->shape);
    cd_index_walk walk = { .ndim = 0, .along = 1 };
    arrange(a, &table->shape, &index, &shape, from);
    cd_contiguous_strides(index, in_index);
    for (int i = 0, k = 0; i < shape.ndim; i++) {
        const int own = i - (shape.ndim - values->shape.ndim);
        const bool repeats = own < 0 || values->shape.dim[own] == 1;
        add_dim(&walk, shape.dim[i], from[i] < 0 ? in_index[k++] : 0,
                from[i] < 0 ? 0 : table->stride[from[i]], repeats ? 0 : values->stride[own]);
    }
    if (walk.ndim == 0) walk = (cd_index_walk){ .ndim = 1, .along = 1, .size = { 1 } };
    return walk;
}

void cd_run_indexed_read(const cd_launch *launch)
{
    const cd_array *x = &launch->in[CD_INDEXED], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    find_offsets(launch, x->layout);
    cd_index_walk walk = walk_of(launch, x->layout, y->layout);
    cd_cpu_gather(x->layout->dtype, &walk, launch->workspace, x->data, y->data);
}

void cd_run_indexed_write(const cd_launch *launch)
{
    const cd_indexed_attributes *a = launch->attributes;
    const cd_array *values = &launch->in[CD_VALUES], *y = &launch->out[0];
    (void)cd_cpu_start_from(y, &launch->in[CD_INDEXED]);
    if (launch->in[CD_INDEX].layout->numel == 0 || y->layout->numel == 0) return;
    find_offsets(launch, y->layout);
    cd_index_walk walk = walk_of(launch, y->layout, values->layout);
    cd_cpu_scatter(a->accumulate ? CD_SCATTER_ADD : CD_SCATTER_SET, y->layout->dtype, &walk,
                   launch->workspace, values->data, y->data);
}

/* --- gradients -------------------------------------------------------------------------------- */

static cd_tensor *index_for(const cd_indexed_attributes *a, cd_tensor *index)
{
    const bool lacks_dim = a->by_vector && index && index->shape.ndim == 0;
    return lacks_dim ? cd_reshape(index, CD_SHAPE(1)) : index;
}

cd_tensor *cd_indexed_scatter(const cd_indexed_attributes *a, cd_tensor *dy, cd_tensor *index,
                              cd_shape shape)
{
    cd_indexed_attributes add = { .dims = a->dims, .placed = a->placed, .accumulate = true };
    cd_tensor *zeros = cd_zeros(shape, .dtype = dy->dtype, .device = cd_tensor_device(dy));
    return cd_op_in_place_with(&cd_op_index_put, &add, zeros, index_for(a, index), dy);
}

cd_tensor *cd_indexed_read(const cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index)
{
    cd_indexed_attributes read = { .dims = a->dims, .placed = a->placed };
    return cd_op_with(&cd_op_index, &read, x, index_for(a, index));
}

cd_tensor *cd_indexed_clear(const cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index)
{
    cd_indexed_attributes clear = { .dims = a->dims, .placed = a->placed };
    const cd_operand zero = cd_operand_double(0);
    return cd_op_indexed(&cd_op_index_put, &clear, x, index_for(a, index), zero, false);
}

void cd_indexed_read_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_indexed_attributes *a = cd_attributes_of(node);
    dx[0] = cd_indexed_scatter(a, dy[0], cd_saved_value(node, 0), node->input[0].shape);
}

void cd_indexed_write_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_indexed_attributes *a = cd_attributes_of(node);
    const bool x_wanted = cd_wanted(node, CD_INDEXED);
    if (x_wanted && a->accumulate) dx[CD_INDEXED] = dy[0];
    if (a->accumulate && !cd_wanted(node, CD_VALUES)) return;
    cd_tensor *index = cd_saved_value(node, 0);
    if (x_wanted && !a->accumulate) dx[CD_INDEXED] = cd_indexed_clear(a, dy[0], index);
    if (cd_wanted(node, CD_VALUES)) dx[CD_VALUES] = cd_indexed_read(a, dy[0], index);
}

cd_tensor *cd_op_indexed(const cd_op *op, cd_indexed_attributes *a, cd_tensor *x, cd_tensor *index,
                         cd_operand values, bool in_place)
{
    cd_call call;
    const cd_operand in[3] = { cd_operand_tensor(x), cd_operand_tensor(index), values };
    cd_call_begin(&call, op, in, 3);
    call.launch.attributes = a;
    call.in_place = in_place;
    return cd_call_run(&call);
}
