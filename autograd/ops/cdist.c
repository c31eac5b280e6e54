/* cdist: the distances between the rows of x1 (... x P x M) and of x2 (... x R x M), by the p-norm.
 * The dimensions before the last two broadcast; y is ... x P x R.
 *
 * Where rows are equal the gradient is 0. For p = inf each element that reaches the largest
 * difference has the whole gradient, as in PyTorch; for p = 0 it is 0. For p = 2 and more than 25
 * rows, or if .mode says so, a call is one of the op euclidean_dist, which takes a product of
 * matrices, as in PyTorch. A difference that is NaN makes the distance NaN also for p = inf, where
 * PyTorch skips it.
 *
 * Saves x1, x2 and y. Kernels: core/cpu/distance.c, for each row of x1, and core/cpu/gemm.c;
 * cdist_backward has one of its own. */
#include "autograd/families/distance_internal.h"

#include "autograd/distance_ops.h"
#include "autograd/families/workspace_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/distance_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

enum { X1, X2 };
enum { SAVED_X1, SAVED_X2, SAVED_Y };

static const cd_field fields[] = { CD_FIELD(cd_distance_attributes, p, REAL), CD_FIELDS_END };

static void cdist_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const double p = ((const cd_distance_attributes *)cd_attributes_of(node))->p;
    cd_tensor *x1 = cd_saved_value(node, SAVED_X1), *x2 = cd_saved_value(node, SAVED_X2);
    cd_tensor *y = cd_saved_value(node, SAVED_Y);
    if (cd_wanted(node, X1)) dx[X1] = cd_cdist_backward(dy[0], x1, x2, y, p);
    if (cd_wanted(node, X2)) {
        dx[X2] = cd_cdist_backward(cd_transpose(dy[0], -2, -1), x2, x1, cd_transpose(y, -2, -1), p);
    }
}

/* --- infer ------------------------------------------------------------------------------------ */

bool cd_check_distance_p(const cd_call *call, double p)
{
    return p >= 0 || cd_refuse(call, CD_ERR_ARGUMENT, "p is %g, and must be 0 or more", p);
}

/* The shape without its last two dimensions. */
static cd_shape batch_of(const cd_shape *shape)
{
    cd_shape batch = *shape;
    batch.ndim -= 2;
    return batch;
}

static bool cdist_infer(cd_call *call)
{
    const cd_distance_attributes *d = call->launch.attributes;
    const cd_tensor *a = call->in[X1].tensor, *b = call->in[X2].tensor;
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    const char *one = cd_sizes_text(&a->shape, left), *two = cd_sizes_text(&b->shape, right);
    cd_shape *y = &call->out[0].shape;
    const int n = a->shape.ndim, m = b->shape.ndim;
    if (n < 2 || m < 2 || a->shape.dim[n - 1] != b->shape.dim[m - 1]) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x1 (%s) and x2 (%s) must have 2 dimensions or more, and the last of one "
                         "size",
                         one, two);
    }
    if (!cd_shape_broadcast(batch_of(&a->shape), batch_of(&b->shape), y)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the dimensions of x1 (%s) and x2 (%s) before the last two do not "
                         "broadcast",
                         one, two);
    }
    if (a->dtype != b->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "x1 is %s, and x2 %s: both must have one dtype",
                         cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    y->dim[y->ndim++] = a->shape.dim[n - 2];
    y->dim[y->ndim++] = b->shape.dim[m - 2];
    call->out[0].dtype = a->dtype;
    call->need[X1].order = call->need[X2].order = CD_ROW_MAJOR;
    return cd_check_floating(call, a->dtype) && cd_check_distance_p(call, d->p);
}

/* --- run -------------------------------------------------------------------------------------- */

/* The work, of which a piece is some rows of x1. For the gradient `y` is an input, like dy. */
typedef struct rows_task rows_task;
struct rows_task {
    cd_array x1, x2, y, dy, dx;
    double p;
    void (*do_row)(const rows_task *t, int64_t row);
    cd_array squares1, squares2;            /* by a product: the squares of the rows of x1 and x2 */
    int64_t first_rows, second_rows, width; /* P, R and M */
    int64_t rows, in_piece;                 /* rows of x1, of all matrices of the result */
};

/* The number of the matrix of x for a matrix of y, by its number. */
static int64_t matrix_number(const cd_layout *x, const cd_layout *y, int64_t number)
{
    int64_t own = 0, step = 1;
    for (int i = y->shape.ndim - 3, k = x->shape.ndim - 3; k >= 0; i--, k--) {
        if (x->shape.dim[k] > 1) own += number % y->shape.dim[i] * step;
        step *= x->shape.dim[k];
        number /= y->shape.dim[i];
    }
    return own;
}

