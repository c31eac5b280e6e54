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

/* --- made from the program's memory (autograd/create.h has the other makers) ------------------ */

/* The choice by type is never evaluated: it is there to stop a call without a shape, such as
 * cd_from_array(values, 3), with a compiler's error. */
#define CD_HEAD_(first_, ...) first_
#define CD_SHAPE_FIRST_(...)  ((void)_Generic((CD_HEAD_(__VA_ARGS__, 0)), cd_shape : 0))

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
    cd_device device;
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
