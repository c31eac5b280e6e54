/* The product of each step, and elementwise maps over its gates. Both use the thread pool. */
#include "core/cpu/lstm_internal.h"

#include "core/cpu/elementwise_internal.h"
#include "core/cpu/gemm_internal.h"

/* A B x H matrix, or one of B x 4 H, and a part of its columns. */
typedef struct matrix {
    cd_array array;
    cd_layout layout;
} matrix;

enum { I, F, G, O, GATES };

static cd_array in_rows(cd_layout *layout, const cd_lstm *l, const void *data, int64_t row,
                        int64_t column, int64_t columns)
{
    *layout = cd_layout_row_major(l->dtype, CD_SHAPE(l->batch, columns));
    layout->stride[0] = row;
    layout->contiguous = row == columns;
    return (cd_array){ (char *)data + (size_t)column * cd_dtype_size(l->dtype), layout };
}

/* B x H elements, step t of `data`. */
static void state_of(matrix *m, const cd_lstm *l, const void *data, int64_t t)
{
    const int64_t first = t * l->batch * l->hidden;
    m->array = in_rows(&m->layout, l, data, l->hidden, first, l->hidden);
}

/* `count` gates from `gate` on, of step t. */
static void gates_of(matrix *m, const cd_lstm *l, const void *data, int64_t t, int gate, int count)
{
    const int64_t row = GATES * l->hidden, first = t * l->batch * row + gate * l->hidden;
    m->array = in_rows(&m->layout, l, data, row, first, count * l->hidden);
}

static void apply_1(cd_map map, const matrix *out, const matrix *x)
{
    cd_cpu_apply(map, &out->array, 1, &x->array);
}

static void apply_2(cd_map map, const matrix *out, const matrix *a, const matrix *b)
{
    const cd_array in[2] = { a->array, b->array };
    cd_cpu_apply(map, &out->array, 2, in);
}

/* The step that comes at place k. */
static int64_t step_at(const cd_lstm *l, int64_t k)
{
    return l->reverse ? l->steps - 1 - k : k;
}

/* The state before the step at place k. */
static void state_before(matrix *m, const cd_lstm *l, const void *first, const void *all, int64_t k)
{
    if (k == 0) {
        state_of(m, l, first, 0);
    } else {
        state_of(m, l, all, step_at(l, k - 1));
    }
}

void cd_cpu_lstm(const cd_lstm *l, const void *h0, void *gates, void *y, void *c)
{
    const int64_t h = l->hidden;
    for (int64_t k = 0; k < l->steps; k++) {
        const int64_t t = step_at(l, k);
        matrix before_h, before_c, now_h, now_c, all, gate[GATES], both;
        state_before(&before_h, l, h0, y, k);
        state_before(&before_c, l, l->c0, c, k);
        state_of(&now_h, l, y, t);
        state_of(&now_c, l, c, t);
        gates_of(&all, l, gates, t, I, GATES);
        gates_of(&both, l, gates, t, I, 2);
        for (int i = I; i < GATES; i++) gates_of(&gate[i], l, gates, t, i, 1);
        cd_cpu_gemm(l->dtype, &(cd_gemm_call){ .m = l->batch,
                                               .n = GATES * h,
                                               .k = h,
                                               .alpha = 1,
                                               .beta = 1,
                                               .a = before_h.array.data,
                                               .lda = h,
                                               .b = l->weight,
                                               .ldb = h,
                                               .transpose_b = true,
                                               .c = all.array.data,
                                               .ldc = GATES * h });
        apply_1(CD_MAP_sigmoid, &both, &both);
        apply_1(CD_MAP_tanh, &gate[G], &gate[G]);
        apply_1(CD_MAP_sigmoid, &gate[O], &gate[O]);
        apply_2(CD_MAP_mul, &now_c, &gate[F], &before_c);
        apply_2(CD_MAP_mul, &now_h, &gate[I], &gate[G]);
        apply_2(CD_MAP_add, &now_c, &now_c, &now_h);
        apply_1(CD_MAP_tanh, &now_h, &now_c);
        apply_2(CD_MAP_mul, &now_h, &now_h, &gate[O]);
    }
}

/* dgate = (a b) times the derivative of the gate, by the map for that. */
static void gate_gradient(cd_map map, const matrix *dgate, const matrix *a, const matrix *b,
                          const matrix *gate)
{
    apply_2(CD_MAP_mul, dgate, a, b);
    apply_2(map, dgate, dgate, gate);
}

void cd_cpu_lstm_backward(const cd_lstm *l, const void *gates, const void *c, const void *dy,
                          const void *dc, void *dgates, void *dh0, void *dc0, void *scratch)
{
    const int64_t h = l->hidden;
    matrix dh, dcell, tanh_c, product;
    state_of(&dh, l, dh0, 0); /* what comes from the later steps */
    state_of(&dcell, l, dc0, 0);
    state_of(&tanh_c, l, scratch, 0);
    state_of(&product, l, scratch, 1);
    cd_cpu_zero(&dh.array);
    cd_cpu_zero(&dcell.array);
    for (int64_t k = l->steps - 1; k >= 0; k--) {
        const int64_t t = step_at(l, k);
        matrix gate[GATES], dgate[GATES], before_c, now, all;
        for (int i = I; i < GATES; i++) {
            gates_of(&gate[i], l, gates, t, i, 1);
            gates_of(&dgate[i], l, dgates, t, i, 1);
        }
        gates_of(&all, l, dgates, t, I, GATES);
        state_before(&before_c, l, l->c0, c, k);
        if (dy) {
            state_of(&now, l, dy, t);
            apply_2(CD_MAP_add, &dh, &dh, &now);
        }
        if (dc) {
            state_of(&now, l, dc, t);
            apply_2(CD_MAP_add, &dcell, &dcell, &now);
        }
        state_of(&now, l, c, t);
        apply_1(CD_MAP_tanh, &tanh_c, &now);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[O], &dh, &tanh_c, &gate[O]);
        gate_gradient(CD_MAP_tanh_backward, &product, &dh, &gate[O], &tanh_c);
        apply_2(CD_MAP_add, &dcell, &dcell, &product);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[I], &dcell, &gate[G], &gate[I]);
        gate_gradient(CD_MAP_tanh_backward, &dgate[G], &dcell, &gate[I], &gate[G]);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[F], &dcell, &before_c, &gate[F]);
        apply_2(CD_MAP_mul, &dcell, &dcell, &gate[F]);
        cd_cpu_gemm(l->dtype, &(cd_gemm_call){ .m = l->batch,
                                               .n = h,
                                               .k = GATES * h,
                                               .alpha = 1,
                                               .beta = 0,
                                               .a = all.array.data,
                                               .lda = GATES * h,
                                               .b = l->weight,
                                               .ldb = h,
                                               .c = dh.array.data,
                                               .ldc = h });
    }
}