static char *matrix_of(const cd_array *x, const cd_layout *y, int64_t number)
{
    const int64_t *size = &x->layout->shape.dim[x->layout->shape.ndim - 2];
    return (char *)x->data + matrix_number(x->layout, y, number) * size[0] * size[1] *
                                 (int64_t)cd_dtype_size(x->layout->dtype);
}

/* Row number `row` of x1, and those of x2. */
static cd_distances row_of(const rows_task *t, int64_t row)
{
    const int64_t size = (int64_t)cd_dtype_size(t->x1.layout->dtype), number = row / t->first_rows;
    const char *a = matrix_of(&t->x1, t->y.layout, number);
    return (cd_distances){ .p = t->p,
                           .rows = t->second_rows,
                           .width = t->width,
                           .a = a + row % t->first_rows * t->width * size,
                           .b = matrix_of(&t->x2, t->y.layout, number) };
}

static void measure(const rows_task *t, int64_t row)
{
    const cd_dtype dtype = t->x1.layout->dtype;
    const cd_distances d = row_of(t, row);
    cd_cpu_distances(dtype, &d,
                     (char *)t->y.data + row * t->second_rows * (int64_t)cd_dtype_size(dtype));
}

static void differentiate(const rows_task *t, int64_t row)
{
    const cd_dtype dtype = t->x1.layout->dtype;
    const int64_t size = (int64_t)cd_dtype_size(dtype), at = row * t->second_rows * size;
    const cd_distances d = row_of(t, row);
    cd_cpu_distances_backward(dtype, &d, (const char *)t->y.data + at,
                              (const char *)t->dy.data + at,
                              (char *)t->dx.data + row * t->width * size);
}

static void do_piece(int64_t piece, void *context)
{
    const rows_task *t = context;
    const int64_t end = cd_smaller((piece + 1) * t->in_piece, t->rows);
    for (int64_t row = piece * t->in_piece; row < end; row++) t->do_row(t, row);
}

static void set_sizes(rows_task *t)
{
    const cd_layout *y = t->y.layout;
    t->first_rows = y->shape.dim[y->shape.ndim - 2];
    t->second_rows = y->shape.dim[y->shape.ndim - 1];
    t->width = t->x1.layout->shape.dim[t->x1.layout->shape.ndim - 1];
    t->rows = t->first_rows;
    for (int i = 0; i < y->shape.ndim - 2; i++) t->rows *= y->shape.dim[i];
}

/* Each row takes so many steps. */
static void do_rows(rows_task *t, int64_t steps)
{
    const int64_t piece = 64 * 1024;
    t->in_piece = steps < piece ? piece / (steps + 1) : 1;
    if (t->in_piece < 1) t->in_piece = 1;
    cd_parallel((t->rows + t->in_piece - 1) / t->in_piece, do_piece, t);
}

/* How many elements are subtracted for a row. */
static int64_t row_steps(const rows_task *t)
{
    int64_t steps;
    return __builtin_mul_overflow(t->second_rows, t->width, &steps) ? INT64_MAX : steps;
}

static void cdist_run(const cd_launch *launch)
{
    rows_task t = { .x1 = launch->in[X1],
                    .x2 = launch->in[X2],
                    .y = launch->out[0],
                    .p = ((const cd_distance_attributes *)launch->attributes)->p,
                    .do_row = measure };
    if (launch->out[0].layout->numel == 0) return;
    set_sizes(&t);
    do_rows(&t, row_steps(&t));
}

/* --- by a product ----------------------------------------------------------------------------- */

/* The sums of squares of the rows of x1 and x2. */
typedef struct parts {
    cd_layout layout[2];
    cd_array squares[2];
} parts;

static void take_parts(const cd_launch *launch, cd_work *work, parts *p)
{
    for (int k = X1; k <= X2; k++) {
        const cd_layout *x = launch->in[k].layout;
        cd_shape rows = x->shape;
        rows.ndim--;
        p->layout[k] = cd_layout_row_major(x->dtype, rows);
        p->squares[k] = cd_work_take(work, &p->layout[k]);
    }
}

static size_t product_workspace(const cd_launch *launch)
{
    parts p;
    cd_work work = { NULL, 0 };
    take_parts(launch, &work, &p);
    return work.bytes;
}

/* Row number `row` of all matrices of y, in which -2 times the products are. */
static void take_root(const rows_task *t, int64_t row)
{
    const int64_t size = (int64_t)cd_dtype_size(t->x1.layout->dtype), number = row / t->first_rows;
    const int64_t first = matrix_number(t->x1.layout, t->y.layout, number) * t->first_rows;
    const int64_t second = matrix_number(t->x2.layout, t->y.layout, number) * t->second_rows;
    cd_cpu_distance_roots(t->x1.layout->dtype, t->second_rows,
                          (char *)t->squares1.data + (first + row % t->first_rows) * size,
                          (char *)t->squares2.data + second * size,
                          (char *)t->y.data + row * t->second_rows * size);
}

