/* Samples and bad calls of lstm_steps: see op_cases.h. */
#include "op_cases.h"

#include "autograd/families/lstm_internal.h"

/* parameters: reverse, and the result: h, c, the gates, or all in one row, so that all have a
 * gradient. */
static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    cd_tensor *c = NULL, *gates = NULL;
    cd_tensor *h =
        cd_lstm_steps((cd_lstm_inputs){ in[0], in[1], in[2], in[3] }, p[0] != 0, &c, &gates);
    if (p[1] < 3) return p[1] == 0 ? h : p[1] == 1 ? c : gates;
    return h ? cd_cat(CD_TENSORS(cd_mul(h, 2), c, gates), 2) : NULL;
}

static void samples(cd_samples *s)
{
    for (int which = 0; which < 4; which++) {
        cd_tensor *weight = cd_randn(CD_SHAPE(8, 2)), *state = cd_randn(CD_SHAPE(3, 2));
        cd_sample(s, call, { cd_randn(CD_SHAPE(3, 3, 8)), state, cd_randn(CD_SHAPE(3, 2)), weight },
                  { which % 2, which });
        cd_sample(s, call, { cd_randn(CD_SHAPE(1, 3, 8)), state, cd_randn(CD_SHAPE(3, 2)), weight },
                  { 0, which });
    }
    /* A batch of more than the 8 rows of a piece of work. */
    for (int reverse = 0; reverse < 2; reverse++) {
        cd_sample(s, call,
                  { cd_randn(CD_SHAPE(2, 11, 4)), cd_randn(CD_SHAPE(11, 1)),
                    cd_randn(CD_SHAPE(11, 1)), cd_randn(CD_SHAPE(4, 1)) },
                  { reverse, 0 });
    }
    cd_tensor *none = cd_zeros(CD_SHAPE(0, 2));
    cd_sample(s, call, { cd_zeros(CD_SHAPE(2, 0, 8)), none, none, cd_randn(CD_SHAPE(8, 2)) },
              { 1, 3 });
}

static cd_tensor *steps(cd_tensor *gates, cd_tensor *h0, cd_tensor *c0, cd_tensor *weight)
{
    cd_tensor *c, *all;
    return cd_lstm_steps((cd_lstm_inputs){ gates, h0, c0, weight }, false, &c, &all);
}

static void misuse(cd_samples *s)
{
    cd_tensor *g = cd_zeros(CD_SHAPE(2, 3, 8)), *h = cd_zeros(CD_SHAPE(3, 2));
    cd_tensor *w = cd_zeros(CD_SHAPE(8, 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "gates is NULL", steps(NULL, h, h, w));
    cd_expect_error(s, CD_ERR_ARGUMENT, "weight is NULL", steps(g, h, h, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "gates (3x2) must have 3 dimensions", steps(h, h, h, w));
    cd_expect_error(s, CD_ERR_SHAPE, "at least one", steps(cd_zeros(CD_SHAPE(0, 3, 8)), h, h, w));
    cd_expect_error(s, CD_ERR_SHAPE, "h0 (8x2) does not fit gates (2x3x8)", steps(g, w, h, w));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (3x2)", steps(g, h, h, h));
    cd_expect_error(s, CD_ERR_DTYPE, "c0 is float64", steps(g, h, cd_to(h, CD_F64), w));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    steps(cd_to(g, CD_I64), cd_to(h, CD_I64), cd_to(h, CD_I64), cd_to(w, CD_I64)));
}

const op_cases cases_lstm_steps = { samples, misuse };
