/* Ops that make tensors: filled with a number, counted up, or drawn at random.
 *
 * All return a new tensor without a history; a leaf with .requires_grad = true. NULL with an error.
 * On the meta device (.device = CD_META) nothing is filled or drawn, and no generator advances.
 * cd_from_array and cd_wrap, which take elements that the program has, are in core/tensor.h. */
#ifndef CANDELA_AUTOGRAD_CREATE_H
#define CANDELA_AUTOGRAD_CREATE_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* --- by shape --------------------------------------------------------------------------------- */

/* Options of cd_empty, cd_zeros, cd_ones, cd_rand and cd_randn:
 * cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true). */
typedef struct cd_create {
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype;          /* default: float32 */
    cd_device device;        /* default: the processor */
    bool requires_grad;      /* floating dtypes only */
    cd_generator *generator; /* cd_rand and cd_randn only; default: the process's own */
} cd_create;

/* torch.empty: contents undefined. */
CD_API cd_tensor *cd_empty_with(cd_create options);
/* torch.zeros */
CD_API cd_tensor *cd_zeros_with(cd_create options);
/* torch.ones */
CD_API cd_tensor *cd_ones_with(cd_create options);
/* torch.rand: uniform in [0, 1), and PyTorch's numbers for the same seed. */
CD_API cd_tensor *cd_rand_with(cd_create options);
/* torch.randn: standard normal, and PyTorch's numbers for the same seed. */
CD_API cd_tensor *cd_randn_with(cd_create options);

#define CD_CREATE_(...) (CD_SHAPE_FIRST_(__VA_ARGS__), (cd_create){ .shape = __VA_ARGS__ })
#define cd_empty(...)   cd_empty_with(CD_CREATE_(__VA_ARGS__))
#define cd_zeros(...)   cd_zeros_with(CD_CREATE_(__VA_ARGS__))
#define cd_ones(...)    cd_ones_with(CD_CREATE_(__VA_ARGS__))
#define cd_rand(...)    cd_rand_with(CD_CREATE_(__VA_ARGS__))
#define cd_randn(...)   cd_randn_with(CD_CREATE_(__VA_ARGS__))

/* Options of cd_full. */
typedef struct cd_full_options {
    cd_shape shape;
    double value;
    CD_GUARD_;
    cd_dtype dtype; /* default: float32, for a whole number too */
    cd_device device;
    bool requires_grad;
} cd_full_options;

/* torch.full: cd_full(CD_SHAPE(2, 3), 7). Every element is `value`, converted to the dtype. For
 * integers .dtype = CD_I64 must be given. */
CD_API cd_tensor *cd_full_with(cd_full_options options);
#define cd_full(shape_, ...)                                                                       \
    (CD_SHAPE_FIRST_(shape_),                                                                      \
     cd_full_with((cd_full_options){ .shape = shape_, .value = __VA_ARGS__ }))

/* Options of cd_randint. */
typedef struct cd_randint_options {
    int64_t low, high;
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype; /* default: int64 */
    cd_device device;
    bool requires_grad;
    cd_generator *generator; /* default: the process's own */
} cd_randint_options;

/* torch.randint: cd_randint(0, 10, CD_SHAPE(5)). Integers in [low, high), all of which the dtype
 * must have; PyTorch's numbers for the same seed. */
CD_API cd_tensor *cd_randint_with(cd_randint_options options);
#define cd_randint(low_, high_, ...)                                                               \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_randint_with((cd_randint_options){ .low = low_, .high = high_, .shape = __VA_ARGS__ }))

/* Options of cd_randperm. */
typedef struct cd_randperm_options {
    int64_t n;
    CD_GUARD_;
    cd_device device;
    cd_generator *generator; /* default: the process's own */
} cd_randperm_options;

/* torch.randperm: cd_randperm(10). The int64 numbers 0, 1, ..., n - 1 in random order; PyTorch's
 * order for the same seed. */
CD_API cd_tensor *cd_randperm_with(cd_randperm_options options);
#define cd_randperm(...) cd_randperm_with((cd_randperm_options){ .n = __VA_ARGS__ })

/* --- ranges ----------------------------------------------------------------------------------- */

/* Options of cd_arange. */
typedef struct cd_arange_options {
    cd_operand end; /* a number */
    CD_GUARD_;
    double start;   /* default: 0 */
    double step;    /* default, and for 0: 1. CD_ZERO is CD_ERR_ARGUMENT */
    cd_dtype dtype; /* default: int64 if `end` has an integer type in C and the others are whole;
                       else float32 */
    cd_device device;
    bool requires_grad;
    bool unused_;
} cd_arange_options;

