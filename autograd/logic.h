/* Truths and bits: logical and bitwise operations, comparisons in place, and nearness. As in ops.h
 * an operand named `a` or `b` may be a tensor or a number, shapes broadcast, and dtypes are
 * promoted. None of these has a gradient, but the comparisons in place, whose gradients are 0. */
#ifndef CANDELA_AUTOGRAD_LOGIC_H
#define CANDELA_AUTOGRAD_LOGIC_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- logical ---------------------------------------------------------------------------------- */

/* These return bool, for every dtype: a number is true unless it is 0, and NaN is true. */
CD_API cd_tensor *cd_logical_and(cd_tensor *a, cd_tensor *b); /* both are true */
CD_API cd_tensor *cd_logical_or(cd_tensor *a, cd_tensor *b);  /* at least one is true */
CD_API cd_tensor *cd_logical_xor(cd_tensor *a, cd_tensor *b); /* exactly one is true */
CD_API cd_tensor *cd_logical_not(cd_tensor *x);               /* x is 0, or false */

/* In place: x becomes 0 or 1 in its own dtype. As in PyTorch, its history stays as it was. */
CD_API cd_tensor *cd_logical_and_(cd_tensor *x, cd_tensor *b);
CD_API cd_tensor *cd_logical_or_(cd_tensor *x, cd_tensor *b);
CD_API cd_tensor *cd_logical_xor_(cd_tensor *x, cd_tensor *b);
CD_API cd_tensor *cd_logical_not_(cd_tensor *x);

/* --- bitwise ---------------------------------------------------------------------------------- */

/* For integers and bool. A number beside a tensor of a narrower dtype counts with its low bits. */
CD_API cd_tensor *cd_bitwise_and_with(cd_operand a, cd_operand b); /* a & b */
CD_API cd_tensor *cd_bitwise_or_with(cd_operand a, cd_operand b);  /* a | b */
CD_API cd_tensor *cd_bitwise_xor_with(cd_operand a, cd_operand b); /* a ^ b */
CD_API cd_tensor *cd_bitwise_not(cd_tensor *x);                    /* ~x; of bool the other truth */
/* a << b, for integers. For b below 0, and from the width of the dtype on, 0. */
CD_API cd_tensor *cd_bitwise_left_shift_with(cd_operand a, cd_operand b);
/* a >> b, for integers; the sign stays. For b below 0, and from the width of the dtype on, 0, or -1
 * of a negative a. */
CD_API cd_tensor *cd_bitwise_right_shift_with(cd_operand a, cd_operand b);
#define cd_bitwise_and(a_, b_)         cd_bitwise_and_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_bitwise_or(a_, b_)          cd_bitwise_or_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_bitwise_xor(a_, b_)         cd_bitwise_xor_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_bitwise_left_shift(a_, b_)  cd_bitwise_left_shift_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_bitwise_right_shift(a_, b_) cd_bitwise_right_shift_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* In place. */
CD_API cd_tensor *cd_bitwise_and_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_bitwise_or_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_bitwise_xor_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_bitwise_left_shift_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_bitwise_right_shift_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_bitwise_not_(cd_tensor *x);
#define cd_bitwise_and_(x_, b_)         cd_bitwise_and_with_((x_), CD_OPERAND(b_))
#define cd_bitwise_or_(x_, b_)          cd_bitwise_or_with_((x_), CD_OPERAND(b_))
#define cd_bitwise_xor_(x_, b_)         cd_bitwise_xor_with_((x_), CD_OPERAND(b_))
#define cd_bitwise_left_shift_(x_, b_)  cd_bitwise_left_shift_with_((x_), CD_OPERAND(b_))
#define cd_bitwise_right_shift_(x_, b_) cd_bitwise_right_shift_with_((x_), CD_OPERAND(b_))

/* --- comparisons in place --------------------------------------------------------------------- */

/* x becomes 1 where it compares so with b, else 0, in its own dtype. */
CD_API cd_tensor *cd_eq_with_(cd_tensor *x, cd_operand b); /* x == b */
CD_API cd_tensor *cd_ne_with_(cd_tensor *x, cd_operand b); /* x != b */
CD_API cd_tensor *cd_lt_with_(cd_tensor *x, cd_operand b); /* x < b */
CD_API cd_tensor *cd_le_with_(cd_tensor *x, cd_operand b); /* x <= b */
CD_API cd_tensor *cd_gt_with_(cd_tensor *x, cd_operand b); /* x > b */
CD_API cd_tensor *cd_ge_with_(cd_tensor *x, cd_operand b); /* x >= b */
#define cd_eq_(x_, b_) cd_eq_with_((x_), CD_OPERAND(b_))
#define cd_ne_(x_, b_) cd_ne_with_((x_), CD_OPERAND(b_))
#define cd_lt_(x_, b_) cd_lt_with_((x_), CD_OPERAND(b_))
#define cd_le_(x_, b_) cd_le_with_((x_), CD_OPERAND(b_))
#define cd_gt_(x_, b_) cd_gt_with_((x_), CD_OPERAND(b_))
#define cd_ge_(x_, b_) cd_ge_with_((x_), CD_OPERAND(b_))

/* --- nearness --------------------------------------------------------------------------------- */

/* Options of cd_isclose and cd_allclose. */
typedef struct cd_isclose_options {
    cd_tensor *a, *b; /* of one dtype */
    CD_GUARD_;
    double rtol;    /* default, and for 0: 1e-5; CD_ZERO for 0 */
    double atol;    /* default, and for 0: 1e-8; CD_ZERO for 0 */
    bool equal_nan; /* NaN is close to NaN */
} cd_isclose_options;

/* torch.isclose: cd_isclose(a, b, .rtol = 1e-3). Whether |a - b| <= atol + rtol |b|, as bool;
 * infinities are close to themselves. Integers and bool are compared as float32. */
CD_API cd_tensor *cd_isclose_with(cd_isclose_options options);
/* torch.allclose: whether all elements are close. False with an error too. */
CD_API bool cd_allclose_with(cd_isclose_options options);
#define cd_isclose(a_, ...)  cd_isclose_with((cd_isclose_options){ .a = a_, .b = __VA_ARGS__ })
#define cd_allclose(a_, ...) cd_allclose_with((cd_isclose_options){ .a = a_, .b = __VA_ARGS__ })
/* torch.equal: whether a and b have one shape and equal elements; NaN is equal to nothing. False
 * with an error too. */
CD_API bool cd_equal(cd_tensor *a, cd_tensor *b);

CD_END_DECLS

#endif
