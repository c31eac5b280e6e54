/* Initial values that are matrices of a kind: the identity, Dirac's delta for convolutions,
 * orthogonal and sparse matrices (nn/init.h). Each computes all values before it writes them. */
#include <math.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "nn/init_internal.h"
#include "nn/qr_internal.h"

cd_tensor *cd_init_eye_(cd_tensor *t)
{
    static const char function[] = "init_eye_";
    if (!cd_init_check(t, function)) return NULL;
    if (t->shape.ndim != 2) {
        (void)cd_init_refuse_shape(t, function, "2 dimensions, as a matrix");
        return NULL;
    }
    CD_SCOPE();
    const int64_t columns = t->shape.dim[1];
    return cd_init_set(t, cd_eye(t->shape.dim[0], .columns = columns, .no_columns = columns == 0,
                                 .dtype = t->dtype, .device = cd_tensor_device(t)));
}

/* --- Dirac ------------------------------------------------------------------------------------ */

/* The middle of a group's kernels, as a view of `least` x `least` elements. */
static cd_tensor *middle_of(cd_tensor *x, int64_t first, int64_t least)
{
    x = cd_narrow(cd_narrow(x, 0, first, least), 1, 0, least);
    while (x && x->shape.ndim > 2) x = cd_select(x, 2, x->shape.dim[2] / 2);
    return x;
}

cd_tensor *cd_init_dirac_with_(cd_init_dirac_options o)
{
    static const char function[] = "init_dirac_";
    if (!cd_init_check(o.t, function)) return NULL;
    if (o.groups == 0) o.groups = 1;
    const cd_shape shape = o.t->shape;
    if (shape.ndim < 3 || shape.ndim > 5) {
        (void)cd_init_refuse_shape(o.t, function,
                                   "3 to 5 dimensions, as a weight of a convolution");
        return NULL;
    }
    if (o.groups < 0 || shape.dim[0] % o.groups != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %lld groups do not divide %lld channels", function,
                      (long long)o.groups, (long long)shape.dim[0]);
        return NULL;
    }
    CD_SCOPE();
    CD_NO_GRAD();
    const int64_t each = shape.dim[0] / o.groups, least = each < shape.dim[1] ? each : shape.dim[1];
    cd_tensor *x = cd_zeros(shape, .dtype = o.t->dtype, .device = cd_tensor_device(o.t));
    cd_tensor *eye = cd_eye(least, .dtype = o.t->dtype, .device = cd_tensor_device(o.t));
    for (int64_t g = 0; x && x->numel > 0 && g < o.groups; g++) {
        CD_SCOPE();
        if (!cd_copy_(middle_of(x, g * each, least), eye)) return NULL;
    }
    return cd_init_set(o.t, x);
}

/* --- orthogonal ------------------------------------------------------------------------------- */

/* Writes a matrix with orthonormal columns over the tall matrix of normal numbers: the Q of its QR
 * decomposition in which R has no negative number on its diagonal. (Mezzadri 2007: so Q is
 * uniform.) */
static bool orthonormal(double *a, int64_t rows, int64_t columns)
{
    double *diagonal = cd_alloc((size_t)columns * 2 * sizeof *diagonal);
    if (!diagonal) return false;
    cd_qr(a, rows, columns, diagonal, diagonal + columns);
    for (int64_t j = 0; j < columns; j++) {
        const double sign = (diagonal[j] > 0) - (diagonal[j] < 0);
        for (int64_t i = 0; i < rows; i++) a[j * rows + i] *= sign;
    }
    cd_free(diagonal);
    return true;
}

/* The Q for a matrix rows x columns. It is decomposed column by column, so a tall one is read
 * transposed, and a wide one, of which the transpose is decomposed, as it is. */
static cd_tensor *orthogonal_of(cd_tensor *drawn)
{
    const bool tall = drawn->shape.dim[0] >= drawn->shape.dim[1];
    cd_tensor *by_columns = cd_contiguous(cd_to(tall ? cd_t(drawn) : drawn, CD_F64));
    if (!by_columns) return NULL;
    const cd_shape shape = by_columns->shape;
    const size_t bytes = (size_t)by_columns->numel * sizeof(double);
    double *a = cd_alloc(bytes);
    if (!a) return NULL;
    cd_tensor *q = NULL;
    if (cd_read(by_columns, a, bytes) && orthonormal(a, shape.dim[1], shape.dim[0])) {
        q = cd_from_array(a, shape, .dtype = CD_F64);
    }
    cd_free(a);
    return q && tall ? cd_t(q) : q;
}

cd_tensor *cd_init_orthogonal_with_(cd_init_orthogonal_options o)
{
    static const char function[] = "init_orthogonal_";
    if (o.gain == 0 && !signbit(o.gain)) o.gain = 1;
    if (!cd_init_check(o.t, function) || !cd_init_check_finite(o.gain, "gain", function))
        return NULL;
    if (o.t->shape.ndim < 2) {
        (void)cd_init_refuse_shape(o.t, function, "2 dimensions or more");
        return NULL;
    }
    const cd_device device = cd_tensor_device(o.t);
    if (o.t->numel == 0 || device == CD_META) return o.t;
    CD_SCOPE();
    CD_NO_GRAD();
    const int64_t rows = o.t->shape.dim[0];
    cd_tensor *drawn = cd_normal_(
        cd_empty(CD_SHAPE(rows, o.t->numel / rows), .dtype = o.t->dtype, .device = device), 0, 1,
        .generator = o.generator);
    cd_tensor *q = drawn ? orthogonal_of(drawn) : NULL;
    if (!q) return NULL;
    q = cd_to_device(cd_to(cd_reshape(q, o.t->shape), o.t->dtype), device);
    return cd_init_set(o.t, cd_mul(q, o.gain));
}

/* --- sparse ----------------------------------------------------------------------------------- */

cd_tensor *cd_init_sparse_with_(cd_init_sparse_options o)
{
    static const char function[] = "init_sparse_";
    if (o.std == 0 && !signbit(o.std)) o.std = 0.01;
    if (!cd_init_check(o.t, function)) return NULL;
    if (o.t->shape.ndim != 2) {
        (void)cd_init_refuse_shape(o.t, function, "2 dimensions, as a matrix");
        return NULL;
    }
    if (!(o.sparsity >= 0 && o.sparsity <= 1)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the sparsity is %g, and must be from 0 to 1", function,
                      o.sparsity);
        return NULL;
    }
    const cd_device device = cd_tensor_device(o.t);
    if (device == CD_META) return o.t;
    CD_SCOPE();
    CD_NO_GRAD();
    const int64_t rows = o.t->shape.dim[0], columns = o.t->shape.dim[1];
    const int64_t zeros = (int64_t)ceil(o.sparsity * (double)rows);
    cd_tensor *x = cd_normal_(cd_empty_like(o.t), 0, o.std, .generator = o.generator);
    for (int64_t j = 0; x && j < columns; j++) {
        CD_SCOPE();
        /* The order comes from the default generator in PyTorch, whatever draws the numbers. */
        cd_tensor *order = cd_to_device(cd_randperm(rows), device);
        if (!cd_index_fill_(cd_select(x, 1, j), 0, cd_narrow(order, 0, 0, zeros), 0)) return NULL;
    }
    return cd_init_set(o.t, x);
}
