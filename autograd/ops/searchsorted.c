/* searchsorted: where values belong among sorted elements.
 *
 * That is in front of the elements that are equal to the value, or behind them (.right). The
 * search goes beyond an element that is NaN, and a NaN belongs behind all. Of several rows each is
 * for the values in the row of the same indices.
 * Values and elements are compared in the dtype that both are promoted to. No gradient. Kernel:
 * core/cpu/search.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/families/sort_internal.h"
#include "core/cpu/search_internal.h"

enum { SORTED, VALUES, SORTER };

static const cd_field fields[] = { CD_FIELD(cd_searchsorted_attributes, right, BOOL),
                                   CD_FIELD(cd_searchsorted_attributes, out_int32, BOOL),
                                   CD_FIELDS_END };

static bool check_shapes(const cd_call *call, const cd_shape *sorted, const cd_shape *values)
{
    char text[CD_SHAPE_TEXT], text_values[CD_SHAPE_TEXT];
    bool fits = sorted->ndim == 1 || (sorted->ndim > 0 && sorted->ndim == values->ndim);
    for (int i = 0; fits && sorted->ndim > 1 && i + 1 < sorted->ndim; i++) {
        fits = sorted->dim[i] == values->dim[i];
    }
    return fits || cd_refuse(call, CD_ERR_SHAPE,
                             "the sorted elements (%s) must be a vector, or have the sizes of the "
                             "values (%s) but for the last",
                             cd_sizes_text(sorted, text), cd_sizes_text(values, text_values));
}

static bool check_sorter(const cd_call *call, const cd_tensor *sorter, const cd_shape *sorted)
{
    char text[CD_SHAPE_TEXT], text_sorted[CD_SHAPE_TEXT];
    if (!sorter) return true;
    if (sorter->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE, "the sorter is %s, and must be int64",
                         cd_dtype_name(sorter->dtype));
    }
    return cd_shape_equal(sorter->shape, *sorted) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the sorter (%s) must have the shape of the sorted elements (%s)",
                     cd_sizes_text(&sorter->shape, text), cd_sizes_text(sorted, text_sorted));
}

static bool searchsorted_infer(cd_call *call)
{
    const cd_searchsorted_attributes *a = call->launch.attributes;
    const cd_shape sorted = cd_call_shape(call, SORTED), values = cd_call_shape(call, VALUES);
    const cd_tensor *sorter = cd_operand_as_tensor(call->in[SORTER]);
    const cd_dtype dtype = cd_result_type(call->in, 2);
    if (!cd_check_computes_in(call, dtype) || !check_shapes(call, &sorted, &values) ||
        !check_sorter(call, sorter, &sorted)) {
        return false;
    }
    for (int k = 0; k < 3; k++) call->need[k].order = CD_ROW_MAJOR;
    call->need[SORTED].dtype = call->need[VALUES].dtype = dtype;
    call->out[0].dtype = a->out_int32 ? CD_I32 : CD_I64;
    call->out[0].shape = values;
    return true;
}

static int64_t row_size(const cd_launch *launch)
{
    const cd_shape *shape = &launch->in[SORTED].layout->shape;
    return shape->dim[shape->ndim - 1];
}

static bool searchsorted_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_array *sorter = &launch->in[SORTER];
    return !sorter->layout || cd_check_indices(sorter, row_size(launch), fault);
}

static bool searchsorted_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "index %lld (at position %lld of the sorter) is out of range: it must be 0 to "
                     "%lld",
                     (long long)fault->integer, (long long)fault->position,
                     (long long)row_size(&call->launch) - 1);
}

static void searchsorted_run(const cd_launch *launch)
{
    const cd_searchsorted_attributes *a = launch->attributes;
    const cd_array *sorted = &launch->in[SORTED], *values = &launch->in[VALUES];
    const cd_shape *shape = &values->layout->shape;
    const int64_t count = values->layout->numel;
    if (count == 0) return;
    const bool one_row = sorted->layout->shape.ndim == 1;
    const cd_search search = { .dtype = sorted->layout->dtype,
                               .sorted = sorted->data,
                               .values = values->data,
                               .sorter = launch->in[SORTER].data,
                               .n = row_size(launch),
                               .count = count,
                               .each = one_row ? count : shape->dim[shape->ndim - 1],
                               .right = a->right,
                               .int32 = a->out_int32,
                               .out = launch->out[0].data };
    cd_cpu_search(&search);
}

cd_tensor *cd_searchsorted_for(const char *what, const cd_searchsorted_options *options)
{
    cd_call call;
    cd_searchsorted_attributes a = { .right = options->right, .out_int32 = options->out_int32 };
    const cd_operand in[3] = { cd_operand_tensor(options->sorted), options->values,
                               cd_operand_tensor(options->sorter) };
    cd_call_begin(&call, &cd_op_searchsorted, in, 3);
    call.name = what;
    call.launch.attributes = &a;
    return cd_call_run(&call);
}

cd_tensor *cd_searchsorted_with(cd_searchsorted_options options)
{
    return cd_searchsorted_for("searchsorted", &options);
}

const cd_op cd_op_searchsorted = {
    .name = "searchsorted",
    .like = "torch.searchsorted(sorted, values)",
    .formula = "y = how many of the sorted elements are less than the value, or not greater",
    .gradient = "none: an index has no gradient",
    .dtypes = "all but bool; y is int64 or int32",
    .inputs = 3,
    .optional = CD_SET(SORTER),
    .numbers = CD_SET(VALUES),
    .input = { "sorted", "values", "sorter" },
    .computes_in = CD_NUMERIC,
    CD_OP_ATTRIBUTES(cd_searchsorted_attributes, fields),
    .infer = searchsorted_infer,
    .refuse = searchsorted_refuse,
    .cpu = { .check = searchsorted_check, .run = searchsorted_run },
};
