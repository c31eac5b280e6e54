/* Ops that make tensors: filled with a number, counted up, or drawn at random. What they make has
 * no history; with .requires_grad it is a leaf. On the meta device (.device = CD_META) nothing is
 * filled or drawn, and no generator goes on. cd_from_array and cd_wrap, which take memory that
 * the program has, are in core/tensor.h. NULL on failure. */
#ifndef CANDELA_AUTOGRAD_CREATE_H
#define CANDELA_AUTOGRAD_CREATE_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true) */
typedef struct cd_create {
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype;          /* default: f32 */
    cd_device device;        /* default: the processor */
    bool requires_grad;      /* floating dtypes only */
    cd_generator *generator; /* rand and randn: default NULL, the process's own */
} cd_create;

CD_API cd_tensor *cd_empty_with(cd_create options); /* contents undefined */
CD_API cd_tensor *cd_zeros_with(cd_create options);
CD_API cd_tensor *cd_ones_with(cd_create options);
CD_API cd_tensor *cd_rand_with(cd_create options);  /* uniform in [0, 1): torch.rand's numbers */
CD_API cd_tensor *cd_randn_with(cd_create options); /* standard normal: torch.randn's numbers */

#define CD_CREATE_(...) (CD_SHAPE_FIRST_(__VA_ARGS__), (cd_create){ .shape = __VA_ARGS__ })
#define cd_empty(...)   cd_empty_with(CD_CREATE_(__VA_ARGS__))
#define cd_zeros(...)   cd_zeros_with(CD_CREATE_(__VA_ARGS__))
#define cd_ones(...)    cd_ones_with(CD_CREATE_(__VA_ARGS__))
#define cd_rand(...)    cd_rand_with(CD_CREATE_(__VA_ARGS__))
#define cd_randn(...)   cd_randn_with(CD_CREATE_(__VA_ARGS__))

/* cd_full(CD_SHAPE(2, 3), 7): every element is `value`, converted to dtype. The default dtype is
 * f32, for a whole number too: .dtype = CD_I64 where integers are wanted. */
typedef struct cd_full_options {
    cd_shape shape;
    double value;
    CD_GUARD_;
    cd_dtype dtype;
    cd_device device;
    bool requires_grad;
} cd_full_options;

CD_API cd_tensor *cd_full_with(cd_full_options options);
#define cd_full(shape_, ...)                                                                       \
    (CD_SHAPE_FIRST_(shape_),                                                                      \
     cd_full_with((cd_full_options){ .shape = shape_, .value = __VA_ARGS__ }))

/* cd_randint(0, 10, CD_SHAPE(5)): integers in [low, high), int64 by default: torch.randint's
 * numbers. All of them must be values of the dtype. */
typedef struct cd_randint_options {
    int64_t low, high;
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype; /* default: i64 */
    cd_device device;
    bool requires_grad;
    cd_generator *generator;
} cd_randint_options;

CD_API cd_tensor *cd_randint_with(cd_randint_options options);
#define cd_randint(low_, high_, ...)                                                               \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_randint_with((cd_randint_options){ .low = low_, .high = high_, .shape = __VA_ARGS__ }))

/* cd_randperm(10): the int64 numbers 0, 1, ..., n - 1 in random order: torch.randperm's. */
typedef struct cd_randperm_options {
    int64_t n;
    CD_GUARD_;
    cd_device device;
    cd_generator *generator;
} cd_randperm_options;

CD_API cd_tensor *cd_randperm_with(cd_randperm_options options);
#define cd_randperm(...) cd_randperm_with((cd_randperm_options){ .n = __VA_ARGS__ })

/* cd_arange(5)  cd_arange(10, .start = 2, .step = 3)  cd_arange(0.0, .start = 1, .step = -0.25):
 * start, start + step, ... as long as they have not come to `end`: ceil((end - start) / step)
 * numbers. The end stands first. They are int64 when it is of an integer type, f32 when it is
 * floating. Of an integer dtype, start and step must be whole, and all numbers values of the dtype.
 * Not bool. */
