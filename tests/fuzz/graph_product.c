/* Products of matrices, vectors and batches of matrices. */
#include "tests/fuzz/graph_forward.h"

/* An operand as a batch of matrices. A vector is a row on the left and a column on the right. */
typedef struct matrix {
    int input, rows, columns;
    bool vector, transposed; /* transposed: `rows` and `columns` are those of the transpose */
    graph_shape batch;
} matrix;

static matrix matrix_of(const ref_call *c, int input, bool first, bool transposed)
{
    graph_shape shape = c->in[input]->shape;
    matrix m = { .input = input, .vector = shape.ndim == 1, .transposed = transposed };
    int own = shape.ndim < 2 ? shape.ndim : 2;
    int last = shape.ndim > 0 ? shape.size[shape.ndim - 1] : 1;
    m.batch = shape;
    m.batch.ndim -= own;
    m.rows = m.vector ? (first ? 1 : last) : shape.ndim > 1 ? shape.size[shape.ndim - 2] : 1;
    m.columns = m.vector ? (first ? last : 1) : last;
    if (transposed && !m.vector) {
        int rows = m.rows;
        m.rows = m.columns;
        m.columns = rows;
    }
    return m;
}

/* The input's element in this row and column of matrix `number` of the broadcast batch. */
static int element_of(const matrix *m, graph_shape batch, int number, int row, int column)
{
    int own = graph_broadcast_from(m->batch, batch, number);
    if (m->transposed && !m->vector) return (own * m->columns + column) * m->rows + row;
    return (own * m->rows + row) * m->columns + column;
}

/* Makes the element in matrix at[0], row at[1], column at[2]. */
static void product_element(ref_call *c, const matrix *a, const matrix *b, graph_shape batch,
                            const int at[3])
{
    double sum = 0;
    for (int t = 0; t < a->columns; t++) {
        int i = element_of(a, batch, at[0], at[1], t), j = element_of(b, batch, at[0], t, at[2]);
        double x = ref_value(c, a->input, i), y = ref_value(c, b->input, j);
        sum += x * y;
        ref_term(c, a->input, i, y, ref_error(c, b->input, j));
        ref_term(c, b->input, j, x, ref_error(c, a->input, i));
    }
    if (c->inputs == 3) {
        int bias = c->step->op == GRAPH_ADDMM ? 0 : 2;
        graph_shape shape = ref_last_output(c)->shape;
        int i = graph_broadcast_from(c->in[bias]->shape, shape, ref_last_output(c)->made);
        sum += ref_value(c, bias, i);
        ref_term(c, bias, i, 1, 0);
    }
    ref_put_sum(c, sum);
}

void ref_product(ref_call *c)
{
    graph_op op = c->step->op;
    int first = op == GRAPH_ADDMM ? 1 : 0;
    matrix a = matrix_of(c, first, true, false);
    matrix b = matrix_of(c, first + 1, false, op == GRAPH_LINEAR);
    graph_shape batch, shape;
    if (!graph_broadcast(a.batch, b.batch, &batch)) c->bad = true;
    if (a.columns != b.rows || batch.ndim + 2 > GRAPH_DIMS) c->bad = true;
    if (c->bad) return;
    shape = batch;
    if (!a.vector) shape.size[shape.ndim++] = a.rows;
    if (!b.vector) shape.size[shape.ndim++] = b.columns;
    ref_begin_output(c, shape, c->in[first]->f64);
    int number = graph_elements(batch);
    for (int n = 0; n < number && !c->bad; n++) {
        for (int row = 0; row < a.rows && !c->bad; row++) {
            for (int column = 0; column < b.columns && !c->bad; column++) {
                product_element(c, &a, &b, batch, (const int[3]){ n, row, column });
            }
        }
    }
}
