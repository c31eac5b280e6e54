/* How the functions of the convolutions become calls of their ops. */
#include "autograd/families/conv_internal.h"
#include "autograd/ops_internal.h"

bool cd_conv_width(const char *name, const char *option, int64_t height, int64_t given, bool zero,
                   int64_t *width)
{
    *width = zero ? 0 : given ? given : height;
    return !zero || given == 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s_w is given, and .%s_w_is_zero says that it is 0", name,
                   option, option);
}

static bool is_word(int64_t padding)
{
    return padding == CD_PADDING_SAME || padding == CD_PADDING_VALID;
}

bool cd_check_padding_number(const char *name, const int64_t *padding)
{
    return (!is_word(padding[0]) && !is_word(padding[1])) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .padding must be a number: CD_PADDING_SAME and CD_PADDING_VALID are for "
                   "conv1d and conv2d",
                   name);
}

bool cd_check_padding_pair(const char *name, const int64_t *padding)
{
    return padding[0] == padding[1] || (!is_word(padding[0]) && !is_word(padding[1])) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .padding and .padding_w must both be numbers, or .padding_w left out",
                   name);
}

static int64_t or_one(int64_t value)
{
    return value ? value : 1;
}

/* The options, without padding that is a word. */
static cd_conv2d_sizes sizes_of(const cd_conv_given *g)
{
    cd_conv2d_sizes conv = { .stride_h = 1,
                             .stride_w = or_one(g->stride[1]),
                             .padding_w = g->padding[1],
                             .dilation_h = 1,
                             .dilation_w = or_one(g->dilation[1]),
                             .groups = or_one(g->groups),
                             .line = g->line };
    if (!g->line) {
        conv.stride_h = or_one(g->stride[0]);
        conv.padding_h = g->padding[0];
        conv.dilation_h = or_one(g->dilation[0]);
    }
    return conv;
}

/* Whether the number of dimensions is that of a convolution, with a batch or without one. */
static bool has_rank(const cd_conv_given *g)
{
    const int ndim = g->line ? 3 : 4;
    return g->weight->shape.ndim == ndim &&
           (g->x->shape.ndim == ndim || g->x->shape.ndim == ndim - 1);
}

/* x with so many zeros more at the end of its rows and columns. NULL with an error. */
static cd_tensor *extended(const cd_conv_given *g, int64_t rows, int64_t columns)
{
    if (rows == 0 && columns == 0) return g->x;
    const int64_t pad[] = { 0, columns, 0, rows };
    return cd_pad(g->x, ((cd_sizes){ pad, g->line ? 2 : 4 }));
}

/* The op's call. Begins and ends with the caller's scope. */
static cd_tensor *call_op(const cd_op *op, void *attributes, cd_tensor *x, const cd_conv_given *g)
{
    if (!x) return NULL;
    if (x->shape.ndim != (g->line ? 2 : 3)) {
        return cd_op_with(op, attributes, x, g->weight, g->bias);
    }
    cd_tensor *y = cd_op_with(op, attributes, cd_unsqueeze(x, 0), g->weight, g->bias);
    return y ? cd_squeeze(y, 0) : NULL;
}

static bool check_operands(const cd_conv_given *g)
{
    return cd_check_tensor(g->x, g->name, "x") && cd_check_tensor(g->weight, g->name, "weight");
}

/* --- convolutions ----------------------------------------------------------------------------- */

/* The padding before one dimension with which a convolution has as many outputs as inputs; *more
 * is 1 if one more is needed behind it. */
static int64_t same_padding(int64_t kernel, int64_t dilation, int64_t *more)
{
    int64_t total;
    if (kernel < 1 || __builtin_mul_overflow(dilation, kernel - 1, &total) || total < 0) return 0;
    *more = total % 2;
    return total / 2;
}

/* Sets the padding that makes the result as large as x, and *x to what needs it. False with an
 * error. */
static bool pad_same(const cd_conv_given *g, cd_conv2d_sizes *conv, cd_tensor **x)
{
    int64_t rows = 0, columns = 0;
    conv->padding_h = conv->padding_w = 0;
    if (conv->stride_h != 1 || conv->stride_w != 1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the stride is %lldx%lld, and .padding CD_PADDING_SAME, for which it "
                       "must be 1",
                       g->name, (long long)conv->stride_h, (long long)conv->stride_w);
    }
    if (!has_rank(g)) return true; /* which the op refuses */
    const int64_t *kernel = g->weight->shape.dim + g->weight->shape.ndim - 2;
    if (!g->line) conv->padding_h = same_padding(kernel[0], conv->dilation_h, &rows);
    conv->padding_w = same_padding(kernel[1], conv->dilation_w, &columns);
    *x = extended(g, rows, columns);
    return *x;
}

cd_tensor *cd_conv_call(const cd_conv_given *g)
{
    if (!check_operands(g) || (!g->line && !cd_check_padding_pair(g->name, g->padding))) {
        return NULL;
    }
    const cd_op *op = g->line ? &cd_op_conv1d : &cd_op_conv2d;
    cd_conv2d_sizes conv = sizes_of(g);
    if (g->padding[1] == CD_PADDING_VALID) conv.padding_h = conv.padding_w = 0;
    const bool same = g->padding[1] == CD_PADDING_SAME;
    /* The usual call makes nothing beside its result, and so needs no scope. */
    if (!same && g->x->shape.ndim != (g->line ? 2 : 3)) return call_op(op, &conv, g->x, g);
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *x = g->x, *y = NULL;
    if (!same || pad_same(g, &conv, &x)) y = call_op(op, &conv, x, g);
    return cd_ops_end(scope, y);
}

cd_tensor *cd_convolution(cd_tensor *x, cd_tensor *weight, cd_tensor *bias,
                          const cd_conv2d_sizes *like)
{
    cd_conv2d_sizes conv = *like;
    return cd_op_with(like->line ? &cd_op_conv1d : &cd_op_conv2d, &conv, x, weight, bias);
}

/* --- transposed convolutions ------------------------------------------------------------------ */

cd_tensor *cd_conv_transpose_call(const cd_conv_given *g)
{
    if (!check_operands(g) || !cd_check_padding_number(g->name, g->padding)) return NULL;
    cd_conv_transpose_attributes a = { .conv = sizes_of(g),
                                       .output_padding[1] = g->output_padding[1] };
    if (!g->line) a.output_padding[0] = g->output_padding[0];
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    const cd_op *op = g->line ? &cd_op_conv_transpose1d : &cd_op_conv_transpose2d;
    return cd_ops_end(scope, call_op(op, &a, g->x, g));
}
