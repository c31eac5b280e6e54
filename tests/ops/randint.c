#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    cd_generator *g = cd_generator_new(3);
    if (!g) return NULL;
    return cd_randint((int64_t)p[0], (int64_t)p[1], shape_from(p + 3), .dtype = (cd_dtype)p[2],
                      .generator = g);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL }, { 0, 10, CD_DTYPE_DEFAULT, 2, 2, 3 });
    cd_sample(s, call, { NULL }, { -5, 5, CD_F32, 1, 20 });
    cd_sample(s, call, { NULL }, { 0, 0x1p40, CD_F64, 1, 5 });
    cd_sample(s, call, { NULL }, { 3, 4, CD_I32, 0 });
    cd_sample(s, call, { NULL }, { 0, 256, CD_U8, 3, 2, 0, 3 });
    cd_sample(s, call, { NULL }, { 0, 2, CD_BOOL, 1, 30 });
    cd_sample(s, call, { NULL }, { -0x1p40, 0x1p40, CD_I64, 4, 1, 2, 1, 3 });
    cd_sample(s, call, { NULL }, { 1, 7, CD_I64, 1, 1 });
}

static void misuse(cd_samples *s)
{
    const cd_shape two = CD_SHAPE(2);
    cd_generator *wrong = (cd_generator *)(void *)cd_zeros(two);
    cd_expect_error(s, CD_ERR_ARGUMENT, "low (5) must be below high (5)",
                    cd_randint(5, 5, two, .dtype = CD_I32, .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "0 to 299 does not fit in uint8",
                    cd_randint(0, 300, two, .dtype = CD_U8));
    cd_expect_error(s, CD_ERR_DTYPE, "99", cd_randint(0, 2, two, .dtype = (cd_dtype)99));
    cd_expect_error(s, CD_ERR_SHAPE, "size -2", cd_randint(0, 2, CD_SHAPE(-2)));
    cd_expect_error(s, CD_ERR_DTYPE, "only floating tensors can require gradients, not int64",
                    cd_randint(0, 2, CD_SHAPE(-2), .requires_grad = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "not a generator",
                    cd_randint(0, 2, two, .generator = wrong));
}

const op_cases cases_randint = { samples, misuse };
