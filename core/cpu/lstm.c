/* A piece of work is some rows of the batch through all steps: rows do not meet, so threads wait
 * for each other only at the end. A step of a piece is a product, and elementwise maps over its
 * gates. */
#include "core/cpu/lstm_internal.h"

#include "core/cpu/elementwise_internal.h"
#include "core/cpu/gemm_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/threads_internal.h"

/* Some rows of the batch. */
typedef struct part {
    const cd_lstm *l;
    int64_t first, rows;
} part;

/* A matrix of a part's rows with H columns, or with those of some gates. */
typedef struct matrix {
    cd_array array;
    cd_layout layout;
} matrix;

enum { I, F, G, O, GATES };

/* `columns` columns from `column` on, of step t of an array with rows of `row` elements. */
static void in_rows(matrix *m, const part *p, const void *data, int64_t t, int64_t row,
                    int64_t column, int64_t columns)
{
    const int64_t first = (t * p->l->batch + p->first) * row + column;
    m->layout = cd_layout_row_major(p->l->dtype, CD_SHAPE(p->rows, columns));
    m->layout.stride[0] = row;
    m->layout.contiguous = row == columns;
    m->array = (cd_array){ (char *)data + (size_t)first * cd_dtype_size(p->l->dtype), &m->layout };
}

/* H columns of step t of `data`. */
static void state_of(matrix *m, const part *p, const void *data, int64_t t)
{
    in_rows(m, p, data, t, p->l->hidden, 0, p->l->hidden);
}

