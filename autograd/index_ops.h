/* Elements of a tensor by index: x[i, j] of PyTorch, in all its forms, and the functions that pick
 * or change elements by an index along one dimension.
 *
 * An index is a tensor of int64 or int32. One that is out of range is CD_ERR_ARGUMENT, and is found
 * before anything is written. Where an index comes several times, the values that are written there
 * come in the order of the index, whatever the number of threads. */
#ifndef CANDELA_AUTOGRAD_INDEX_OPS_H
#define CANDELA_AUTOGRAD_INDEX_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- x[i, j, ...] ----------------------------------------------------------------------------- */

typedef enum cd_subscript_kind {
    CD_AT_TENSOR = 0, /* a tensor of indices, or a mask */
    CD_AT_NUMBER,     /* one index: the dimension goes away */
    CD_AT_SLICE,
    CD_AT_NEW, /* None of Python: a new dimension of size 1 */
    CD_AT_REST /* ... of Python: all dimensions that the others leave */
} cd_subscript_kind;

/* One index between the brackets of x[i, j]. CD_SUBSCRIPT makes one of an integer or a tensor. */
typedef struct cd_subscript {
    cd_subscript_kind kind;
    cd_tensor *tensor;
    int64_t from, to, step; /* of a slice; a number is in `from` */
} cd_subscript;

/* All indices between the brackets. */
typedef struct cd_subscripts {
    const cd_subscript *subscript;
    int count;
} cd_subscripts;

static inline cd_subscript cd_subscript_number(long long i)
{
    cd_subscript s = { CD_AT_NUMBER, NULL, i, 0, 0 };
    return s;
}

/* An index that no dimension has stays out of range. */
static inline cd_subscript cd_subscript_unsigned(unsigned long long i)
{
    return cd_subscript_number(i > INT64_MAX ? INT64_MAX : (long long)i);
}

static inline cd_subscript cd_subscript_tensor(const cd_tensor *t)
{
    cd_subscript s = { CD_AT_TENSOR, (cd_tensor *)(uintptr_t)t, 0, 0, 0 };
    return s;
}

static inline cd_subscript cd_subscript_pointer(const void *t)
{
    return cd_subscript_tensor((const cd_tensor *)t);
}

static inline cd_subscript cd_subscript_itself(cd_subscript s)
{
    return s;
}

/* The end of a slice that goes to the end of the dimension. */
#define CD_END INT64_MAX

#ifndef __cplusplus
/* a:b and a:b:step of Python: CD_SLICE(1, 3), CD_SLICE(0, CD_END, 2). */
#define CD_SLICE(...) CD_SLICE_(__VA_ARGS__, 1, 0)
#define CD_SLICE_(from_, to_, step_, ...)                                                          \
    ((cd_subscript){ .kind = CD_AT_SLICE, .from = (from_), .to = (to_), .step = (step_) })
/* : of Python. */
#define CD_ALL     CD_SLICE(0, CD_END)
/* ... of Python. */
#define CD_REST    ((cd_subscript){ .kind = CD_AT_REST })
/* None of Python. */
#define CD_NEW_DIM ((cd_subscript){ .kind = CD_AT_NEW })
#endif

#if defined(__GNUC__) && !defined(__cplusplus)
#define CD_SUBSCRIPT(i_)        CD_SUBSCRIPT_1_(i_, __COUNTER__)
#define CD_SUBSCRIPT_1_(i_, n_) CD_SUBSCRIPT_2_(i_, CD_PASTE(cd_subscript_, n_))
#define CD_SUBSCRIPT_2_(i_, v_)                                                                      \
    __extension__({                                                                                  \
        __auto_type v_ = (i_);                                                                       \
        _Generic(v_, cd_subscript: cd_subscript_itself, cd_tensor *: cd_subscript_tensor,          \
                 const cd_tensor *: cd_subscript_tensor, void *: cd_subscript_pointer,             \
                 char: cd_subscript_number, signed char: cd_subscript_number,                      \
                 short: cd_subscript_number, int: cd_subscript_number,                             \
                 long: cd_subscript_number, long long: cd_subscript_number,                        \
                 unsigned char: cd_subscript_unsigned, unsigned short: cd_subscript_unsigned,          \
                 unsigned: cd_subscript_unsigned, unsigned long: cd_subscript_unsigned,                \
                 unsigned long long: cd_subscript_unsigned)(v_); \
    })

/* The list of up to 10 indices: CD_INDICES(i, CD_ALL, 3). */
#define CD_INDICES(...)                                                                            \
    ((cd_subscripts){ .subscript = (const cd_subscript[]){ CD_EACH_(__VA_ARGS__) },                \
                      .count = CD_COUNT_(__VA_ARGS__) })
