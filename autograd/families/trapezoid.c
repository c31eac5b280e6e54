/* What trapezoid and cumulative_trapezoid share. */
#include "autograd/families/trapezoid_internal.h"

static bool check_points(const char *what, const cd_trapezoid_options *o)
{
    char text[CD_SHAPE_TEXT], text_y[CD_SHAPE_TEXT];
    const cd_tensor *x = o->x, *y = o->y;
    if (!x) return true;
    if (!cd_check_tensor(x, what, "x")) return false;
    if (x->dtype == CD_BOOL) return cd_fail(CD_ERR_DTYPE, "%s: is not defined for bool", what);
    if (o->dx != 0) return cd_fail(CD_ERR_ARGUMENT, "%s: .x and .dx are both given", what);
    if (x->shape.ndim == 1 && x->shape.dim[0] != y->shape.dim[o->dim]) {
        return cd_fail(CD_ERR_SHAPE, "%s: x (%s) must have as many elements as y (%s) along %d",
                       what, cd_sizes_text(&x->shape, text), cd_sizes_text(&y->shape, text_y),
                       o->dim);
    }
    return true;
}

static bool check(const char *what, cd_trapezoid_options *o)
{
    if (!cd_check_tensor(o->y, what, "y") || !cd_check_part(what, o->y, o->dim, &o->dim)) {
        return false;
    }
    if (o->y->dtype == CD_BOOL) return cd_fail(CD_ERR_DTYPE, "%s: is not defined for bool", what);
    return check_points(what, o);
}

cd_tensor *cd_trapezoid_by(const char *what, cd_trapezoid_options options, cd_trapezoid_rule *rule)
{
    CD_CALLED(what);
    if (!check(what, &options)) return NULL;
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, rule(&options));
}

/* x with y's dimensions: a vector is along dim, another gets dimensions of size 1 in front. */
static cd_tensor *points(const cd_trapezoid_options *o)
{
    const cd_shape own = o->x->shape;
    const int ndim = o->y->shape.ndim;
    cd_shape shape = { .ndim = ndim };
    if (own.ndim >= ndim) return o->x;
    for (int i = 0; i < ndim; i++) {
        const int at = i - (ndim - own.ndim);
        shape.dim[i] = at >= 0 && own.ndim != 1 ? own.dim[at] : 1;
    }
    if (own.ndim == 1) shape.dim[o->dim] = own.dim[0];
    return cd_reshape(o->x, shape);
}

/* The elements along dim but for the last, or but for the first. */
static cd_tensor *left(cd_tensor *t, int dim)
{
    return cd_slice(t, dim, 0, -1, 1);
}

static cd_tensor *right(cd_tensor *t, int dim)
{
    return cd_slice(t, dim, 1, CD_END, 1);
}

cd_tensor *cd_trapezoid_terms(const cd_trapezoid_options *o)
{
    cd_tensor *sums = cd_add(left(o->y, o->dim), right(o->y, o->dim));
    if (!o->x) return sums;
    cd_tensor *x = points(o);
    return cd_mul(sums, cd_sub(right(x, o->dim), left(x, o->dim)));
}