typedef struct cd_arange_options {
    cd_operand end; /* a number */
    CD_GUARD_;
    double start, step; /* 0 and 1; a step of 0 means 1 */
    cd_dtype dtype;
    cd_device device;
    bool requires_grad;
    bool unused_;
} cd_arange_options;

CD_API cd_tensor *cd_arange_with(cd_arange_options options);
#define CD_TAIL_(first_, ...) __VA_ARGS__
#define cd_arange(...)                                                                             \
    cd_arange_with((cd_arange_options){ .end = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),               \
                                        CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* cd_linspace(0, 1, 5): 0, 0.25, 0.5, 0.75, 1. Both ends, and what lies evenly between them, each
 * number reckoned from the nearer end. Of an integer dtype, both ends and then every number are cut
 * towards 0. One step is the start alone. Not bool. */
typedef struct cd_linspace_options {
    double start, end;
    int64_t steps;
    CD_GUARD_;
    cd_dtype dtype; /* default: f32 */
    cd_device device;
    bool requires_grad;
} cd_linspace_options;

CD_API cd_tensor *cd_linspace_with(cd_linspace_options options);
#define cd_linspace(start_, end_, ...)                                                             \
    cd_linspace_with((cd_linspace_options){ .start = start_, .end = end_, .steps = __VA_ARGS__ })

/* cd_eye(3)  cd_eye(3, .columns = 4): 1 where row and column are the same, 0 elsewhere. */
typedef struct cd_eye_options {
    int64_t rows;
    CD_GUARD_;
    int64_t columns; /* default: as many as rows */
    cd_dtype dtype;  /* default: f32 */
    cd_device device;
    bool requires_grad;
} cd_eye_options;

CD_API cd_tensor *cd_eye_with(cd_eye_options options);
#define cd_eye(...) cd_eye_with((cd_eye_options){ .rows = __VA_ARGS__ })

/* cd_zeros_like(x)  cd_full_like(x, 7, .dtype = CD_I64): of x's shape, and of its dtype and on its
 * device by default. Contiguous; but as in PyTorch, random numbers are drawn in the order in which
 * x's elements lie in memory, if it is on the same device. */
typedef struct cd_like {
    const cd_tensor *x;
    CD_GUARD_;
    cd_dtype dtype;
    cd_device device;
    bool requires_grad;
    cd_generator *generator; /* rand_like and randn_like */
} cd_like;

typedef struct cd_full_like_options {
    const cd_tensor *x;
    double value;
    CD_GUARD_;
    cd_dtype dtype;
    cd_device device;
    bool requires_grad;
} cd_full_like_options;

CD_API cd_tensor *cd_empty_like_with(cd_like options);
CD_API cd_tensor *cd_zeros_like_with(cd_like options);
CD_API cd_tensor *cd_ones_like_with(cd_like options);
CD_API cd_tensor *cd_rand_like_with(cd_like options);
CD_API cd_tensor *cd_randn_like_with(cd_like options);
CD_API cd_tensor *cd_full_like_with(cd_full_like_options options);
#define cd_empty_like(...) cd_empty_like_with((cd_like){ .x = __VA_ARGS__ })
#define cd_zeros_like(...) cd_zeros_like_with((cd_like){ .x = __VA_ARGS__ })
#define cd_ones_like(...)  cd_ones_like_with((cd_like){ .x = __VA_ARGS__ })
#define cd_rand_like(...)  cd_rand_like_with((cd_like){ .x = __VA_ARGS__ })
#define cd_randn_like(...) cd_randn_like_with((cd_like){ .x = __VA_ARGS__ })
#define cd_full_like(x_, ...)                                                                      \
    cd_full_like_with((cd_full_like_options){ .x = x_, .value = __VA_ARGS__ })

CD_END_DECLS

#endif
