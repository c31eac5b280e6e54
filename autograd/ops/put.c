/* put: x, with the elements of a source at these positions, counted row by row: in the place of
 * what was there, or, with .accumulate, added to it. Negative positions count from the end.
 *
 * Source and index have as many elements; the shapes may differ. Saves the index. Kernel:
 * core/cpu/gather.c. */
#include "autograd/families/indexed_internal.h"
#include "autograd/ops_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_indexed_attributes, accumulate, BOOL),
                                   CD_FIELDS_END };

static void put_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_indexed_write_backward(node, dy, dx);
    if (dx[CD_VALUES]) dx[CD_VALUES] = cd_reshape(dx[CD_VALUES], node->input[CD_VALUES].shape);
}

static bool put_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], text_source[CD_SHAPE_TEXT];
    const cd_tensor *index = call->in[CD_INDEX].tensor, *source = call->in[CD_VALUES].tensor;
    if (!cd_infer_indexed_write(call, CD_INDEX_INTO_ALL | CD_INDEX_INT64)) return false;
    call->need[CD_VALUES].order = CD_ROW_MAJOR;
    return source->numel == index->numel ||
           cd_refuse(
               call, CD_ERR_SHAPE, "the source (%s) and the index (%s) must have as many elements",
               cd_sizes_text(&source->shape, text_source), cd_sizes_text(&index->shape, text));
}

/* The source in the index's shape. */
static void put_run(const cd_launch *launch)
{
    cd_layout layout = *launch->in[CD_INDEX].layout;
    layout.dtype = launch->in[CD_VALUES].layout->dtype;
    const cd_array in[3] = { launch->in[CD_INDEXED],
                             launch->in[CD_INDEX],
                             { launch->in[CD_VALUES].data, &layout } };
    cd_launch shaped = *launch;
    shaped.in = in;
    cd_run_indexed_write(&shaped);
}

cd_tensor *cd_put_with(cd_put_options options)
{
    cd_indexed_attributes a = { .accumulate = options.accumulate };
    return cd_op_with(&cd_op_put, &a, options.x, options.index, options.source);
}

cd_tensor *cd_put_with_(cd_put_options options)
{
    cd_indexed_attributes a = { .accumulate = options.accumulate };
    return cd_op_in_place_with(&cd_op_put, &a, options.x, options.index, options.source);
}

const cd_op cd_op_put = {
    .name = "put",
    .in_place_name = "put_",
    .grad_fn = "PutBackward0",
    .like = "x.put(index, source, accumulate=False)",
    .formula = "y = x, with the elements of source at the positions index, or added there",
    .gradient = "dx = dy, but 0 at the positions unless the source was added; dsource = dy there",
    .dtypes = "all, the same for x and source; the index is int64",
    .inputs = 3,
    .input = { "x", "index", "source" },
    .save = { { CD_INPUT, CD_INDEX } },
    CD_OP_ATTRIBUTES(cd_indexed_attributes, fields),
    .infer = put_infer,
    .refuse = cd_refuse_indexed,
    .cpu = { .workspace = cd_indexed_workspace, .check = cd_check_indexed, .run = put_run },
    .backward = put_backward,
};
