/* How an op is tested: calls that must work (samples) and calls that must fail, for each op of
 * ops.def in tests/ops/NAME.c. An op without such a file does not link. */
#ifndef CANDELA_TESTS_OP_CASES_H
#define CANDELA_TESTS_OP_CASES_H

#include "test.h"

#include "autograd/op/conv_internal.h"
#include "autograd/op/pool_internal.h"
#include "autograd/ops_internal.h"

typedef struct cd_samples cd_samples;

typedef cd_tensor *cd_sample_call(cd_tensor *const *input, const double *parameters);

/* One way to call an op. Floating inputs are differentiated by the tests (in float64) unless their
 * bit stands in `constant`. */
typedef struct cd_sample {
    cd_sample_call *call;
    cd_tensor *input[6];
    double parameters[12];
    unsigned constant;
} cd_sample;

struct cd_samples {
    void (*visit)(cd_samples *s, const cd_sample *sample);
    void (*expect)(cd_samples *s, cd_code code, const char *text, const void *result);
    void *user;
    const cd_op *op;
    /* For bad calls: sentences may begin with these too; NULL ends them. */
    const char *const *names;
};

/* cd_sample(s, call, { x, y }, { 1.5 }): one way to call the op, its inputs, its numbers. */
#define cd_sample(s_, ...) ((s_)->visit((s_), &(cd_sample){ .call = __VA_ARGS__ }))
/* The shape that parameters say: how many dimensions, then their sizes. */
cd_shape shape_from(const double *parameters);
/* The shapes that every op of two operands is run with: broadcast both ways, 0-d, sizes of 0 and 1.
 */
void cd_sample_binary(cd_samples *s, cd_sample_call *call);
/* The same for one operand; `positive` keeps the values above 0.1. */
void cd_sample_unary(cd_samples *s, cd_sample_call *call, bool positive);
/* Bad calls of the form of one operand that changes it. */
void cd_misuse_in_place(cd_samples *s, cd_tensor *(*change)(cd_tensor *x));
/* The same along one dimension: parameters[0] is the dimension, parameters[1] keepdim. */
void cd_sample_dim(cd_samples *s, cd_sample_call *call);

/* Both for a comparison: of tensors, and of a tensor and the first number. */
void cd_sample_compare(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number);
void cd_misuse_compare(cd_samples *s, cd_tensor *(*compare)(cd_operand a, cd_operand b));

/* `result` must be NULL (or a false bool cast to a pointer), with this code and a sentence that
 * holds the op's name and `text`. */
static inline void cd_expect_error(cd_samples *s, cd_code code, const char *text,
                                   const void *result)
{
    s->expect(s, code, text, result);
}

/* --- makers of tensors ------------------------------------------------------------------------ */

/* rand and randn: of parameters that say the dtype and then the shape; and like a copy of x, in a
 * dtype that may be the default. Each call draws from a generator of its own. */
void cd_sample_drawn(cd_samples *s, cd_sample_call *make, cd_sample_call *like);
void cd_misuse_drawn(cd_samples *s, cd_tensor *(*make)(cd_create o), cd_tensor *(*like)(cd_like o));

/* --- what several ops share ------------------------------------------------------------------- */

/* Inputs for the tests of those over everything (the others have cd_sample_dim), and bad calls. */
void cd_sample_min_max(cd_samples *s, cd_sample_call *call);
void cd_misuse_min_max(cd_samples *s, cd_tensor *(*extreme)(cd_tensor *x));
void cd_misuse_min_max_dim(cd_samples *s, cd_tensor *(*extreme)(cd_dim_options options));

/* Their samples and bad calls, which differ by the call alone; `outside` is a number that no uint8
 * keeps to as a bound. */
void cd_sample_choice(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number,
                      cd_sample_call *number_first);
void cd_misuse_choice(cd_samples *s, cd_tensor *(*choice)(cd_operand a, cd_operand b), int outside);
typedef cd_tensor *cd_clamp_call(cd_tensor *x, cd_operand bound);
void cd_sample_bound(cd_samples *s, cd_sample_call *number, cd_sample_call *tensor,
                     cd_sample_call *in_place, cd_sample_call *tensor_in_place);
void cd_misuse_bound(cd_samples *s, cd_clamp_call *clamp, cd_clamp_call *clamp_, int outside);

/* The attributes of a convolution that are the same for height and width; 0 for 1, but of padding.
 */
cd_conv2d_sizes square_convolution(int64_t stride, int64_t padding, int64_t dilation,
                                   int64_t groups);

/* --- all of them ------------------------------------------------------------------------------ */

typedef struct op_cases {
    void (*samples)(cd_samples *s);
    void (*misuse)(cd_samples *s); /* calls that must fail, and how */
} op_cases;

const op_cases *cases_of(const cd_op *op);

#endif
