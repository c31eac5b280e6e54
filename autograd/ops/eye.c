/* eye: a matrix with ones on the diagonal and zeros elsewhere. Kernels: cd_cpu_zero, and fill in
 * core/cpu/select.c. */
#include "autograd/families/create_internal.h"
#include "core/cpu/elementwise_internal.h"

static void eye_run(const cd_launch *launch)
{
    int64_t room;
    const cd_array *y = &launch->out[0];
    const cd_dtype dtype = y->layout->dtype;
    const int64_t rows = y->layout->shape.dim[0], columns = y->layout->shape.dim[1];
    const int64_t count = rows < columns ? rows : columns;
    const cd_layout layout = { .dtype = dtype,
                               .numel = count,
                               .shape = { .ndim = 1, .dim = { count } },
                               .stride = { columns + 1 } };
    const cd_array diagonal = { y->data, &layout };
    const cd_array one = cd_cpu_number(1, dtype, &room);
    cd_cpu_zero(y);
    cd_cpu_elementwise(cd_cpu_loop(CD_MAP_fill, dtype), &diagonal, 0, NULL, one.data);
}

cd_tensor *cd_eye_with(cd_eye_options o)
{
    const int64_t columns = o.no_columns || o.columns ? o.columns : o.rows;
    cd_create_attributes a = { .made = { o.dtype, o.device, o.requires_grad },
                               .shape = { .ndim = 2, .dim = { o.rows, columns } } };
    if (o.no_columns && o.columns != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "eye: .columns is %lld, and .no_columns says there are none",
                      (long long)o.columns);
        return NULL;
    }
    return cd_make(&cd_op_eye, "eye", NULL, &a, NULL);
}

const cd_op cd_op_eye = {
    .name = "eye",
    .like = "torch.eye(rows, columns)",
    .formula = "y[i, j] = 1 where i = j, else 0",
    .gradient = "none: it has no input",
    .dtypes = "all",
    CD_OP_ATTRIBUTES(cd_create_attributes, cd_create_fields),
    .infer = cd_infer_create,
    .cpu = { .run = eye_run },
};