/* Aligned, these would have more than 100 columns. */
/* clang-format off */
#define CD_COUNT_(...) CD_TENTH_(__VA_ARGS__, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define CD_TENTH_(a_, b_, c_, d_, e_, f_, g_, h_, i_, j_, n_, ...) n_
#define CD_EACH_(...) CD_PASTE(CD_EACH_, CD_COUNT_(__VA_ARGS__))(__VA_ARGS__)
#define CD_EACH_1(i_) CD_SUBSCRIPT(i_)
#define CD_EACH_2(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_1(__VA_ARGS__)
#define CD_EACH_3(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_2(__VA_ARGS__)
#define CD_EACH_4(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_3(__VA_ARGS__)
#define CD_EACH_5(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_4(__VA_ARGS__)
#define CD_EACH_6(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_5(__VA_ARGS__)
#define CD_EACH_7(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_6(__VA_ARGS__)
#define CD_EACH_8(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_7(__VA_ARGS__)
#define CD_EACH_9(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_8(__VA_ARGS__)
#define CD_EACH_10(i_, ...) CD_SUBSCRIPT(i_), CD_EACH_9(__VA_ARGS__)
/* clang-format on */
#endif

/* x[i, j, ...], as in Python: integers, slices, CD_ALL, CD_REST, CD_NEW_DIM, tensors of indices
 * and bool masks, in any mixture:
 *
 *     cd_index(x, 1)                 x[1]
 *     cd_index(x, CD_ALL, -1)        x[:, -1]
 *     cd_index(x, CD_REST, i)        x[..., i]
 *     cd_index(x, i, j)              x[i, j]
 *     cd_index(x, mask)              x[mask]
 *     cd_index(x, CD_SLICE(1, 3), i) x[1:3, i]
 *
 * Without a tensor among them the result is a view. With tensors it is a copy: they broadcast to
 * one shape, which stands in the result where they stood; in front, if there is another index
 * between two of them. A 0-d tensor counts as an integer for this. Negative indices count from
 * the end. A mask of k dimensions stands for k dimensions of its sizes. (PyTorch also takes a
 * uint8 mask, which it discourages; that is CD_ERR_DTYPE. An index in a 0-d tensor gives a copy,
 * where PyTorch gives a view.) */
CD_API cd_tensor *cd_index_with(cd_tensor *x, cd_subscripts at);
#define cd_index(x_, ...) cd_index_with((x_), CD_INDICES(__VA_ARGS__))

/* A copy of x with x[i, j, ...] = value: cd_index_put(x, CD_INDICES(i, j), 5). value, a number
 * or a tensor of x's dtype, broadcasts to x[i, j, ...]. Of several values for one element the
 * last one stays. */
CD_API cd_tensor *cd_index_put_with(cd_tensor *x, cd_subscripts at, cd_operand value);
/* x[i, j, ...] = value: cd_index_put_(x, CD_INDICES(mask), 0). */
CD_API cd_tensor *cd_index_put_with_(cd_tensor *x, cd_subscripts at, cd_operand value);
/* x.index_put(indices, value, accumulate=True): a copy of x, with value added to x[i, j, ...]; all
 * values for one element are added. */
CD_API cd_tensor *cd_index_accumulate_with(cd_tensor *x, cd_subscripts at, cd_operand value);
/* The same in place. */
CD_API cd_tensor *cd_index_accumulate_with_(cd_tensor *x, cd_subscripts at, cd_operand value);
#define cd_index_put(x_, at_, value_)        cd_index_put_with((x_), at_, CD_OPERAND(value_))
#define cd_index_put_(x_, at_, value_)       cd_index_put_with_((x_), at_, CD_OPERAND(value_))
#define cd_index_accumulate(x_, at_, value_) cd_index_accumulate_with((x_), at_, CD_OPERAND(value_))
#define cd_index_accumulate_(x_, at_, value_)                                                      \
    cd_index_accumulate_with_((x_), at_, CD_OPERAND(value_))

/* --- by a vector of indices along one dimension ----------------------------------------------- */

/* torch.index_select: y[.., k, ..] = x[.., index[k], ..] along dim. index is a vector, or 0-d for a
 * vector of one; its values are not negative. */
CD_API cd_tensor *cd_index_select(cd_tensor *x, int dim, cd_tensor *index);

/* Options of cd_index_add. */
typedef struct cd_index_add_options {
    cd_tensor *x;
    int dim;
    cd_tensor *index, *source;
    CD_GUARD_;
    double alpha; /* default, and for 0: 1; CD_ZERO for 0 */
} cd_index_add_options;

/* torch.index_add: cd_index_add(x, 0, index, source). A copy of x with alpha source[.., k, ..]
 * added at [.., index[k], ..]. source has x's dtype, and x's shape but for as many elements
 * along dim as index has. Its values are not negative. */
CD_API cd_tensor *cd_index_add_with(cd_index_add_options options);
/* The same in place. */
CD_API cd_tensor *cd_index_add_with_(cd_index_add_options options);
#define cd_index_add(x_, dim_, index_, ...)                                                        \
    cd_index_add_with(                                                                             \
        (cd_index_add_options){ .x = x_, .dim = dim_, .index = index_, .source = __VA_ARGS__ })
