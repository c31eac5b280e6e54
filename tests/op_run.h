/* Running an op's samples: inputs of a dtype and a layout, forward and backward, and comparing
 * results. */
#ifndef CANDELA_TESTS_OP_RUN_H
#define CANDELA_TESTS_OP_RUN_H

#include "test.h"

#include "op_cases.h"

enum { INPUTS = 6 };

/* One walk over an op's samples or bad calls: `count` of them were visited, and for `useful` of
 * them the check applied. */
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
/* Makes leaves with the sample's values, floating ones in this dtype; inputs that are to be
 * differentiated require gradients. With `scatter` strides are in the opposite order, with gaps
 * between elements. */
void make_inputs(const cd_sample *sample, cd_dtype floating, bool scatter, cd_tensor **in);
/* A contiguous tensor with x's elements in this dtype. */
cd_tensor *row_by_row(const cd_tensor *x, cd_dtype dtype);

typedef struct result {
    cd_tensor *y;
    cd_tensor *gradient[INPUTS];
} result;

/* The gradient to start from: 1, -2, 3, -1, ... in y's shape, exact in every dtype. */
cd_tensor *weights_for(const cd_tensor *y);
/* Runs forward, and backward from these weights if the result requires gradients. False with an
 * error; `out` has what was computed until then. */
bool run_with(const cd_sample *sample, cd_tensor *const *in, cd_tensor *weights, result *out);
/* The same with weights_for(y); the test fails when a call does. */
void run(const walk *w, const cd_sample *sample, cd_tensor *const *in, result *out);

/* Whether two tensors have the same bits; two NULLs do. */
bool same_bits(const cd_tensor *a, const cd_tensor *b);
/* Whether two tensors are close in each element; two NULLs are. */
bool close_to(const cd_tensor *a, const cd_tensor *b, double rtol, double atol);
/* Whether the error's sentence begins with "name:". */
bool named_by(const char *message, const char *name);

#endif
