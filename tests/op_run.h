/* An op's samples as the tests of ops use them: inputs of a dtype and a layout, one run forward and
 * backward, results compared. */
#ifndef CANDELA_TESTS_OP_RUN_H
#define CANDELA_TESTS_OP_RUN_H

#include "test.h"

#include "op_cases.h"

enum { INPUTS = 6 };

/* One walk over an op's samples or bad calls. `count` is of those visited, `useful` of those that
 * the check had something to say about. */
typedef struct walk {
    cd_samples samples;
    void (*check)(struct walk *w, const cd_sample *sample);
    int count, useful;
} walk;

/* Calls `check` for each of the op's samples, in a scope of its own. */
void walk_all_samples(const cd_op *op, void (*check)(walk *w, const cd_sample *sample));

/* "add, sample 3 (2x3, 3)": valid until the next call. */
const char *describe(const walk *w, const cd_sample *sample);

/* Whether input k is to be differentiated. */
bool is_variable(const cd_sample *sample, int k);
/* New leaves with the sample's values, floating ones in this dtype; those to be differentiated
 * require gradients. Scattered: dimensions lie in the opposite order and elements apart. */
void make_inputs(const cd_sample *sample, cd_dtype floating, bool scatter, cd_tensor **in);
cd_tensor *row_by_row(const cd_tensor *x, cd_dtype dtype);

typedef struct result {
    cd_tensor *y;
    cd_tensor *gradient[INPUTS];
} result;

/* Numbers 1, -2, 3, -1, ... in y's shape, exact in every dtype. */
cd_tensor *weights_for(const cd_tensor *y);
/* Forward, and backward from the weights where the result has a gradient. False on failure; what
 * was reached until then is in `out`. */
bool run_with(const cd_sample *sample, cd_tensor *const *in, cd_tensor *weights, result *out);
/* The same with weights of its own; the test fails where it does. */
void run(const walk *w, const cd_sample *sample, cd_tensor *const *in, result *out);

/* Two NULLs are the same, and close. */
bool same_bits(const cd_tensor *a, const cd_tensor *b);
bool close_to(const cd_tensor *a, const cd_tensor *b, double rtol, double atol);
/* The sentence begins with "name:". */
bool named_by(const char *message, const char *name);

#endif
