/* Samples and bad calls of layer_norm: see op_cases.h. */
#include "op_cases.h"

enum { X, WEIGHT, BIAS };

/* p[0] is how many of the last dimensions are normalised, p[1] is .eps. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_shape x = cd_shape_of(in[X]), shape = { .ndim = (int)p[0] };
    const int before = x.ndim - shape.ndim; /* negative for an x that is NULL */
    for (int i = 0; i < shape.ndim && before >= 0; i++) shape.dim[i] = x.dim[before + i];
    return cd_layer_norm(in[X], shape, .weight = in[WEIGHT], .bias = in[BIAS], .eps = p[1]);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 1 });
    cd_sample(s, call, { R(3, 4) }, { 1, 0.1 });
    cd_sample(s, call, { R(3, 4), R(4) }, { 1 });
    cd_sample(s, call, { R(3, 4) }, { 1, -1e-4 });
    cd_sample(s, call, { R(3, 4), NULL, R(4) }, { 1 });
    cd_sample(s, call, { R(2, 3, 4), R(3, 4), R(3, 4) }, { 2 });
    cd_sample(s, call, { R(2, 3, 4), R(2, 3, 4), R(2, 3, 4) }, { 3 });
    cd_sample(s, call, { R(35), R(35), R(35) }, { 1 });
    cd_sample(s, call, { cd_transpose(R(2, 4, 3), 1, 2), R(4), R(4) }, { 1 });
    cd_sample(s, call, { R(0, 4), R(4), R(4) }, { 1 });
    cd_sample(s, call, { R(3, 0), R(0), R(0) }, { 1 });
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 1 }, .constant = CD_SET(X));
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 1 }, .constant = CD_SET(X) | CD_SET(WEIGHT));
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 1 }, .constant = CD_SET(X) | CD_SET(BIAS));
    cd_sample(s, call, { R(3, 4), R(4), R(4) }, { 1 }, .constant = CD_SET(WEIGHT) | CD_SET(BIAS));
#undef R
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *w = cd_ones(CD_SHAPE(3));
    const cd_shape last = CD_SHAPE(3);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_layer_norm(NULL, last));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3) does not end with the normalised shape, 2",
                    cd_layer_norm(x, CD_SHAPE(2)));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3) does not end with the normalised shape, 1x2x3",
                    cd_layer_norm(x, CD_SHAPE(1, 2, 3)));
    cd_expect_error(s, CD_ERR_SHAPE, "must have 1 to", cd_layer_norm(x, CD_SCALAR));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (2x3) must have the normalised shape, 3",
                    cd_layer_norm(x, last, .weight = x));
    cd_expect_error(s, CD_ERR_SHAPE, "bias (2x3) must have the normalised shape, 3",
                    cd_layer_norm(x, last, .weight = w, .bias = x));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_layer_norm(cd_to(x, CD_I64), last));
    cd_expect_error(s, CD_ERR_DTYPE, "weight is float64 and x is float32",
                    cd_layer_norm(x, last, .weight = cd_to(w, CD_F64)));
}

const op_cases cases_layer_norm = { samples, misuse };
