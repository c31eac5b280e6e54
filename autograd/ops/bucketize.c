/* bucketize: the index of the bucket that each value falls into, between sorted boundaries. Made of
 * searchsorted. */
#include "autograd/families/sort_internal.h"

static bool check(const cd_tensor *boundaries)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(boundaries, "bucketize", "boundaries")) return false;
    return boundaries->shape.ndim == 1 ||
           cd_fail(CD_ERR_SHAPE, "bucketize: the boundaries have shape %s, and must be a vector",
                   cd_sizes_text(&boundaries->shape, text));
}

cd_tensor *cd_bucketize_with(cd_bucketize_options options)
{
    const cd_searchsorted_options search = { .sorted = options.boundaries,
                                             .values = options.values,
                                             .right = options.right,
                                             .out_int32 = options.out_int32 };
    return check(options.boundaries) ? cd_searchsorted_for("bucketize", &search) : NULL;
}

const cd_op cd_op_bucketize = {
    .name = "bucketize",
    .like = "torch.bucketize(values, boundaries)",
    .formula = "y = how many boundaries are less than the value, or not greater",
    .gradient = "none: an index has no gradient",
    .dtypes = "all but bool; y is int64 or int32",
};