static void multiply(const rows_task *t, int64_t number)
{
    const int64_t size = (int64_t)cd_dtype_size(t->x1.layout->dtype);
    const cd_gemm_call call = { .m = t->first_rows,
                                .n = t->second_rows,
                                .k = t->width,
                                .alpha = -2,
                                .a = matrix_of(&t->x1, t->y.layout, number),
                                .lda = t->width,
                                .b = matrix_of(&t->x2, t->y.layout, number),
                                .ldb = t->width,
                                .transpose_b = true,
                                .c = (char *)t->y.data +
                                     number * t->first_rows * t->second_rows * size,
                                .ldc = t->second_rows };
    cd_cpu_gemm(t->x1.layout->dtype, &call);
}

static void product_run(const cd_launch *launch)
{
    parts p;
    cd_work work = { launch->workspace, 0 };
    if (launch->out[0].layout->numel == 0) return;
    take_parts(launch, &work, &p);
    rows_task t = { .x1 = launch->in[X1],
                    .x2 = launch->in[X2],
                    .y = launch->out[0],
                    .squares1 = p.squares[X1],
                    .squares2 = p.squares[X2],
                    .do_row = take_root };
    set_sizes(&t);
    for (int k = X1; k <= X2; k++) {
        cd_cpu_row_squares(p.layout[k].dtype, p.layout[k].numel, t.width, launch->in[k].data,
                           p.squares[k].data);
    }
    for (int64_t i = 0; i < t.rows / t.first_rows; i++) multiply(&t, i);
    do_rows(&t, t.second_rows);
}

/* --- the call --------------------------------------------------------------------------------- */

static int64_t rows_of(const cd_tensor *x)
{
    return x && x->shape.ndim >= 2 ? x->shape.dim[x->shape.ndim - 2] : 0;
}

cd_tensor *cd_cdist_with(cd_cdist_options o)
{
    enum { MANY = 25 }; /* PyTorch's number */
    CD_CALLED("cdist");
    cd_distance_attributes d = { cd_option_or(o.p, 2) };
    if (o.mode != CD_CDIST_AUTO && o.mode != CD_CDIST_PRODUCT && o.mode != CD_CDIST_DIFFERENCES) {
        (void)cd_fail(CD_ERR_ARGUMENT, "cdist: .mode is %d, and must be one of cd_cdist_mode",
                      (int)o.mode);
        return NULL;
    }
    const bool many = rows_of(o.x1) > MANY || rows_of(o.x2) > MANY;
    const bool product = o.mode == CD_CDIST_PRODUCT || (o.mode == CD_CDIST_AUTO && many);
    const bool elements = o.x1 && o.x1->numel > 0 && o.x2 && o.x2->numel > 0;
    return cd_op_with(d.p == 2 && product && elements ? &cd_op_euclidean_dist : &cd_op_cdist, &d,
                      o.x1, o.x2);
}

#define DISTANCES                                                                                  \
    .gradient = "dx1[i] = sum of dy[i, j] d |d|^(p-2) / y[i, j]^(p-1), d = x1[i] - x2[j]; dx2 = "  \
                "the same with -d; 0 where y is 0",                                                \
    .dtypes = "floating, the same for both", .inputs = 2, .input = { "x1", "x2" },                 \
    .save = { [SAVED_X1] = { CD_INPUT, X1 },                                                       \
              [SAVED_X2] = { CD_INPUT, X2 },                                                       \
              [SAVED_Y] = { CD_OUTPUT, 0 } },                                                      \
    CD_OP_ATTRIBUTES(cd_distance_attributes, fields), .infer = cdist_infer,                        \
    .backward = cdist_backward

const cd_op cd_op_cdist = {
    .name = "cdist",
    .grad_fn = "CdistBackward0",
    .like = "torch.cdist(x1, x2, p)",
    .formula = "y[i, j] = (sum |x1[i] - x2[j]|^p)^(1/p)",
    DISTANCES,
    .cpu = { .run = cdist_run },
};

const cd_op cd_op_euclidean_dist = {
    .name = "euclidean_dist",
    .grad_fn = "EuclideanDistBackward0",
    .like = "torch.cdist(x1, x2) of more than 25 rows",
    .formula = "y[i, j] = sqrt(|x1[i]|^2 - 2 x1[i] x2[j] + |x2[j]|^2)",
    DISTANCES,
    .cpu = { .workspace = product_workspace, .run = product_run },
};