/* `count` gates from `gate` on, of step t. */
static void gates_of(matrix *m, const part *p, const void *data, int64_t t, int gate, int count)
{
    const int64_t h = p->l->hidden;
    in_rows(m, p, data, t, GATES * h, gate * h, count * h);
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
static void state_before(matrix *m, const part *p, const void *first, const void *all, int64_t k)
{
    if (k == 0) {
        state_of(m, p, first, 0);
    } else {
        state_of(m, p, all, step_at(p->l, k - 1));
    }
}

/* What a piece of the work needs. */
typedef struct job {
    const cd_lstm *l;
    void (*task)(const struct job *job, const part *p);
    int64_t rows; /* of a piece */
    const void *weight, *h0, *dy, *dc;
    void *gates, *y, *c, *dgates, *dh0, *dc0, *scratch;
} job;

static void run_piece(int64_t index, void *context)
{
    const job *j = context;
    const int64_t first = index * j->rows;
    const part p = { j->l, first, cd_smaller(j->rows, j->l->batch - first) };
    j->task(j, &p);
}

/* Eight rows are the height of a product's tile. A single piece leaves the threads to its
 * products. */
static void run(job *j)
{
    enum { ROWS = 8, MOST_PIECES = 16 };
    j->rows = cd_divide_up(cd_divide_up(j->l->batch, MOST_PIECES), ROWS) * ROWS;
    if (j->l->batch <= j->rows) {
        run_piece(0, j);
    } else {
        cd_parallel(cd_divide_up(j->l->batch, j->rows), run_piece, j);
    }
}

/* gates = gates + h weight, where h is the state before. */
static void add_product(const job *j, const matrix *gates, const matrix *h)
{
    cd_cpu_gemm(j->l->dtype, &(cd_gemm_call){ .m = h->layout.shape.dim[0],
                                              .n = GATES * j->l->hidden,
                                              .k = j->l->hidden,
                                              .alpha = 1,
                                              .beta = 1,
                                              .a = h->array.data,
                                              .lda = j->l->hidden,
                                              .b = j->weight,
                                              .ldb = GATES * j->l->hidden,
                                              .c = gates->array.data,
                                              .ldc = GATES * j->l->hidden });
}

static void forward(const job *j, const part *p)
{
    for (int64_t k = 0; k < p->l->steps; k++) {
        const int64_t t = step_at(p->l, k);
        matrix before_h, before_c, now_h, now_c, all, gate[GATES], both;
        state_before(&before_h, p, j->h0, j->y, k);
        state_before(&before_c, p, p->l->c0, j->c, k);
        state_of(&now_h, p, j->y, t);
        state_of(&now_c, p, j->c, t);
        gates_of(&all, p, j->gates, t, I, GATES);
        gates_of(&both, p, j->gates, t, I, 2);
        for (int i = I; i < GATES; i++) gates_of(&gate[i], p, j->gates, t, i, 1);
        add_product(j, &all, &before_h);
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

void cd_cpu_lstm(const cd_lstm *l, const void *weight_t, const void *h0, void *gates, void *y,
                 void *c)
{
    run(&(job){
        .l = l, .task = forward, .weight = weight_t, .h0 = h0, .gates = gates, .y = y, .c = c });
}

/* dgate = (a b) times the derivative of the gate, by the map for that. */
static void gate_gradient(cd_map map, const matrix *dgate, const matrix *a, const matrix *b,
                          const matrix *gate)
{
    apply_2(CD_MAP_mul, dgate, a, b);
    apply_2(map, dgate, dgate, gate);
}

/* a = a + step t of `all`, unless that is NULL. */
static void add_step(const part *p, const matrix *a, const void *all, int64_t t)
{
    matrix step;
    if (!all) return;
    state_of(&step, p, all, t);
    apply_2(CD_MAP_add, a, a, &step);
}

/* dh = dgates weight: what goes to the state before. */
static void state_gradient(const job *j, const matrix *dh, const matrix *dgates)
{
    cd_cpu_gemm(j->l->dtype, &(cd_gemm_call){ .m = dh->layout.shape.dim[0],
                                              .n = j->l->hidden,
                                              .k = GATES * j->l->hidden,
                                              .alpha = 1,
                                              .beta = 0,
                                              .a = dgates->array.data,
                                              .lda = GATES * j->l->hidden,
                                              .b = j->weight,
                                              .ldb = j->l->hidden,
                                              .c = dh->array.data,
                                              .ldc = j->l->hidden });
}

static void backward(const job *j, const part *p)
{
    matrix dh, dcell, tanh_c, product;
    state_of(&dh, p, j->dh0, 0); /* what comes from the later steps */
    state_of(&dcell, p, j->dc0, 0);
    state_of(&tanh_c, p, j->scratch, 0);
    state_of(&product, p, j->scratch, 1);
    cd_cpu_zero(&dh.array);
    cd_cpu_zero(&dcell.array);
    for (int64_t k = p->l->steps - 1; k >= 0; k--) {
        const int64_t t = step_at(p->l, k);
        matrix gate[GATES], dgate[GATES], before_c, now_c, all;
        for (int i = I; i < GATES; i++) {
            gates_of(&gate[i], p, j->gates, t, i, 1);
            gates_of(&dgate[i], p, j->dgates, t, i, 1);
        }
        gates_of(&all, p, j->dgates, t, I, GATES);
        state_before(&before_c, p, p->l->c0, j->c, k);
        state_of(&now_c, p, j->c, t);
        add_step(p, &dh, j->dy, t);
        add_step(p, &dcell, j->dc, t);
        apply_1(CD_MAP_tanh, &tanh_c, &now_c);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[O], &dh, &tanh_c, &gate[O]);
        gate_gradient(CD_MAP_tanh_backward, &product, &dh, &gate[O], &tanh_c);
        apply_2(CD_MAP_add, &dcell, &dcell, &product);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[I], &dcell, &gate[G], &gate[I]);
        gate_gradient(CD_MAP_tanh_backward, &dgate[G], &dcell, &gate[I], &gate[G]);
        gate_gradient(CD_MAP_sigmoid_backward, &dgate[F], &dcell, &before_c, &gate[F]);
        apply_2(CD_MAP_mul, &dcell, &dcell, &gate[F]);
        state_gradient(j, &dh, &all);
    }
}

void cd_cpu_lstm_backward(const cd_lstm *l, const void *weight, const void *gates, const void *c,
                          const void *dy, const void *dc, void *dgates, void *dh0, void *dc0,
                          void *scratch)
{
    run(&(job){ .l = l,
                .task = backward,
                .weight = weight,
                .gates = (void *)gates,
                .c = (void *)c,
                .dy = dy,
                .dc = dc,
                .dgates = dgates,
                .dh0 = dh0,
                .dc0 = dc0,
                .scratch = scratch });
}
