/* How an op is tested: tests/ops/NAME.c has its samples, which are calls that must work, and its
 * bad calls, which must fail. test_ops.c and others run them. An op of ops.def without such a file
 * does not link. */
#ifndef CANDELA_TESTS_OP_CASES_H
#define CANDELA_TESTS_OP_CASES_H

#include "test.h"

#include "autograd/families/conv_internal.h"
#include "autograd/families/pool_internal.h"
#include "autograd/ops_internal.h"

typedef struct cd_samples cd_samples;

/* Calls the op with the inputs and parameters of a sample. */
typedef cd_tensor *cd_sample_call(cd_tensor *const *input, const double *parameters);

/* One way to call an op. The tests differentiate by its floating inputs (in float64), except input
 * k if bit k of `constant` is set. */
typedef struct cd_sample {
    cd_sample_call *call;
    cd_tensor *input[6];
    double parameters[12];
    unsigned constant;
} cd_sample;

/* Where an op's file reports its samples and bad calls. */
struct cd_samples {
    void (*visit)(cd_samples *s, const cd_sample *sample);
    void (*expect)(cd_samples *s, cd_code code, const char *text, const void *result);
    void *user;
    const cd_op *op;
    /* Other names that the error sentences of bad calls may begin with; NULL ends the list. */
    const char *const *names;
};

/* Reports a sample: cd_sample(s, call, { x, y }, { 1.5 }) has the inputs x and y and the parameter
 * 1.5. */
#define cd_sample(s_, ...) ((s_)->visit((s_), &(cd_sample){ .call = __VA_ARGS__ }))
/* Reports a bad call: `result` must be NULL (or a false bool cast to a pointer), with this code and
 * a sentence that contains the op's name and `text`. */
static inline void cd_expect_error(cd_samples *s, cd_code code, const char *text,
                                   const void *result)
{
    s->expect(s, code, text, result);
}

/* The shape that parameters give: the number of dimensions, then their sizes. */
cd_shape shape_from(const double *parameters);

/* --- samples and bad calls that several ops share --------------------------------------------- */

/* Samples of an op of two operands: shapes that broadcast both ways, 0-d, sizes of 0 and 1. */
void cd_sample_binary(cd_samples *s, cd_sample_call *call);
/* Samples of an op of one operand. With `positive`, its values are above 0.1. */
void cd_sample_unary(cd_samples *s, cd_sample_call *call, bool positive);
/* Samples of an op along one dimension: parameters[0] is the dimension, parameters[1] keepdim. */
void cd_sample_dim(cd_samples *s, cd_sample_call *call);
/* Samples of an op over dimensions. parameters[0] is their number, parameters[1] keepdim, then come
 * the dimensions: see dims_from. With `empty`, some have nothing to reduce. */
void cd_sample_dims(cd_samples *s, cd_sample_call *call, bool empty);
cd_dims dims_from(const double *parameters);
/* Bad calls of an op over dimensions: options that are wrong whatever else they are. */
void cd_misuse_dims(cd_samples *s, cd_tensor *(*op)(cd_dims_options options));
/* The same with values that are `domain` of normal ones. */
void cd_sample_unary_in(cd_samples *s, cd_sample_call *call, cd_tensor *(*domain)(cd_tensor *x));
/* Domains: between -0.8 and 0.8; above 1.1. */
cd_tensor *cd_domain_unit(cd_tensor *x);
cd_tensor *cd_domain_above_one(cd_tensor *x);
/* Bad calls of an op of one operand, in place. */
void cd_misuse_in_place(cd_samples *s, cd_tensor *(*change)(cd_tensor *x));

/* Samples of an op of three tensors, which broadcast, and of its form in place. */
void cd_sample_three(cd_samples *s, cd_sample_call *call, cd_sample_call *in_place);

/* Samples of a comparison: of two tensors, and of a tensor and parameters[0]. */
void cd_sample_compare(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number);
/* Samples of a comparison in place. */
void cd_sample_compare_in_place(cd_samples *s, cd_sample_call *tensors,
                                cd_sample_call *with_number);
/* Bad calls of a comparison. */
void cd_misuse_compare(cd_samples *s, cd_tensor *(*compare)(cd_operand a, cd_operand b));
/* Bad calls of a comparison in place. */
void cd_misuse_compare_in_place(cd_samples *s, cd_tensor *(*compare)(cd_tensor *x, cd_operand b));

typedef cd_tensor *cd_logical_call(cd_tensor *a, cd_tensor *b);
/* Samples of logical_and, logical_or or logical_xor. */
void cd_sample_logical(cd_samples *s, cd_sample_call *tensors, cd_sample_call *in_place);
/* Bad calls of the same. */
void cd_misuse_logical(cd_samples *s, cd_logical_call *op, cd_logical_call *op_);

