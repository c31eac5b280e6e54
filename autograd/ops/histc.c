/* histc: how many elements of x are in each of some equal parts of a range.
 *
 * The range is from .min to .max; where both are equal, that of x. `check` refuses one that is not
 * finite. Saves nothing. Kernel: core/cpu/histogram.c. */
#include "autograd/families/reduction_internal.h"
#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/histogram_internal.h"
#include "core/cpu/reduce_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_histc_attributes, bins, INTEGER),
                                   CD_FIELD(cd_histc_attributes, min, REAL),
                                   CD_FIELD(cd_histc_attributes, max, REAL), CD_FIELDS_END };

static double rounded(cd_dtype dtype, double number)
{
    int64_t room;
    const cd_array element = cd_cpu_number(number, dtype, &room);
    return cd_real_at(dtype, element.data, 0);
}

/* --- infer and check -------------------------------------------------------------------------- */

static bool histc_infer(cd_call *call)
{
    const cd_histc_attributes *a = call->launch.attributes;
    const cd_dtype dtype = call->in[0].tensor->dtype;
    if (!cd_check_floating(call, dtype)) return false;
    if (a->bins < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, ".bins is %lld: 1 or more", (long long)a->bins);
    }
    if (!cd_dtype_takes(dtype, a->min)) return cd_refuse_number(call, dtype, a->min);
    if (!cd_dtype_takes(dtype, a->max)) return cd_refuse_number(call, dtype, a->max);
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = dtype;
    call->out[0].shape = CD_SHAPE(a->bins);
    return true;
}

/* The range that counts: low and high. */
static void find_range(const cd_launch *launch, double range[2])
{
    const cd_histc_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0];
    const cd_dtype dtype = x->layout->dtype;
    range[0] = rounded(dtype, a->min);
    range[1] = rounded(dtype, a->max);
    if (range[0] == range[1] && x->layout->numel > 0) {
        const cd_reduce_shape walk = cd_reduce_walk(x->layout, cd_all_dims(x->layout->shape));
        double least, most;
        cd_cpu_min(dtype, &walk, x->data, &least, NULL);
        cd_cpu_max(dtype, &walk, x->data, &most, NULL);
        range[0] = cd_real_at(dtype, &least, 0);
        range[1] = cd_real_at(dtype, &most, 0);
    }
    if (range[0] == range[1]) {
        range[0] = rounded(dtype, range[0] - 1);
        range[1] = rounded(dtype, range[1] + 1);
    }
}

/* The fault's integer tells which bound is not finite; 2: they are in the wrong order. */
static bool histc_check(const cd_launch *launch, cd_fault *fault)
{
    double range[2];
    find_range(launch, range);
    *fault = (cd_fault){ .integer = isfinite(range[0]) ? isfinite(range[1]) ? 2 : 1 : 0 };
    fault->number = range[fault->integer == 1];
    return fault->integer == 2 && range[0] < range[1];
}

static bool histc_refuse(cd_call *call, const cd_fault *fault)
{
    const cd_histc_attributes *a = call->launch.attributes;
    if (fault->integer < 2) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "the range %s %g, which is not finite",
                         fault->integer == 0 ? "begins at" : "ends at", fault->number);
    }
    if (a->min != a->max) {
        return cd_refuse(call, CD_ERR_ARGUMENT, ".max (%g) must be above .min (%g)", a->max,
                         a->min);
    }
    return cd_refuse(call, CD_ERR_ARGUMENT, "all of x is near %g, where the dtype has no range",
                     fault->number);
}

/* --- run -------------------------------------------------------------------------------------- */

static cd_layout layout_of_counts(const cd_launch *launch)
{
    const cd_histc_attributes *a = launch->attributes;
    const int64_t pieces = cd_cpu_histogram_pieces(launch->in[0].layout->numel, a->bins);
    return cd_layout_row_major(CD_I64, CD_SHAPE(pieces, a->bins));
}

static size_t histc_workspace(const cd_launch *launch)
{
    cd_work work = { NULL, 0 };
    const cd_layout counts = layout_of_counts(launch);
    (void)cd_work_take(&work, &counts);
    return work.bytes;
}

static void histc_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    double range[2];
    find_range(launch, range);
    cd_cpu_histogram(x->layout->dtype, x->layout->numel, x->data, range[0], range[1],
                     y->layout->numel, launch->workspace, y->data);
}

cd_tensor *cd_histc_with(cd_histc_options options)
{
    const double bins = cd_option_or(options.bins, 100);
    if (bins != floor(bins) || fabs(bins) >= 0x1p53) {
        (void)cd_fail(CD_ERR_ARGUMENT, "histc: .bins is %g: a whole number above 0", bins);
        return NULL;
    }
    cd_histc_attributes a = { (int64_t)bins, options.min, options.max };
    return cd_op_with(&cd_op_histc, &a, options.x);
}

const cd_op cd_op_histc = {
    .name = "histc",
    .like = "torch.histc(x, bins, min, max)",
    .formula = "y[i] = how many elements of x are in the i-th part of the range",
    .gradient = "none, as in PyTorch",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_histc_attributes, fields),
    .infer = histc_infer,
    .refuse = histc_refuse,
    .cpu = { .workspace = histc_workspace, .check = histc_check, .run = histc_run },
};
