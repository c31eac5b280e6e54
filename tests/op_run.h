/* Running an op's samples: inputs of a dtype and a layout, forward and backward, and comparing
 * results. */
#ifndef CANDELA_TESTS_OP_RUN_H
#define CANDELA_TESTS_OP_RUN_H

#include "test.h"

#include "op_cases.h"

enum { INPUTS = 6 };

/* A loop over an op's samples or bad calls. So far it has visited `count` of them, and for `useful`
 * of them the check applied. */
typedef struct walk {
    cd_samples samples;
    void (*check)(struct walk *w, const cd_sample *sample);
    int count, useful;
} walk;

/* Calls `check` for each of the op's samples, in a scope of its own. */
void walk_all_samples(const cd_op *op, void (*check)(walk *w, const cd_sample *sample));

/* Names the sample: "add, sample 3 (2x3, 3)". Valid until the next call. */
const char *describe(const walk *w, const cd_sample *sample);

/* Whether input k is to be differentiated. */
bool is_variable(const cd_sample *sample, int k);
/* Makes leaves with the values of the sample's inputs, floating ones in this dtype. Inputs that are
 * to be differentiated require gradients. With `scatter` the strides are in the opposite order, and
 * there are gaps between elements. */
void make_inputs(const cd_sample *sample, cd_dtype floating, bool scatter, cd_tensor **in);
/* A contiguous tensor with x's elements in this dtype. */
cd_tensor *row_by_row(const cd_tensor *x, cd_dtype dtype);

/* The result of an op, and the gradients of its inputs; NULL: no gradient. */
typedef struct result {
    cd_tensor *y;
    cd_tensor *gradient[INPUTS];
} result;

/* The gradient to start from: 1, -2, 3, -1, ... in y's shape, exact in every dtype. */
cd_tensor *weights_for(const cd_tensor *y);
/* Runs forward, and backward from these weights if the result requires gradients. False with an
 * error; `out` has what was computed until then. */
bool run_with(const cd_sample *sample, cd_tensor *const *in, cd_tensor *weights, result *out);
/* Runs forward, and backward from weights_for(y). The test fails if a call fails. */
void run(const walk *w, const cd_sample *sample, cd_tensor *const *in, result *out);

/* Whether two tensors have the same bits; two NULLs do. */
bool same_bits(const cd_tensor *a, const cd_tensor *b);
/* Whether two tensors are close in each element; two NULLs are. */
bool close_to(const cd_tensor *a, const cd_tensor *b, double rtol, double atol);
/* Whether the error's sentence begins with "name:". */
bool named_by(const char *message, const char *name);

#endif
