/* Between the files that compute values and derivatives for the reference. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_FORWARD_H
#define CANDELA_TESTS_FUZZ_GRAPH_FORWARD_H

#include "tests/fuzz/graph_reference.h"

/* Errors are in units of the last place: an op rounds its result, and a derivative, up to so often;
 * ROUNDINGS is generous, since what planted bugs change is not in the last places. No result is
 * larger than MOST. */
enum { ROUNDINGS = 16, MOST = 256 };

/* Element i of input k, and its error. */
double ref_value(const ref_call *c, int k, int i);
double ref_error(const ref_call *c, int k, int i);

/* Begins the next output; its elements follow in order. */
void ref_begin_output(ref_call *c, graph_shape shape, bool f64);
struct ref_output *ref_last_output(ref_call *c);
/* Element i of input k is among what the element in the making depends on: with this derivative,
 * known as well as `error` says. */
void ref_term(ref_call *c, int k, int i, double weight, double error);
/* Ends the element. `rounding`: numbers beside the result itself that were rounded on the way. */
void ref_put(ref_call *c, double value, double rounding);
/* The same of an op whose result is the nearest number that there is: of exact inputs it is exact
 * when a float32 has it. */
void ref_put_nearest(ref_call *c, double value, double rounding);
/* That of a sum, which is exact in any order when all of it are multiples of 1/1024. */
void ref_put_sum(ref_call *c, double value);

/* The sign of x - y, when that is sure; else the call becomes bad. */
int ref_compare(ref_call *c, double x, double x_error, double y, double y_error);
int ref_compare_number(ref_call *c, int k, int i, double number);

/* An output whose elements are those of the first input that the map names. */
void ref_move(ref_call *c, graph_shape shape, bool f64, const int *map);

/* The shape without a dimension, or with a size of 1 there. */
graph_shape ref_without(graph_shape shape, int dim, bool keepdim);

/* One for each op or family of ops. */
void ref_above_number(ref_call *c);
void ref_binary(ref_call *c);
void ref_bounded(ref_call *c);
void ref_constant(ref_call *c);
void ref_copy_values(ref_call *c);
void ref_function_dirty(ref_call *c);
void ref_function_marked(ref_call *c);
void ref_function_two(ref_call *c);
void ref_gather(ref_call *c);
void ref_index_of_largest(ref_call *c);
void ref_join(ref_call *c);
void ref_masked_fill(ref_call *c);
void ref_masked_scatter(ref_call *c);
void ref_masked_select(ref_call *c);
void ref_one_hot(ref_call *c);
void ref_piecewise(ref_call *c);
void ref_plain_copy(ref_call *c);
void ref_power_of(ref_call *c);
void ref_product(ref_call *c);
void ref_reduce(ref_call *c);
void ref_repeat(ref_call *c);
void ref_scatter_add(ref_call *c);
void ref_sign_or_abs(ref_call *c);
void ref_smooth(ref_call *c);
void ref_softmax(ref_call *c);
void ref_sum_to_shape(ref_call *c);
void ref_topk(ref_call *c);
void ref_view_or_copy(ref_call *c);
void ref_where(ref_call *c);

#endif