#define cd_index_add_(x_, dim_, index_, ...)                                                       \
    cd_index_add_with_(                                                                            \
        (cd_index_add_options){ .x = x_, .dim = dim_, .index = index_, .source = __VA_ARGS__ })

/* torch.index_copy: as cd_index_add, but source replaces what was there. index is int64. */
CD_API cd_tensor *cd_index_copy(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source);
/* The same in place. */
CD_API cd_tensor *cd_index_copy_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *source);
/* torch.index_fill: a copy of x with value, a number or a 0-d tensor, at the indices of dim.
 * index is int64; negative ones count from the end. */
CD_API cd_tensor *cd_index_fill_with(cd_tensor *x, int dim, cd_tensor *index, cd_operand value);
/* The same in place. */
CD_API cd_tensor *cd_index_fill_with_(cd_tensor *x, int dim, cd_tensor *index, cd_operand value);
#define cd_index_fill(x_, dim_, index_, value_)                                                    \
    cd_index_fill_with((x_), (dim_), (index_), CD_OPERAND(value_))
#define cd_index_fill_(x_, dim_, index_, value_)                                                   \
    cd_index_fill_with_((x_), (dim_), (index_), CD_OPERAND(value_))

/* --- by an index as cd_gather takes it -------------------------------------------------------- */

/* What cd_scatter does with the element that is at the place. */
typedef enum cd_scatter_operation {
    CD_SCATTER_REPLACES = 0,
    CD_SCATTER_ADDS,      /* reduce='add' */
    CD_SCATTER_MULTIPLIES /* reduce='multiply' */
} cd_scatter_operation;

/* Options of cd_scatter. */
typedef struct cd_scatter_options {
    cd_tensor *x;
    int dim;
    cd_tensor *index;
    cd_operand src;
    CD_GUARD_;
    cd_scatter_operation reduce; /* default: CD_SCATTER_REPLACES */
    bool unused_;
} cd_scatter_options;

/* torch.scatter: cd_scatter(x, 0, index, src). A copy of x with src[.., j, ..], or with src itself
 * if it is a number, at [.., index[.., j, ..], ..] along dim. As cd_scatter_add, but the last one
 * stays where several meet; their gradients are all that of the place.
 *
 * With .reduce src is added to what is there, or multiplied with it, once for each index; then
 * there is no gradient, as in PyTorch (cd_scatter_add has one). */
CD_API cd_tensor *cd_scatter_with(cd_scatter_options options);
/* The same in place. */
CD_API cd_tensor *cd_scatter_with_(cd_scatter_options options);
#define CD_SCATTER_(x_, dim_, index_, ...)                                                         \
    (cd_scatter_options)                                                                           \
    {                                                                                              \
        .x = x_, .dim = dim_, .index = index_, .src = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),        \
        CD_TAIL_(__VA_ARGS__, .unused_ = false)                                                    \
    }
#define cd_scatter(x_, dim_, ...)  cd_scatter_with(CD_SCATTER_(x_, dim_, __VA_ARGS__))
#define cd_scatter_(x_, dim_, ...) cd_scatter_with_(CD_SCATTER_(x_, dim_, __VA_ARGS__))
/* torch.take_along_dim: cd_gather, but x and index broadcast, except along dim, and negative
 * indices count from the end. index is int64. */
CD_API cd_tensor *cd_take_along_dim(cd_tensor *x, cd_tensor *index, int dim);

/* --- by indices into all elements ------------------------------------------------------------- */

/* torch.take: the elements of x at these positions, counted row by row, in index's shape. index is
 * int64; negative positions count from the end. */
CD_API cd_tensor *cd_take(cd_tensor *x, cd_tensor *index);

/* Options of cd_put. */
typedef struct cd_put_options {
    cd_tensor *x, *index, *source;
    CD_GUARD_;
    bool accumulate; /* adds to what is there, in place of replacing it */
} cd_put_options;

/* torch.put: cd_put(x, index, source). A copy of x with the elements of source at these positions,
 * counted row by row. source has x's dtype, and as many elements as index, which is int64; negative
 * positions count from the end. */
CD_API cd_tensor *cd_put_with(cd_put_options options);
/* The same in place. */
CD_API cd_tensor *cd_put_with_(cd_put_options options);
#define cd_put(x_, index_, ...)                                                                    \
    cd_put_with((cd_put_options){ .x = x_, .index = index_, .source = __VA_ARGS__ })
#define cd_put_(x_, index_, ...)                                                                   \
    cd_put_with_((cd_put_options){ .x = x_, .index = index_, .source = __VA_ARGS__ })

/* torch.nonzero: the indices of the elements of x that are not 0, row by row: int64, as many
 * rows as there are such elements, and a column for each dimension of x. */
CD_API cd_tensor *cd_nonzero(cd_tensor *x);
/* torch.nonzero(x, as_tuple=True): the columns of that, a vector for each dimension of x; of a 0-d
 * x as of a vector of one. cd_index and cd_index_put take these. */
CD_API cd_tensors cd_nonzero_as_tuple(cd_tensor *x);

CD_END_DECLS

#endif
