/* Tensors: an array of one dtype with a shape and strides over storage that views may share. */
#ifndef CANDELA_CORE_TENSOR_H
#define CANDELA_CORE_TENSOR_H

#include <stdio.h>

#include "core/api.h"
#include "core/device.h"
#include "core/dtype.h"
#include "core/operand.h"
#include "core/random.h"
#include "core/shape.h"

CD_BEGIN_DECLS

/* --- making them ------------------------------------------------------------------------------ */

/* cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true) */
typedef struct cd_create {
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype;          /* default: f32 */
    bool requires_grad;      /* floating dtypes only */
    cd_generator *generator; /* rand and randn: default NULL, the process's own */
} cd_create;

CD_API cd_tensor *cd_empty_with(cd_create options); /* contents undefined */
CD_API cd_tensor *cd_zeros_with(cd_create options);
CD_API cd_tensor *cd_ones_with(cd_create options);
CD_API cd_tensor *cd_rand_with(cd_create options);  /* uniform in [0, 1): torch.rand's numbers */
CD_API cd_tensor *cd_randn_with(cd_create options); /* standard normal: torch.randn's numbers */

/* The choice by type is never evaluated: it is there to stop cd_randn(3, 4), which has no shape,
 * with a compiler's error. */
#define CD_HEAD_(first_, ...) first_
#define CD_SHAPE_FIRST_(...)  ((void)_Generic((CD_HEAD_(__VA_ARGS__, 0)), cd_shape : 0))
#define CD_CREATE_(...)       (CD_SHAPE_FIRST_(__VA_ARGS__), (cd_create){ .shape = __VA_ARGS__ })
#define cd_empty(...)         cd_empty_with(CD_CREATE_(__VA_ARGS__))
#define cd_zeros(...)         cd_zeros_with(CD_CREATE_(__VA_ARGS__))
#define cd_ones(...)          cd_ones_with(CD_CREATE_(__VA_ARGS__))
#define cd_rand(...)          cd_rand_with(CD_CREATE_(__VA_ARGS__))
#define cd_randn(...)         cd_randn_with(CD_CREATE_(__VA_ARGS__))

/* cd_full(CD_SHAPE(2, 3), 7): every element is `value`, converted to dtype. The default dtype is
 * f32, for a whole number too: .dtype = CD_I64 where integers are wanted. */
typedef struct cd_full_options {
    cd_shape shape;
    double value;
    CD_GUARD_;
    cd_dtype dtype;
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
    bool requires_grad;
} cd_eye_options;

CD_API cd_tensor *cd_eye_with(cd_eye_options options);
#define cd_eye(...) cd_eye_with((cd_eye_options){ .rows = __VA_ARGS__ })

/* cd_zeros_like(x)  cd_full_like(x, 7, .dtype = CD_I64): of x's shape, and of its dtype by default.
 * Contiguous; but as in PyTorch, random numbers are drawn in the order in which x's elements lie in
 * memory. */
typedef struct cd_like {
    const cd_tensor *x;
    CD_GUARD_;
    cd_dtype dtype;
    bool requires_grad;
    cd_generator *generator; /* rand_like and randn_like */
} cd_like;

typedef struct cd_full_like_options {
    const cd_tensor *x;
    double value;
    CD_GUARD_;
    cd_dtype dtype;
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

/* The dtype that an array's elements have by its type: float is f32, double f64, 64 and 32 bit
 * integers i64 and i32, bool bool. Bytes are u8, or anything that .dtype says. Of void nothing is
 * known: f32, unless .dtype says otherwise. What else there is (short, char, an array of arrays,
 * which &a[0][0] makes one of elements) is CD_ERR_DTYPE unless .dtype says what it is. */
#define CD_ELEMENTS_(p_)                                                                           \
    _Generic((p_),                                                                                 \
        float *: CD_F32, const float *: CD_F32, double *: CD_F64, const double *: CD_F64,          \
        int *: CD_I32, const int *: CD_I32,                                                        \
        long *: sizeof(long) == 8 ? CD_I64 : CD_I32,                                               \
        const long *: sizeof(long) == 8 ? CD_I64 : CD_I32,                                         \
        long long *: CD_I64, const long long *: CD_I64, bool *: CD_BOOL, const bool *: CD_BOOL,    \
        unsigned char *: CD_U8, const unsigned char *: CD_U8, void *: CD_DTYPE_DEFAULT,            \
        const void *: CD_DTYPE_DEFAULT, default: (cd_dtype)CD_DTYPE_COUNT)

/* How many bytes the array has, where the compiler sees it; else SIZE_MAX. Not evaluated. */
#if defined(__GNUC__)
#define CD_BYTES_(p_) __builtin_object_size((p_), 0)
#else
#define CD_BYTES_(p_) SIZE_MAX
#endif

/* cd_from_array(values, CD_SHAPE(2, 3)): copies shape's elements, row by row, from an array, which
 * must have that many (fewer are CD_ERR_SHAPE where the compiler sees the array). The dtype is the
 * array's; a .dtype that its type belies is CD_ERR_DTYPE: cd_to converts. */
typedef struct cd_from_options {
    const void *values;
    cd_dtype elements; /* what the macro knows of the array's type; default: nothing */
    size_t bytes;      /* and of its size; 0 and SIZE_MAX: nothing */
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype; /* default: the array's */
    bool requires_grad;
} cd_from_options;

CD_API cd_tensor *cd_from_array_with(cd_from_options options);
#define cd_from_array(values_, ...)                                                                \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_from_array_with((cd_from_options){ .values = values_,                                      \
                                           .elements = CD_ELEMENTS_(values_),                      \
                                           .bytes = CD_BYTES_(values_),                            \
                                           .shape = __VA_ARGS__ }))

