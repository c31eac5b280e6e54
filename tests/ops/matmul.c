/* Samples and bad calls of matmul: see op_cases.h. */
#include "op_cases.h"

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    (void)p;
    return cd_matmul(in[0], in[1]);
}

static void samples(cd_samples *s)
{
    const cd_shape shapes[][2] = {
        { CD_SHAPE(3), CD_SHAPE(3) },
        { CD_SHAPE(2, 3), CD_SHAPE(3) },
        { CD_SHAPE(3), CD_SHAPE(3, 2) },
        { CD_SHAPE(2, 3), CD_SHAPE(3, 4) },
        { CD_SHAPE(2, 2, 3), CD_SHAPE(3) },
        { CD_SHAPE(2, 2, 3), CD_SHAPE(3, 2) },
        { CD_SHAPE(2, 3), CD_SHAPE(2, 3, 2) },
        { CD_SHAPE(3), CD_SHAPE(2, 3, 2) },
        { CD_SHAPE(2, 2, 3), CD_SHAPE(2, 3, 1) },
        { CD_SHAPE(2, 1, 2, 3), CD_SHAPE(3, 3, 2) },
        { CD_SHAPE(1, 2, 3), CD_SHAPE(2, 3, 2) },
        { CD_SHAPE(3, 2, 3), CD_SHAPE(1, 3, 2) },
        { CD_SHAPE(1), CD_SHAPE(1, 1, 1) },
        { CD_SHAPE(0, 2, 3), CD_SHAPE(3, 2) },
        { CD_SHAPE(2, 2, 0), CD_SHAPE(2, 0, 2) },
        { CD_SHAPE(0, 2, 3), CD_SHAPE(1, 3, 2) },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_sample(s, call, { cd_randn(shapes[i][0]), cd_randn(shapes[i][1]) });
    }
    cd_tensor *transposed = cd_transpose(cd_randn(CD_SHAPE(2, 3, 2)), 0, 1);
    cd_sample(s, call, { transposed, cd_randn(CD_SHAPE(2, 2)) });
    cd_sample(s, call, { transposed, cd_randn(CD_SHAPE(2, 2)) }, .constant = CD_SET(1));
    cd_sample(s, call, { transposed, cd_transpose(transposed, 1, 2) });
    cd_sample(s, call, { cd_randn(CD_SHAPE(4, 2)), transposed }, .constant = CD_SET(0));
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *scalar = cd_zeros(CD_SCALAR);
    cd_expect_error(s, CD_ERR_SHAPE,
                    "mat1 (2x3) and mat2 (2x3) cannot be multiplied: columns of mat1 (3) must "
                    "equal rows of mat2 (2)",
                    cd_matmul(x, x));
    cd_expect_error(s, CD_ERR_SHAPE, "mat2 (4x2x2)", cd_matmul(x, cd_zeros(CD_SHAPE(4, 2, 2))));
    cd_expect_error(s, CD_ERR_SHAPE, "broadcast",
                    cd_matmul(cd_zeros(CD_SHAPE(2, 2, 3)), cd_zeros(CD_SHAPE(3, 3, 2))));
    cd_expect_error(s, CD_ERR_SHAPE, "scalar", cd_matmul(x, scalar));
    cd_expect_error(s, CD_ERR_DTYPE, "float64",
                    cd_matmul(x, cd_zeros(CD_SHAPE(3), .dtype = CD_F64)));
    cd_expect_error(s, CD_ERR_ARGUMENT, "mat2 is NULL", cd_matmul(x, NULL));
}

const op_cases cases_matmul = { samples, misuse };
