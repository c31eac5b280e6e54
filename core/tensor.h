/* Tensors: an array of elements of one dtype, with a shape and strides over storage that several
 * tensors (views) may share. Here: tensors from memory of the program, their properties, reading
 * and writing elements, printing. autograd/create.h has cd_zeros, cd_rand and the other
 * constructors, autograd/ops.h the ops. */
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

/* --- from memory of the program --------------------------------------------------------------- */

/* A compile-time check that the first of the arguments is a shape: cd_from_array(values, 3) does
 * not compile. The arguments are not evaluated. */
#define CD_HEAD_(first_, ...) first_
#define CD_SHAPE_FIRST_(...)  ((void)_Generic((CD_HEAD_(__VA_ARGS__, 0)), cd_shape : 0))

/* The dtype of an array, by the type of its elements:
 *
 *     float, double                  CD_F32, CD_F64
 *     signed integers of 64, 32 bits CD_I64, CD_I32
 *     bool                           CD_BOOL
 *     unsigned char                  CD_U8; .dtype may name any other dtype
 *     void                           unknown: .dtype, or else CD_F32
 *     any other                      CD_DTYPE_COUNT: CD_ERR_DTYPE unless .dtype is given. (Of an
 *                                    array of arrays pass &a[0][0].) */
#define CD_ELEMENTS_(p_)                                                                           \
    _Generic((p_),                                                                                 \
        float *: CD_F32, const float *: CD_F32, double *: CD_F64, const double *: CD_F64,          \
        int *: CD_I32, const int *: CD_I32,                                                        \
        long *: sizeof(long) == 8 ? CD_I64 : CD_I32,                                               \
        const long *: sizeof(long) == 8 ? CD_I64 : CD_I32,                                         \
        long long *: CD_I64, const long long *: CD_I64, bool *: CD_BOOL, const bool *: CD_BOOL,    \
        unsigned char *: CD_U8, const unsigned char *: CD_U8, void *: CD_DTYPE_DEFAULT,            \
        const void *: CD_DTYPE_DEFAULT, default: (cd_dtype)CD_DTYPE_COUNT)

/* The bytes of an array, if the compiler knows them, otherwise SIZE_MAX. Does not evaluate it. */
#if defined(__GNUC__)
#define CD_BYTES_(p_) __builtin_object_size((p_), 0)
#else
#define CD_BYTES_(p_) SIZE_MAX
#endif

/* cd_from_array(values, CD_SHAPE(2, 3)), as torch.tensor: a tensor with a copy of the array's
 * elements, row by row. The array must have at least as many as the shape: fewer are CD_ERR_SHAPE
 * if the compiler knows the array's size, and undefined behaviour otherwise. (gcc knows the size of
 * a named array, and not that of a literal.) The dtype is the array's; a .dtype that contradicts it
 * is CD_ERR_DTYPE (convert with cd_to). */
typedef struct cd_from_options {
    const void *values;
    cd_dtype elements; /* CD_ELEMENTS_; default: unknown */
    size_t bytes;      /* CD_BYTES_; 0 and SIZE_MAX: unknown */
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

/* cd_wrap(memory, CD_SHAPE(2, 3), .deleter = free_it, .user = arena), as torch.from_numpy: a tensor
 * on the program's memory itself, without a copy. The memory is row-major and aligned to its dtype;
 * ops that write to the tensor write to it. The dtype is chosen as by cd_from_array.
 *
 * The memory must stay valid until the last tensor that uses it is destroyed. Then the deleter, if
 * one is given, is called once. It is not called when cd_wrap fails. */
typedef struct cd_wrap_options {
    void *memory;
    cd_dtype elements; /* CD_ELEMENTS_; default: unknown */
    size_t bytes;      /* CD_BYTES_; 0 and SIZE_MAX: unknown */
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

/* --- properties ------------------------------------------------------------------------------- */

/* Given NULL, the functions of this section return 0, a shape of 0 dimensions, CD_DTYPE_DEFAULT,
 * CD_DEVICE_DEFAULT or false, and set CD_ERR_ARGUMENT unless an error is pending. */

/* The number of dimensions. */
CD_API int cd_ndim(const cd_tensor *t);
CD_API cd_shape cd_shape_of(const cd_tensor *t);
/* The size of dimension `dim`; -1 is the last. 0 with CD_ERR_SHAPE if there is no such
 * dimension. */
CD_API int64_t cd_size(const cd_tensor *t, int dim);
/* The distance between neighbours along dimension `dim`, in elements. 0 with CD_ERR_SHAPE if there
 * is no such dimension. */
CD_API int64_t cd_stride(const cd_tensor *t, int dim);
/* Where the first element is in the storage that t may share with others, in elements, as
 * Tensor.storage_offset(). */
CD_API int64_t cd_storage_offset(const cd_tensor *t);
/* The number of elements. */
CD_API int64_t cd_numel(const cd_tensor *t);
CD_API cd_dtype cd_dtype_of(const cd_tensor *t);
CD_API cd_device cd_device_of(const cd_tensor *t);
/* Whether the elements lie in memory row by row, without gaps. */
CD_API bool cd_is_contiguous(const cd_tensor *t);
/* How often the storage was written to in place, as Tensor._version in PyTorch: a view and its base
 * have the same count. */
CD_API uint32_t cd_version(const cd_tensor *t);

/* --- elements --------------------------------------------------------------------------------- */

/* The element of a tensor of one element, as Tensor.item(). NaN with an error; CD_ERR_SHAPE for
 * any other number of elements. */
CD_API double cd_item(const cd_tensor *t);
/* As cd_item, as an integer: a floating element is truncated towards 0. 0 with an error. */
CD_API int64_t cd_item_int(const cd_tensor *t);

/* Copies all elements, row by row and in the tensor's dtype, to `out`. `bytes` is the size of `out`
 * and must be exactly that of the elements: otherwise CD_ERR_ARGUMENT. The tensor may be a view,
 * and on any device but the meta device (CD_ERR_STATE). On failure returns false and leaves `out`
 * as it was. */
CD_API bool cd_read(const cd_tensor *t, void *out, size_t bytes);
/* Copies all elements from `in`, laid out as cd_read does. Autograd does not record it; the version
 * goes up. CD_ERR_ARGUMENT for an expanded tensor, several elements of which share memory. */
CD_API bool cd_write(cd_tensor *t, const void *in, size_t bytes);

/* A pointer to the elements, valid as long as the tensor. For contiguous tensors on the CPU; NULL
 * with CD_ERR_STATE for others. */
CD_API const void *cd_data(const cd_tensor *t);
/* As cd_data, for writing. The call counts as one write: the version goes up. */
CD_API void *cd_data_mut(cd_tensor *t);

/* --- printing --------------------------------------------------------------------------------- */

/* The text that print(tensor) writes in PyTorch, except that dtypes are written without "torch.".
 * Free it with free(). NULL on failure. */
CD_API char *cd_to_string(const cd_tensor *t);
/* Writes the text of cd_to_string and a newline to `stream`. */
CD_API bool cd_print(FILE *stream, const cd_tensor *t);

CD_END_DECLS

#endif
