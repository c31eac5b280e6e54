/* Samples and bad calls of feature_dropout: see op_cases.h. */
#include "op_cases.h"

typedef cd_tensor *dropout(cd_dropout_options options);
static dropout *const plain[] = { [1] = cd_dropout1d_with, cd_dropout2d_with, cd_dropout3d_with };
static dropout *const in_place[] = { [1] = cd_dropout1d_with_,
                                     cd_dropout2d_with_,
                                     cd_dropout3d_with_ };

/* p[0] is which of them, p[1] is .p. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return plain[(int)p[0]](
        (cd_dropout_options){ .x = in[0], .p = p[1], .generator = cd_generator_new(3) });
}

static cd_tensor *call_in_place(cd_tensor *const *in, const double *p)
{
    return in_place[(int)p[0]](
        (cd_dropout_options){ .x = cd_clone(in[0]), .p = p[1], .generator = cd_generator_new(3) });
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { R(3, 4) }, { 1 });
    cd_sample(s, call, { R(2, 3, 4) }, { 1, 0.25 });
    cd_sample(s, call, { R(2, 3, 2, 2) }, { 2 });
    cd_sample(s, call, { R(2, 3, 4) }, { 2, 0.4 });
    cd_sample(s, call, { R(3, 4) }, { 2 });
    cd_sample(s, call, { R(4, 2, 1, 3) }, { 3 });
    cd_sample(s, call, { R(2, 3, 1, 2, 2) }, { 3, 0.9 });
    cd_sample(s, call, { cd_transpose(R(2, 3, 4), 0, 2) }, { 1 });
    cd_sample(s, call, { R(0, 3, 4) }, { 1 });
    cd_sample(s, call, { R(2, 3, 4) }, { 1, 1 });
    cd_sample(s, call_in_place, { R(2, 3, 4) }, { 1 });
    cd_sample(s, call_in_place, { R(2, 3, 2, 2) }, { 2 });
    cd_sample(s, call_in_place, { R(3, 1, 2, 2) }, { 3 });
#undef R
}

static void misuse(cd_samples *s)
{
    static const char *const names[] = { "dropout1d", "dropout2d", "dropout3d", NULL };
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3, 2)), *row = cd_ones(CD_SHAPE(3));
    s->names = names;
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_dropout1d(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_dropout2d(NULL));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_dropout3d(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have 2 or 3", cd_dropout1d(row));
    cd_expect_error(s, CD_ERR_SHAPE, "2x3x2x1", cd_dropout1d_(cd_unsqueeze(x, -1)));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have at least 2", cd_dropout2d(row));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must have at least 2", cd_dropout3d_(row));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".p is 2", cd_dropout2d(x, .p = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".p is 2", cd_dropout2d_(x, .p = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_dropout1d(cd_to(x, CD_I64)));
}

const op_cases cases_feature_dropout = { samples, misuse };
