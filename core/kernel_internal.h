/* The interface between ops and kernels: cd_kernel, the functions that compute an op on a device,
 * and cd_launch, the arguments that they get. C++ can include this file too. */
#ifndef CANDELA_CORE_KERNEL_INTERNAL_H
#define CANDELA_CORE_KERNEL_INTERNAL_H

#include "core/error.h"
#include "core/layout_internal.h"

CD_BEGIN_DECLS

struct cd_generator_state;
struct cd_op;

/* An input or an output. A tensor's elements are in the device's memory; a number given instead of
 * a tensor is in the host's. Both members are NULL for an input that was left out and for an output
 * that nobody needs. */
typedef struct cd_array {
    void *data; /* the first element */
    const cd_layout *layout;
} cd_array;

/* One call of an op. */
typedef struct cd_launch {
    const struct cd_op *op;
    void *attributes; /* the op's struct of attributes; NULL if it has none */
    const cd_array *in, *out;
    int inputs, outputs;
    void *workspace; /* memory of the size that the kernel's `workspace` function returned. If that
                        was 0, some address that is not NULL. NULL without such a function */
    struct cd_generator_state *generator; /* of an op that draws random numbers; locked */
} cd_launch;

/* The first wrong value that a kernel's `check` found: its index among the input's elements,
 * counted row by row, and the value, as an integer or as a double. */
typedef struct cd_fault {
    int64_t position, integer;
    double number;
} cd_fault;

/* An op on one device. */
typedef struct cd_kernel {
    /* The bytes that `run` needs for temporary values; NULL: none. */
    size_t (*workspace)(const cd_launch *launch);
    /* Checks values of the inputs, such as indices, before `run` writes anything: false, with
     * *fault set, if one is wrong. NULL: there is nothing to check. */
    bool (*check)(const cd_launch *launch, cd_fault *fault);
    /* The size of output 0, for an op where it depends on values, such as masked_select. Called
     * before the output is made. NULL for other ops. */
    int64_t (*measure)(const cd_launch *launch);
    /* Computes the outputs. Cannot fail. */
    void (*run)(const cd_launch *launch);
    /* The same for several launches of the op, none of which reads what another one writes; NULL:
     * they are run one by one. The steps of optimizers have it, which update many small tensors. */
    void (*run_all)(const cd_launch *const *launches, int64_t count);
} cd_kernel;

/* The layouts of 0-d tensors, by dtype: for numbers. */
extern const cd_layout cd_number_layout[CD_DTYPE_COUNT];

CD_END_DECLS

#endif
