/* Elementwise kernels: a map's loop, chosen from the tables of this machine's kernels, over
 * arguments of any layout, which become the operands of a cd_iter. */
#include "core/cpu/elementwise_internal.h"

#include <string.h>

#include "core/cpu/copy_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/dtype_internal.h"

/* --- the loop --------------------------------------------------------------------------------- */

cd_loop *cd_cpu_loop(cd_map map, cd_dtype dtype)
{
    if ((unsigned)dtype >= CD_DTYPE_COUNT) return NULL;
    const cd_cpu_tables *cpu = cd_cpu_kernels();
#define CASE(table_, map_)                                                                         \
    case CD_MAP_##map_:                                                                            \
        return cpu->table_->map_##_[dtype];
#define UNARY(map_)      CASE(unary, map_)
#define BINARY(map_)     CASE(binary, map_)
#define COMPARE(map_)    CASE(compare, map_)
#define SELECT(map_)     CASE(select, map_)
#define LOGIC(map_)      CASE(logic, map_)
#define ARITHMETIC(map_) CASE(arithmetic, map_)
#define MATH(map_)       CASE(math, map_)
#define ACTIVATION(map_) CASE(activation, map_)
    switch (map) {
        CD_UNARY_MAPS(UNARY)
        CD_BINARY_MAPS(BINARY)
        CD_COMPARE_MAPS(COMPARE)
        CD_SELECT_MAPS(SELECT)
        CD_LOGIC_MAPS(LOGIC)
        CD_BITWISE_MAPS(LOGIC)
        CD_ARITHMETIC_MAPS(ARITHMETIC)
        CD_MATH_MAPS(MATH)
        CD_QUESTION_MAPS(MATH)
        CD_ACTIVATION_MAPS(ACTIVATION)
    case CD_MAP_COUNT:
        break;
    }
    return NULL;
}

cd_loop *cd_cpu_convert_loop(cd_dtype from, cd_dtype to)
{
    if ((unsigned)from >= CD_DTYPE_COUNT || (unsigned)to >= CD_DTYPE_COUNT) return NULL;
    return cd_cpu_kernels()->convert->loop[from][to];
}

/* --- the operands ----------------------------------------------------------------------------- */

/* Adds an operand, broadcast to the iter's sizes: a dimension that it lacks, or that has size 1,
 * gets the stride 0. */
static void add_operand(cd_iter *it, const cd_array *a)
{
    const cd_layout *layout = a->layout;
    int k = it->operands++;
    int64_t bytes = (int64_t)cd_dtype_size(layout->dtype);
    it->data[k] = a->data;
    for (int i = 0; i < it->ndim; i++) {
        int own = i - (it->ndim - layout->shape.ndim);
        it->stride[k][i] = own < 0 || layout->shape.dim[own] == 1 ? 0 : layout->stride[own] * bytes;
    }
}

static cd_iter iter_of(const cd_array *out, int inputs, const cd_array *in)
{
    const cd_layout *y = out->layout;
    cd_iter it = { .ndim = y->shape.ndim, .element = (int64_t)cd_dtype_bytes[y->dtype] };
    for (int i = 0; i < it.ndim; i++) it.size[i] = y->shape.dim[i];
    add_operand(&it, out);
    for (int k = 0; k < inputs; k++) add_operand(&it, &in[k]);
    return it;
}

/* Whether the output is contiguous, and each input is contiguous and has one element or as many as
 * the output, to whose shape it broadcasts: then a single run of the loop does it all. This is the
 * usual case, and many calls are small, so it is checked before anything else. */
static bool is_run(const cd_layout *y, int inputs, const cd_array *in)
{
    if (!y->contiguous) return false;
    for (int k = 0; k < inputs; k++) {
        const cd_layout *x = in[k].layout;
        if (!x->contiguous || (x->numel != 1 && x->numel != y->numel)) return false;
    }
    return true;
}

/* The case of is_run. Few elements need no cd_iter. */
static void run(cd_loop *loop, const cd_array *out, int inputs, const cd_array *in,
                const void *params)
{
    char *data[CD_ITER_OPERANDS] = { out->data };
    int64_t stride[CD_ITER_OPERANDS] = { (int64_t)cd_dtype_bytes[out->layout->dtype] };
    for (int k = 0; k < inputs; k++) {
        const cd_layout *layout = in[k].layout;
        data[1 + k] = in[k].data;
        stride[1 + k] = layout->numel == 1 ? 0 : (int64_t)cd_dtype_bytes[layout->dtype];
    }
    const int64_t n = out->layout->numel;
    if (n < CD_ITER_ALONE) {
        if (n > 0) loop(n, data, stride, params);
        return;
    }
    cd_iter it = { .operands = 1 + inputs, .element = stride[0], .ndim = 1, .size = { n } };
    for (int k = 0; k <= inputs; k++) {
        it.data[k] = data[k];
        it.stride[k][0] = stride[k];
    }
    cd_cpu_map(&it, loop, params);
}

/* --- kernels ---------------------------------------------------------------------------------- */

void cd_cpu_elementwise(cd_loop *loop, const cd_array *out, int inputs, const cd_array *in,
                        const void *params)
{
    if (is_run(out->layout, inputs, in)) {
        run(loop, out, inputs, in, params);
        return;
    }
    cd_iter it = iter_of(out, inputs, in);
    cd_cpu_iter_coalesce(&it);
    cd_cpu_map(&it, loop, params);
}

void cd_cpu_map_launch(cd_map map, const cd_launch *launch)
{
    const int inputs = launch->inputs;
    /* The last input has the dtype of the call; the first may be the condition of where, a bool. */
    const cd_array *last = inputs > 0 ? &launch->in[inputs - 1] : &launch->out[0];
    cd_cpu_elementwise(cd_cpu_loop(map, last->layout->dtype), &launch->out[0], inputs, launch->in,
                       launch->attributes);
}

void cd_cpu_convert(const cd_array *out, const cd_array *in)
{
    cd_iter it = iter_of(out, 1, in);
    cd_cpu_copy(&it, in->layout->dtype, out->layout->dtype);
}

void cd_cpu_copy_into(const cd_array *to, const int64_t *stride, int64_t offset, const cd_array *in)
{
    if (in->layout->numel == 0) return;
    cd_layout part = { .dtype = to->layout->dtype,
                       .numel = in->layout->numel,
                       .shape = in->layout->shape };
    memcpy(part.stride, stride, (size_t)part.shape.ndim * sizeof *stride);
    const cd_array out = { (char *)to->data + offset * (int64_t)cd_dtype_bytes[part.dtype], &part };
    cd_cpu_convert(&out, in);
}

void cd_cpu_zero(const cd_array *out)
{
    memset(out->data, 0, (size_t)out->layout->numel * cd_dtype_bytes[out->layout->dtype]);
}
