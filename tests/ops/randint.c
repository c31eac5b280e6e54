/* Samples and bad calls of randint: see op_cases.h. */
#include "op_cases.h"

enum { LOW, HIGH, DTYPE, NDIM, SIZES }; /* in p; NDIM and SIZES for shape_from */

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)in;
    cd_generator *g = cd_generator_new(3);
    if (!g) return NULL;
    return cd_randint((int64_t)p[LOW], (int64_t)p[HIGH], shape_from(&p[NDIM]),
                      .dtype = (cd_dtype)p[DTYPE], .generator = g);
}

static void samples(cd_samples *s)
{
    cd_sample(s, call, { NULL },
              { [LOW] = 0, [HIGH] = 10, [DTYPE] = CD_DTYPE_DEFAULT, [NDIM] = 2, [SIZES] = 2, 3 });
    cd_sample(s, call, { NULL },
              { [LOW] = -5, [HIGH] = 5, [DTYPE] = CD_F32, [NDIM] = 1, [SIZES] = 20 });
    cd_sample(s, call, { NULL },
              { [LOW] = 0, [HIGH] = 0x1p40, [DTYPE] = CD_F64, [NDIM] = 1, [SIZES] = 5 });
    cd_sample(s, call, { NULL }, { [LOW] = 3, [HIGH] = 4, [DTYPE] = CD_I32, [NDIM] = 0 });
    cd_sample(s, call, { NULL },
              { [LOW] = 0, [HIGH] = 256, [DTYPE] = CD_U8, [NDIM] = 3, [SIZES] = 2, 0, 3 });
    cd_sample(s, call, { NULL },
              { [LOW] = 0, [HIGH] = 2, [DTYPE] = CD_BOOL, [NDIM] = 1, [SIZES] = 30 });
    cd_sample(
        s, call, { NULL },
        { [LOW] = -0x1p40, [HIGH] = 0x1p40, [DTYPE] = CD_I64, [NDIM] = 4, [SIZES] = 1, 2, 1, 3 });
    cd_sample(s, call, { NULL },
              { [LOW] = 1, [HIGH] = 7, [DTYPE] = CD_I64, [NDIM] = 1, [SIZES] = 1 });
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
