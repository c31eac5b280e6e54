/* Operands that may be tensors or numbers: cd_add(x, y), cd_add(x, 2), cd_sub(1, x).
 *
 * The macros behind such ops pass each operand through CD_OPERAND, which makes a cd_operand of any
 * arithmetic type or tensor pointer. In C++ the functions cd_operand_... do that by name. */
#ifndef CANDELA_CORE_OPERAND_H
#define CANDELA_CORE_OPERAND_H

#include "core/scope.h"

CD_BEGIN_DECLS

typedef struct cd_tensor cd_tensor;

/* The kind of a number matters for the dtype of the result, as in PyTorch: int64 tensor + integer
 * is int64, int64 tensor + double is float32. */
typedef enum cd_operand_kind {
    CD_OPERAND_TENSOR,
    CD_OPERAND_BOOL,
    CD_OPERAND_INTEGER,
    CD_OPERAND_DOUBLE
} cd_operand_kind;

typedef struct cd_operand {
    cd_operand_kind kind;
    cd_tensor *tensor; /* NULL for a number */
    int64_t integer;   /* the value of a bool or an integer */
    double number;     /* the value of any number */
} cd_operand;

static inline cd_operand cd_operand_tensor(const cd_tensor *t)
{
    cd_operand o = { CD_OPERAND_TENSOR, (cd_tensor *)(uintptr_t)t, 0, 0 };
    return o;
}

/* A void pointer, such as the literal NULL: the op checks it as it checks any tensor. */
static inline cd_operand cd_operand_pointer(const void *t)
{
    return cd_operand_tensor((const cd_tensor *)t);
}

static inline cd_operand cd_operand_bool(bool b)
{
    cd_operand o = { CD_OPERAND_BOOL, NULL, b, b ? 1.0 : 0.0 };
    return o;
}

static inline cd_operand cd_operand_signed(long long i)
{
    cd_operand o = { CD_OPERAND_INTEGER, NULL, i, (double)i };
    return o;
}

/* A number above 2^63 - 1, the largest int64, becomes a double. */
static inline cd_operand cd_operand_unsigned(unsigned long long i)
{
    cd_operand o = { i > INT64_MAX ? CD_OPERAND_DOUBLE : CD_OPERAND_INTEGER, NULL,
                     i > INT64_MAX ? INT64_MAX : (int64_t)i, (double)i };
    return o;
}

static inline cd_operand cd_operand_double(double d)
{
    cd_operand o = { CD_OPERAND_DOUBLE, NULL, 0, d };
    return o;
}

static inline cd_operand cd_operand_long_double(long double d)
{
    return cd_operand_double((double)d);
}

#if defined(__GNUC__) && !defined(__cplusplus)
/* A cd_operand of any tensor pointer or number. x_ stands in the expansion only once, in a
 * statement expression: a _Generic with x_ itself in it would repeat x_, and nested calls would
 * grow exponentially with their depth. */
#define CD_OPERAND(x_)        CD_OPERAND_1_(x_, __COUNTER__)
#define CD_OPERAND_1_(x_, n_) CD_OPERAND_2_(x_, CD_PASTE(cd_operand_, n_))
#define CD_OPERAND_2_(x_, v_)                                                                        \
    __extension__({                                                                                  \
        __auto_type v_ = (x_);                                                                       \
        _Generic(v_, cd_tensor *: cd_operand_tensor, const cd_tensor *: cd_operand_tensor,         \
                 void *: cd_operand_pointer, const void *: cd_operand_pointer,                     \
                 bool: cd_operand_bool,                                                            \
                 char: cd_operand_signed, signed char: cd_operand_signed,                          \
                 short: cd_operand_signed, int: cd_operand_signed, long: cd_operand_signed,        \
                 long long: cd_operand_signed,                                                     \
                 unsigned char: cd_operand_unsigned, unsigned short: cd_operand_unsigned,          \
                 unsigned: cd_operand_unsigned, unsigned long: cd_operand_unsigned,                \
                 unsigned long long: cd_operand_unsigned,                                          \
                 float: cd_operand_double, double: cd_operand_double,                              \
                 long double: cd_operand_long_double)(v_); \
    })
#endif

CD_END_DECLS

#endif
