/* What the files of the reference that compute values and derivatives share (graph_distance.c,
 * graph_elementwise.c, graph_forward.c, graph_move.c, graph_polynomial.c, graph_product.c,
 * graph_reduce.c, graph_views.c).
 *
 * The function of an op begins an output, and then makes its elements in row-major order: for each
 * it names the inputs' elements and the derivatives by them (ref_term), and then the value
 * (ref_put). */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_FORWARD_H
#define CANDELA_TESTS_FUZZ_GRAPH_FORWARD_H

#include "tests/fuzz/graph_reference.h"

/* An op may round its result, and a derivative, up to ROUNDINGS times, each time by the dtype's
 * epsilon. The number is generous, since mistakes do not only change the last bits. A result that
 * is larger than MOST is left out. */
enum { ROUNDINGS = 16, MOST = 256 };

/* Element i of input k. */
double ref_value(const ref_call *c, int k, int i);
/* The error bound of element i of input k. */
double ref_error(const ref_call *c, int k, int i);

/* Begins the next output. */
void ref_begin_output(ref_call *c, graph_shape shape, bool f64);
/* The output that was begun last. */
struct ref_output *ref_last_output(ref_call *c);
/* The element that is being made depends on element i of input k, with the derivative `weight`,
 * whose error bound is `error`. */
void ref_term(ref_call *c, int k, int i, double weight, double error);
/* Ends the element with its value. `rounding` is the sum of the magnitudes of intermediate results
 * that were rounded, besides the value itself. */
void ref_put(ref_call *c, double value, double rounding);
/* The same for an op that rounds correctly: the result of exact inputs is exact if it is a float32
 * number. */
void ref_put_nearest(ref_call *c, double value, double rounding);
/* The same for a sum. It is exact, in any order of summation, when all summands are exact multiples
 * of 1/1024. */
void ref_put_sum(ref_call *c, double value);

/* The sign of x - y. When the errors leave it open, the call becomes bad. */
int ref_compare(ref_call *c, double x, double x_error, double y, double y_error);
/* The same for element i of input k, and an exact number. */
int ref_compare_number(ref_call *c, int k, int i, double number);

/* Makes an output whose element e is element map[e] of the first input. */
void ref_move(ref_call *c, graph_shape shape, bool f64, const int *map);

/* The shape without dimension `dim`, or with a size of 1 there. */
graph_shape ref_without(graph_shape shape, int dim, bool keepdim);

/* A p-norm: its inputs, and what ref_find_norm makes of them. */
typedef struct ref_norm {
    double p;
    int count;
    double x[GRAPH_ELEMENTS], error[GRAPH_ELEMENTS];
    double y;
    bool zero; /* y is exactly 0, where the slopes are 0 */
    double slope[GRAPH_ELEMENTS], slope_error[GRAPH_ELEMENTS];
} ref_norm;
/* Computes the norm and its derivatives. A call with a norm near 0 becomes bad. */
void ref_find_norm(ref_call *c, ref_norm *norm);

/* Whether the result of inputs `from` to `to` is float64. As in PyTorch, a 0-d tensor does not
 * promote one that has dimensions. */
bool ref_promotes_to_f64(const ref_call *c, int from, int to);

/* The function of each op, or family of ops: computes the outputs. */
void ref_above_number(ref_call *c);
void ref_addr(ref_call *c);
void ref_argmax(ref_call *c);
void ref_bilinear(ref_call *c);
void ref_binary(ref_call *c);
void ref_block_diag(ref_call *c);
void ref_bounded(ref_call *c);
void ref_cartesian_prod(ref_call *c);
void ref_cdist(ref_call *c);
void ref_chain(ref_call *c);
void ref_combinations(ref_call *c);
void ref_constant(ref_call *c);
void ref_copy_values(ref_call *c);
void ref_corrcoef(ref_call *c);
void ref_cov(ref_call *c);
void ref_cross(ref_call *c);
void ref_diagflat(ref_call *c);
void ref_diagonal_scatter(ref_call *c);
void ref_dist(ref_call *c);
void ref_flipped(ref_call *c);
void ref_function_dirty(ref_call *c);
void ref_function_marked(ref_call *c);
void ref_function_two(ref_call *c);
void ref_gather(ref_call *c);
void ref_histc(ref_call *c);
void ref_inner(ref_call *c);
void ref_instance_norm(ref_call *c);
void ref_interpolate(ref_call *c);
void ref_join(ref_call *c);
void ref_kron(ref_call *c);
void ref_masked_fill(ref_call *c);
void ref_masked_scatter(ref_call *c);
void ref_masked_select(ref_call *c);
void ref_matrix_power(ref_call *c);
void ref_one_hot(ref_call *c);
void ref_padded(ref_call *c);
void ref_pdist(ref_call *c);
void ref_piecewise(ref_call *c);
void ref_plain_copy(ref_call *c);
void ref_power_of(ref_call *c);
void ref_product(ref_call *c);
void ref_reduce(ref_call *c);
void ref_reduce_by_index(ref_call *c);
void ref_renorm(ref_call *c);
void ref_repeat(ref_call *c);
void ref_scatter_add(ref_call *c);
void ref_sign_or_abs(ref_call *c);
void ref_smooth(ref_call *c);
void ref_softmax(ref_call *c);
void ref_sum_to_shape(ref_call *c);
void ref_topk(ref_call *c);
void ref_trapezoid(ref_call *c);
void ref_triangle(ref_call *c);
void ref_vander(ref_call *c);
void ref_vecdot(ref_call *c);
void ref_view_or_copy(ref_call *c);
void ref_where(ref_call *c);

#endif
