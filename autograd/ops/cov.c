/* cov: the covariances of the rows of a matrix, with or without weights for its columns. Made of
 * other ops; the weights are checked by cov_weights. */
#include "autograd/families/gradients_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_x(const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "cov", "x")) return false;
    if (x->dtype == CD_BOOL) return cd_fail(CD_ERR_DTYPE, "cov: is not defined for bool");
    return x->shape.ndim <= 2 ||
           cd_fail(CD_ERR_SHAPE, "cov: x has shape %s, and must be a matrix or a vector",
                   cd_sizes_text(&x->shape, text));
}

static bool check_weights(const cd_tensor *x, const cd_tensor *w, const char *name, bool floating)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    if (!w) return true;
    if (!cd_check_tensor(w, "cov", name)) return false;
    if (cd_dtype_is_floating(w->dtype) != floating || w->dtype == CD_BOOL) {
        return cd_fail(CD_ERR_DTYPE, "cov: %s is %s, and must be %s", name, cd_dtype_name(w->dtype),
                       floating ? "floating" : "of integers");
    }
    const int64_t n = x->shape.ndim < 2 ? x->numel : x->shape.dim[1];
    return (w->shape.ndim <= 1 && w->numel == n) ||
           cd_fail(CD_ERR_SHAPE, "cov: %s (%s) must be a vector of %lld elements, for x (%s)", name,
                   cd_sizes_text(&w->shape, text), (long long)n, cd_sizes_text(&x->shape, text_x));
}

/* --- the function ----------------------------------------------------------------------------- */

static cd_tensor *checked(cd_tensor *w)
{
    return w ? cd_op_apply(&cd_op_cov_weights, w) : NULL;
}

/* What the products are divided by. PyTorch takes 0 for a negative one, too. */
static cd_tensor *divisor(cd_tensor *sum, cd_tensor *w, cd_tensor *aweights, double correction)
{
    if (!aweights || correction == 0) return cd_clamp_min(cd_sub(sum, correction), 0);
    cd_tensor *squares = cd_sum(cd_mul(w, aweights));
    return cd_clamp_min(cd_sub(sum, cd_div(cd_mul(squares, correction), sum)), 0);
}

static cd_tensor *weighted(cd_tensor *x, cd_tensor *w, cd_tensor *aweights, double correction)
{
    cd_tensor *sum = cd_sum(w);
    cd_tensor *mean = cd_div(cd_sum_dim(cd_mul(x, w), 1, .keepdim = true), sum);
    cd_tensor *centred = cd_sub(x, mean);
    cd_tensor *products = cd_mm(centred, cd_t(cd_mul(centred, w)));
    return cd_div(products, divisor(sum, w, aweights, correction));
}

static cd_tensor *plain(cd_tensor *x, double correction)
{
    const double n = (double)x->shape.dim[1];
    cd_tensor *mean = cd_div(cd_sum_dim(x, 1, .keepdim = true), n);
    cd_tensor *centred = cd_sub(x, mean);
    return cd_div(cd_mm(centred, cd_t(centred)), n > correction ? n - correction : 0.0);
}

static cd_tensor *cov_of(const cd_cov_options *o)
{
    const double correction = cd_option_or(o->correction, 1);
    cd_tensor *x = o->x->shape.ndim < 2 ? cd_reshape(o->x, CD_SHAPE(1, o->x->numel)) : o->x;
    cd_tensor *f = checked(o->fweights), *a = checked(o->aweights);
    cd_tensor *w = f && a ? checked(cd_mul(f, a)) : f ? f : a;
    if (!x || !cd_ok()) return NULL;
    return cd_squeeze_all(w ? weighted(x, w, a, correction) : plain(x, correction));
}

cd_tensor *cd_cov_with(cd_cov_options options)
{
    if (!check_x(options.x) || !check_weights(options.x, options.fweights, "fweights", false) ||
        !check_weights(options.x, options.aweights, "aweights", true)) {
        return NULL;
    }
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, cov_of(&options));
}

const cd_op cd_op_cov = {
    .name = "cov",
    .like = "torch.cov(x, correction, fweights, aweights)",
    .formula = "y = c c^T / (n - correction), where c = x - the means of its rows",
    .gradient = "that of the ops it is made of",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};

/* --- cov_weights: a copy of weights that have been checked ------------------------------------ */

static bool infer_weights(cd_call *call)
{
    call->need[0] = (cd_need){ .dtype = CD_F64, .order = CD_ROW_MAJOR };
    return cd_infer_same(call);
}

/* The fault's position is -1 when all of them are 0. */
static bool check_values(const cd_launch *launch, cd_fault *fault)
{
    const cd_array *w = &launch->in[0];
    const double *value = w->data;
    double sum = 0;
    *fault = (cd_fault){ .position = -1 };
    for (int64_t i = 0; i < w->layout->numel; i++) {
        sum += value[i];
        if (value[i] >= 0) continue;
        *fault = (cd_fault){ .position = i, .number = value[i] };
        return false;
    }
    return sum > 0;
}

static bool refuse_values(cd_call *call, const cd_fault *fault)
{
    if (fault->position < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "cov: the weights add up to 0");
    }
    (void)call;
    return cd_fail(CD_ERR_ARGUMENT, "cov: weight %lld is %g: 0 or more", (long long)fault->position,
                   fault->number);
}

static void run_weights(const cd_launch *launch)
{
    cd_cpu_convert(&launch->out[0], &launch->in[0]);
}

const cd_op cd_op_cov_weights = {
    .name = "cov_weights",
    .grad_fn = "CloneBackward0",
    .formula = "y = w; an error where an element is negative, or all are 0",
    .gradient = "dw = dy",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "w" },
    .infer = infer_weights,
    .refuse = refuse_values,
    .cpu = { .check = check_values, .run = run_weights },
    .backward = cd_same_backward,
};