/* torch.arange, but the end is the first argument: cd_arange(5), cd_arange(10, .start = 2, .step =
 * 3), cd_arange(0.0, .start = 1, .step = -0.25).
 *
 * The ceil((end - start) / step) numbers start, start + step, ... that come before the end. For an
 * integer dtype they are counted first, and then start and step are cut towards 0; the dtype must
 * have all numbers. Not for bool. */
CD_API cd_tensor *cd_arange_with(cd_arange_options options);
#define CD_TAIL_(first_, ...) __VA_ARGS__
#define cd_arange(...)                                                                             \
    cd_arange_with((cd_arange_options){ .end = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),               \
                                        CD_TAIL_(__VA_ARGS__, .unused_ = false) })

/* Options of cd_linspace. */
typedef struct cd_linspace_options {
    cd_operand start, end; /* numbers or 0-d tensors */
    int64_t steps;
    CD_GUARD_;
    cd_dtype dtype; /* default: float32 */
    cd_device device;
    bool requires_grad;
} cd_linspace_options;

/* torch.linspace: cd_linspace(0, 1, 5) is 0, 0.25, 0.5, 0.75, 1. As many numbers as steps, from
 * start to end, at equal distances; each is computed from the nearer end. One step gives the start.
 * With an integer dtype both ends, and then all numbers, are cut towards 0. Not for bool.
 *
 * An end that is a 0-d tensor counts as the number in it, which is read: it gets no gradient, its
 * dtype does not matter, and no graph can be captured. */
CD_API cd_tensor *cd_linspace_with(cd_linspace_options options);
#define cd_linspace(start_, end_, ...)                                                             \
    cd_linspace_with((cd_linspace_options){                                                        \
        .start = CD_OPERAND(start_), .end = CD_OPERAND(end_), .steps = __VA_ARGS__ })

/* Options of cd_logspace. */
typedef struct cd_logspace_options {
    cd_operand start, end; /* numbers or 0-d tensors */
    int64_t steps;
    CD_GUARD_;
    double base;    /* default: 10; CD_ZERO for 0 */
    cd_dtype dtype; /* default: float32 */
    cd_device device;
    bool requires_grad;
} cd_logspace_options;

/* torch.logspace: cd_logspace(0, 2, 3) is 1, 10, 100. The base to the power of what cd_linspace
 * gives; with an integer dtype both ends are cut towards 0, and then the powers. */
CD_API cd_tensor *cd_logspace_with(cd_logspace_options options);
#define cd_logspace(start_, end_, ...)                                                             \
    cd_logspace_with((cd_logspace_options){                                                        \
        .start = CD_OPERAND(start_), .end = CD_OPERAND(end_), .steps = __VA_ARGS__ })

/* Options of cd_eye. */
typedef struct cd_eye_options {
    int64_t rows;
    CD_GUARD_;
    int64_t columns; /* default, and for 0: as many as rows */
    bool no_columns; /* rows x 0 */
    cd_dtype dtype;  /* default: float32 */
    cd_device device;
    bool requires_grad;
} cd_eye_options;

/* torch.eye: cd_eye(3), cd_eye(3, .columns = 4); torch.eye(3, 0) is cd_eye(3, .no_columns = true).
 * 1 on the diagonal, 0 elsewhere. */
CD_API cd_tensor *cd_eye_with(cd_eye_options options);
#define cd_eye(...) cd_eye_with((cd_eye_options){ .rows = __VA_ARGS__ })

/* --- like another tensor ---------------------------------------------------------------------- */

/* Options of cd_zeros_like and its relatives: cd_zeros_like(x), cd_zeros_like(x, .dtype =
 * CD_I64). */
typedef struct cd_like {
    const cd_tensor *x;
    CD_GUARD_;
    cd_dtype dtype;   /* default: x's */
    cd_device device; /* default: x's */
    bool requires_grad;
    cd_generator *generator; /* cd_rand_like and cd_randn_like only; default: the process's own */
} cd_like;

/* Options of cd_full_like. */
typedef struct cd_full_like_options {
    const cd_tensor *x;
    double value;
    CD_GUARD_;
    cd_dtype dtype;   /* default: x's */
    cd_device device; /* default: x's */
    bool requires_grad;
} cd_full_like_options;

/* torch.empty_like and its relatives: tensors of x's shape. The result is contiguous, but random
 * numbers are drawn in the order in which x's elements are in memory, as in PyTorch, if the result
 * is on x's device. */
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