/* --- cdist_backward: the gradient of x1 ------------------------------------------------------- */

enum { DY, ROWS, OTHERS, Y }; /* its inputs, which are saved in slots of these numbers */

cd_tensor *cd_cdist_backward(cd_tensor *dy, cd_tensor *x1, cd_tensor *x2, cd_tensor *y, double p)
{
    cd_distance_attributes d = { p };
    return cd_op_with(&cd_op_cdist_backward, &d, dy, x1, x2, y);
}

/* The gradient of y with respect to the differences d, where y is not 0. */
static cd_tensor *slope(cd_tensor *d, cd_tensor *y, double p)
{
    if (p == 1) return cd_sign(d);
    if (isinf(p)) return cd_mul(cd_sign(d), cd_eq(cd_abs(d), y));
    if (p == 2) return cd_div(d, y);
    return cd_mul(cd_sign(d), cd_pow(cd_abs(cd_div(d, y)), p - 1));
}

/* g is the gradient of dx1. With s the slope, q = sum of g s along a row, and y as a function of x1
 * and x2: the gradient of dy is q, and that of a difference dy (p - 1) / y (g |d / y|^(p-2) - q
 * s). */
static void cdist_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const double p = ((const cd_distance_attributes *)cd_attributes_of(node))->p;
    if (p == 0) return;
    cd_tensor *y = cd_unsqueeze(cd_saved_value(node, Y), -1), *apart = cd_ne(y, 0);
    cd_tensor *d = cd_sub(cd_unsqueeze(cd_saved_value(node, ROWS), -2),
                          cd_unsqueeze(cd_saved_value(node, OTHERS), -3));
    cd_tensor *across = cd_unsqueeze(g[0], -2), *s = cd_where(apart, slope(d, y, p), 0);
    cd_tensor *q = cd_sum_dim(cd_mul(across, s), -1);
    if (cd_wanted(node, DY)) grad[DY] = q;
    if (p == 1 || isinf(p)) return;
    if (p != 2) {
        cd_tensor *power = cd_pow(cd_abs(cd_div(d, y)), p - 2);
        across = cd_mul(across, cd_where(cd_eq(d, 0), 0, power));
    }
    cd_tensor *dy = cd_unsqueeze(cd_saved_value(node, DY), -1);
    cd_tensor *bent = cd_sub(across, cd_mul(cd_unsqueeze(q, -1), s));
    cd_tensor *dd = cd_where(apart, cd_mul(cd_div(cd_mul(dy, p - 1), y), bent), 0);
    if (cd_wanted(node, ROWS)) grad[ROWS] = cd_sum_dim(dd, -2);
    if (cd_wanted(node, OTHERS)) grad[OTHERS] = cd_neg(cd_sum_dim(dd, -3));
}

static bool cdist_backward_infer(cd_call *call)
{
    const cd_tensor *dy = call->in[DY].tensor, *x = call->in[ROWS].tensor;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = dy->shape;
    call->out[0].shape.dim[dy->shape.ndim - 1] = x->shape.dim[x->shape.ndim - 1];
    for (int k = DY; k <= Y; k++) call->need[k].order = CD_ROW_MAJOR;
    return true;
}

static void cdist_backward_run(const cd_launch *launch)
{
    rows_task t = { .x1 = launch->in[ROWS],
                    .x2 = launch->in[OTHERS],
                    .y = launch->in[Y],
                    .dy = launch->in[DY],
                    .dx = launch->out[0],
                    .p = ((const cd_distance_attributes *)launch->attributes)->p,
                    .do_row = differentiate };
    if (launch->out[0].layout->numel == 0) return;
    set_sizes(&t);
    do_rows(&t, row_steps(&t));
}

const cd_op cd_op_cdist_backward = {
    .name = "cdist_backward",
    .grad_fn = "CdistBackwardBackward0",
    .formula = "dx1[i] = sum of dy[i, j] d |d|^(p-2) / y[i, j]^(p-1), d = x1[i] - x2[j]",
    .gradient = "by the formula, with y as a function of x1 and x2",
    .dtypes = "floating",
    .inputs = 4,
    .input = { "dy", "x1", "x2", "y" },
    .save = { [DY] = { CD_INPUT, DY },
              [ROWS] = { CD_INPUT, ROWS },
              [OTHERS] = { CD_INPUT, OTHERS },
              [Y] = { CD_INPUT, Y } },
    CD_OP_ATTRIBUTES(cd_distance_attributes, fields),
    .infer = cdist_backward_infer,
    .cpu = { .run = cdist_backward_run },
    .backward = cdist_backward_backward,
};
