#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_scatter_add(in[0], (int)p[0], in[1], in[2]);
}

static const int64_t places[] = { 2, 0, 1, 1, 0, 2, 2, 2, 0, 1, 0, 1 };

static void samples(cd_samples *s)
{
#define INDEX(...)  cd_from_array(places, CD_SHAPE(__VA_ARGS__), .dtype = CD_I64)
#define RANDOM(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, call, { RANDOM(3), INDEX(5), RANDOM(5) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 6), RANDOM(2, 6) }, { -1 });
    cd_sample(s, call, { RANDOM(3, 2), INDEX(4, 2), RANDOM(4, 2) }, { 0 });
    cd_sample(s, call, { RANDOM(2, 3, 2), INDEX(2, 3, 1), RANDOM(2, 4, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3, 3), INDEX(1, 2), RANDOM(3, 4) }, { 0 });
    cd_sample(s, call, { RANDOM(1, 3), INDEX(1, 1), RANDOM(1, 1) }, { 1 });
    cd_sample(s, call, { RANDOM(2, 3), INDEX(2, 0), RANDOM(2, 0) }, { 1 });
    cd_sample(s, call, { RANDOM(0, 3), INDEX(0, 2), RANDOM(0, 2) }, { 1 });
    cd_sample(s, call, { RANDOM(3), INDEX(0), RANDOM(2, 2) }, { 0 });
    cd_sample(s, call, { cd_randn(CD_SCALAR), cd_zeros(CD_SHAPE(2), .dtype = CD_I32), RANDOM(3) });
    cd_sample(s, call, { RANDOM(3), cd_full(CD_SCALAR, 2, .dtype = CD_I64), RANDOM(2) }, { 0 });
    cd_sample(s, call, { cd_t(RANDOM(3, 2)), cd_t(INDEX(4, 2)), cd_t(RANDOM(4, 2)) }, { 1 });
    cd_sample(s, call,
              { cd_full(CD_SHAPE(3), 200, .dtype = CD_U8), INDEX(3),
                cd_full(CD_SHAPE(3), 100, .dtype = CD_U8) });
#undef INDEX
#undef RANDOM
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *index = cd_zeros(CD_SHAPE(2, 1), .dtype = CD_I64);
    cd_tensor *far = cd_full(CD_SHAPE(2, 1), 3, .dtype = CD_I64);
    cd_tensor *tall = cd_zeros(CD_SHAPE(3, 1), .dtype = CD_I64);
    cd_tensor *tall_src = cd_zeros(CD_SHAPE(3, 1));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 1 is NULL", cd_scatter_add(NULL, 1, index, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 2 is NULL", cd_scatter_add(x, 1, NULL, x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "input 3 is NULL", cd_scatter_add(x, 1, index, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "dimension 2", cd_scatter_add(x, 2, index, x));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2x3)", cd_scatter_add(x, 1, tall, x));
    cd_expect_error(s, CD_ERR_SHAPE, "x (2x3)", cd_scatter_add(x, 1, tall, tall_src));
    cd_expect_error(s, CD_ERR_SHAPE, "src (2)", cd_scatter_add(x, 1, index, cd_zeros(CD_SHAPE(2))));
    cd_expect_error(s, CD_ERR_DTYPE, "index is float32", cd_scatter_add(x, 1, x, x));
    cd_expect_error(s, CD_ERR_DTYPE, "src is float64",
                    cd_scatter_add(x, 1, index, cd_to(x, CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "index 3 (at place 0)", cd_scatter_add(x, 1, far, x));
}

const op_cases cases_scatter_add = { samples, misuse };