/* cd_wrap(memory, CD_SHAPE(2, 3), .deleter = free_it, .user = arena): borrows memory, row-major and
 * aligned to its dtype, and writes to it when the tensor is written to. The deleter, if given, is
 * called once, with the memory, when the last tensor over it has gone; never when cd_wrap fails.
 * The dtype is the memory's by its type, as for cd_from_array. */
typedef struct cd_wrap_options {
    void *memory;
    cd_dtype elements; /* what the macro knows of the memory's type; default: nothing */
    size_t bytes;      /* and of its size; 0 and SIZE_MAX: nothing */
    cd_shape shape;
    CD_GUARD_;
    cd_dtype dtype; /* default: the memory's */
    void (*deleter)(void *memory, void *user);
    void *user;
    bool requires_grad;
} cd_wrap_options;

CD_API cd_tensor *cd_wrap_with(cd_wrap_options options);
#define cd_wrap(memory_, ...)                                                                      \
    (CD_SHAPE_FIRST_(__VA_ARGS__),                                                                 \
     cd_wrap_with((cd_wrap_options){ .memory = memory_,                                            \
                                     .elements = CD_ELEMENTS_(memory_),                            \
                                     .bytes = CD_BYTES_(memory_),                                  \
                                     .shape = __VA_ARGS__ }))

/* --- looking at them -------------------------------------------------------------------------- */

/* Of NULL these give 0, an empty shape, CD_DTYPE_DEFAULT or false, and set CD_ERR_ARGUMENT unless
 * an error is pending. */
CD_API int cd_ndim(const cd_tensor *t);
CD_API cd_shape cd_shape_of(const cd_tensor *t);
/* The size of one dimension; -1 is the last. CD_ERR_SHAPE, and 0, when there is no such one. */
CD_API int64_t cd_size(const cd_tensor *t, int dim);
/* How many elements lie between neighbours along a dimension. */
CD_API int64_t cd_stride(const cd_tensor *t, int dim);
CD_API int64_t cd_numel(const cd_tensor *t);
CD_API cd_dtype cd_dtype_of(const cd_tensor *t);
/* CD_DEVICE_DEFAULT of NULL. */
CD_API cd_device cd_device_of(const cd_tensor *t);
/* Elements lie one after the other, row by row. */
CD_API bool cd_is_contiguous(const cd_tensor *t);
/* How often what this tensor shows was written to; views share the count with what they view. */
CD_API uint32_t cd_version(const cd_tensor *t);

/* The only element, as a double or as an integer (a float is cut towards zero). CD_ERR_SHAPE, and
 * 0, for any other number of elements. */
CD_API double cd_item(const cd_tensor *t);
CD_API int64_t cd_item_int(const cd_tensor *t);

/* Copies all elements out, row by row, in the tensor's dtype; `bytes` is the size of `out` and must
 * be exactly theirs. On failure `out` is unchanged. */
CD_API bool cd_read(const cd_tensor *t, void *out, size_t bytes);
/* Copies all elements in. No gradient flows; the version goes up. */
CD_API bool cd_write(cd_tensor *t, const void *in, size_t bytes);

/* The elements themselves, valid while the tensor is: contiguous tensors only, CD_ERR_STATE else.
 * cd_data_mut is for writing, and counts as one write. */
CD_API const void *cd_data(const cd_tensor *t);
CD_API void *cd_data_mut(cd_tensor *t);

/* What print(tensor) writes in PyTorch, but for dtype=float64 without "torch.". cd_to_string's
 * result is malloc'ed and yours to free(); NULL on failure. cd_print adds a newline. */
CD_API char *cd_to_string(const cd_tensor *t);
CD_API bool cd_print(FILE *stream, const cd_tensor *t);

CD_END_DECLS

#endif