/* Samples of an op of two integer operands: both int64, and int32 and uint8 with other shapes. */
void cd_sample_integers(cd_samples *s, cd_sample_call *tensors, cd_sample_call *in_place);
/* Bad calls of the same. */
void cd_misuse_integers(cd_samples *s, cd_tensor *(*op)(cd_operand a, cd_operand b),
                        cd_tensor *(*op_)(cd_tensor *x, cd_operand b));

/* Samples of rand or randn. The parameters of `make` are the dtype and the shape. The input of
 * `like` is a tensor, its parameter the dtype, which may be the default. Both must draw from a new
 * generator in each call. */
void cd_sample_drawn(cd_samples *s, cd_sample_call *make, cd_sample_call *like);
/* Bad calls of rand or randn, and of rand_like or randn_like. */
void cd_misuse_drawn(cd_samples *s, cd_tensor *(*make)(cd_create o), cd_tensor *(*like)(cd_like o));

/* Samples of max, min, argmax or argmin of all elements. */
void cd_sample_min_max(cd_samples *s, cd_sample_call *call);
/* Bad calls of the same. */
void cd_misuse_min_max(cd_samples *s, cd_tensor *(*op)(cd_tensor *x));
/* Bad calls of max, min, argmax or argmin along one dimension; cd_sample_dim has the samples. */
void cd_misuse_min_max_dim(cd_samples *s, cd_tensor *(*op)(cd_dim_options options));

/* Samples of maximum or minimum: of two tensors, of a tensor and parameters[0], and the other way
 * round. */
void cd_sample_choice(cd_samples *s, cd_sample_call *tensors, cd_sample_call *with_number,
                      cd_sample_call *number_first);
/* Bad calls of maximum or minimum. `outside` is a number that uint8 cannot hold, and that the op
 * refuses as an operand beside a uint8 tensor. */
void cd_misuse_choice(cd_samples *s, cd_tensor *(*choice)(cd_operand a, cd_operand b), int outside);

typedef cd_tensor *cd_clamp_call(cd_tensor *x, cd_operand bound);
/* Samples of clamp_min or clamp_max, with parameters[0] and with a tensor as the bound. */
void cd_sample_bound(cd_samples *s, cd_sample_call *number, cd_sample_call *tensor,
                     cd_sample_call *in_place, cd_sample_call *tensor_in_place);
/* Bad calls of clamp_min or clamp_max. `outside` is a bound that uint8 cannot hold, and that the op
 * refuses for a uint8 tensor. */
void cd_misuse_bound(cd_samples *s, cd_clamp_call *clamp, cd_clamp_call *clamp_, int outside);

/* The attributes of a convolution that are the same for height and width. A stride, dilation or
 * groups of 0 means 1. */
cd_conv2d_sizes square_convolution(int64_t stride, int64_t padding, int64_t dilation,
                                   int64_t groups);

/* --- steps of optimizers ---------------------------------------------------------------------- */

/* The parameters of a sample of a step. */
enum {
    STEP_LR,
    STEP_MOMENTUM,
    STEP_SO_FAR, /* steps before this one */
    STEP_DECAY,  /* weight decay */
    STEP_BETA2,
    STEP_EPS,
    STEP_OTHER, /* dampening, lr_decay or momentum_decay */
    STEP_LEAST,
    STEP_MOST,
    STEP_FLAGS /* the set of those below */
};
enum { STEP_DECOUPLED = 1, STEP_NESTEROV = 2, STEP_MAXIMIZE = 4 };

/* Calls a step's op with these arrays, w, g and the state, and with the parameters. It changes
 * copies of w and of the state. The result is the sum of w, the state and the count of steps.
 * `product` is nadam_step's. */
cd_tensor *cd_call_step(const cd_op *op, cd_tensor *const *in, const double *p, cd_tensor *product);
/* Samples of a step that has so many state arrays. */
void cd_sample_steps(cd_samples *s, cd_sample_call *step, int arrays);
/* Bad calls of the same. */
void cd_misuse_steps(cd_samples *s, cd_sample_call *step, int arrays);

/* --- every op --------------------------------------------------------------------------------- */

typedef struct op_cases {
    void (*samples)(cd_samples *s); /* reports the samples */
    void (*misuse)(cd_samples *s);  /* reports the bad calls */
} op_cases;

/* The samples and bad calls of an op. */
const op_cases *cases_of(const cd_op *op);

#endif
