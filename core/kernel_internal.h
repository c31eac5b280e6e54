/* What a kernel is and what it is called with: plain data, which C++ can read too. */
#ifndef CANDELA_CORE_KERNEL_INTERNAL_H
#define CANDELA_CORE_KERNEL_INTERNAL_H

#include "core/error.h"
#include "core/layout_internal.h"

CD_BEGIN_DECLS

struct cd_generator_state;
struct cd_op;

/* An input or an output. The elements lie in the device's memory; a number lies in the host's. Of
 * an input that was left out, and of an output that nobody asked for, both members are NULL. */
typedef struct cd_argument {
    void *data; /* the first element */
    const cd_layout *layout;
} cd_argument;

typedef struct cd_launch {
    const struct cd_op *op;
    void *attributes; /* the op's struct */
    const cd_argument *in, *out;
    int inputs, outputs;
    void *workspace;                      /* as many bytes as the kernel asked for; NULL for none */
    struct cd_generator_state *generator; /* of an op that draws, locked */
} cd_launch;

/* What a check found wrong: the value, and where it stands among the elements of the input, row by
 * row. */
typedef struct cd_fault {
    int64_t position, integer;
    double number;
} cd_fault;

/* One op on one device. */
typedef struct cd_kernel {
    size_t (*workspace)(const cd_launch *launch); /* bytes; NULL: none */
    /* Looks at values before anything is written; NULL: there is nothing to look at. */
    bool (*check)(const cd_launch *launch, cd_fault *fault);
    /* The size of output 0 that only values tell; NULL: there is none. Read before it is made. */
    int64_t (*measure)(const cd_launch *launch);
    void (*run)(const cd_launch *launch); /* cannot fail */
} cd_kernel;

/* A 0-d layout for each dtype: that of numbers. */
extern const cd_layout cd_number_layout[CD_DTYPE_COUNT];

CD_END_DECLS

#endif
