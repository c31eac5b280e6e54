/* Arithmetic of two and three operands, beyond that of ops.h, which includes this file. As there an
 * operand named `a` or `b` may be a tensor or a number where the function takes a cd_operand,
 * shapes broadcast, and dtypes are promoted; a name that ends in _ is in place. */
#ifndef CANDELA_AUTOGRAD_BINARY_H
#define CANDELA_AUTOGRAD_BINARY_H

#include "autograd/create.h"
#include "core/operand.h"

CD_BEGIN_DECLS

/* --- sums, differences and quotients with options --------------------------------------------- */

/* Options of cd_add, cd_sub and cd_rsub. */
typedef struct cd_alpha_options {
    cd_operand a, b;
    CD_GUARD_;
    double alpha; /* the factor; default, and for 0: 1; CD_ZERO for 0. Whole if the result is */
    bool unused_;
} cd_alpha_options;

/* Options of cd_add_ and cd_sub_. */
typedef struct cd_alpha_in_place_options {
    cd_tensor *x;
    cd_operand b;
    CD_GUARD_;
    double alpha; /* as in cd_alpha_options */
    bool unused_;
} cd_alpha_in_place_options;

/* torch.add: cd_add(a, b), cd_add(a, b, .alpha = 0.5). a + alpha b. */
CD_API cd_tensor *cd_add_alpha_with(cd_alpha_options options);
CD_API cd_tensor *cd_add_alpha_with_(cd_alpha_in_place_options options);
/* torch.sub: cd_sub(a, b), cd_sub(a, b, .alpha = 0.5). a - alpha b. Not for bool. */
CD_API cd_tensor *cd_sub_alpha_with(cd_alpha_options options);
CD_API cd_tensor *cd_sub_alpha_with_(cd_alpha_in_place_options options);
/* torch.rsub: cd_rsub(a, b), cd_rsub(a, b, .alpha = 0.5). b - alpha a; a is a tensor. Not for
 * bool. */
CD_API cd_tensor *cd_rsub_with(cd_alpha_options options);
#define cd_add(a_, ...)  cd_add_alpha_with(CD_OPTIONS_2_(cd_alpha_options, a_, __VA_ARGS__))
#define cd_sub(a_, ...)  cd_sub_alpha_with(CD_OPTIONS_2_(cd_alpha_options, a_, __VA_ARGS__))
#define cd_rsub(a_, ...) cd_rsub_with(CD_OPTIONS_2_(cd_alpha_options, a_, __VA_ARGS__))
#define cd_add_(x_, ...)                                                                           \
    cd_add_alpha_with_(CD_OPTIONS_X_(cd_alpha_in_place_options, x_, __VA_ARGS__))
#define cd_sub_(x_, ...)                                                                           \
    cd_sub_alpha_with_(CD_OPTIONS_X_(cd_alpha_in_place_options, x_, __VA_ARGS__))

/* How cd_div rounds. */
typedef enum cd_rounding_mode {
    CD_ROUND_NONE = 0, /* not at all: integers give float32 */
    CD_ROUND_TRUNC,    /* towards 0, as / of integers in C */
    CD_ROUND_FLOOR     /* down, as // in Python */
} cd_rounding_mode;

/* Options of cd_div. */
typedef struct cd_div_options {
    cd_operand a, b;
    CD_GUARD_;
    cd_rounding_mode rounding_mode;
    bool unused_;
} cd_div_options;

/* Options of cd_div_. */
typedef struct cd_div_in_place_options {
    cd_tensor *x;
    cd_operand b;
    CD_GUARD_;
    cd_rounding_mode rounding_mode;
    bool unused_;
} cd_div_in_place_options;

/* torch.div: cd_div(a, b), cd_div(a, b, .rounding_mode = CD_ROUND_FLOOR).
 *
 * Rounded quotients keep the promoted dtype, are not defined for bool, and have the gradient 0. An
 * integer divided by 0 is CD_ERR_ARGUMENT; the least integer divided by -1 is itself. */
CD_API cd_tensor *cd_div_rounded_with(cd_div_options options);
CD_API cd_tensor *cd_div_rounded_with_(cd_div_in_place_options options);
#define cd_div(a_, ...) cd_div_rounded_with(CD_OPTIONS_2_(cd_div_options, a_, __VA_ARGS__))
#define cd_div_(x_, ...)                                                                           \
    cd_div_rounded_with_(CD_OPTIONS_X_(cd_div_in_place_options, x_, __VA_ARGS__))

/* The struct of options of a call with two operands, and of one in place. */
#define CD_OPTIONS_2_(options_, a_, ...)                                                           \
    (options_)                                                                                     \
    {                                                                                              \
        .a = CD_OPERAND(a_), .b = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),                            \
        CD_TAIL_(__VA_ARGS__, .unused_ = false)                                                    \
    }
#define CD_OPTIONS_X_(options_, x_, ...)                                                           \
    (options_)                                                                                     \
    {                                                                                              \
        .x = (x_), .b = CD_OPERAND(CD_HEAD_(__VA_ARGS__, 0)),                                      \
        CD_TAIL_(__VA_ARGS__, .unused_ = false)                                                    \
    }

/* --- rounded quotients and remainders --------------------------------------------------------- */

/* For every dtype but bool. An integer divided by 0 is CD_ERR_ARGUMENT. */

/* floor(a / b): cd_div with CD_ROUND_FLOOR, but without a gradient, as in PyTorch: a backward pass
 * that reaches it is CD_ERR_AUTOGRAD. */
CD_API cd_tensor *cd_floor_divide_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_floor_divide_with_(cd_tensor *x, cd_operand b);
/* a - b floor(a / b), which has the sign of b, as % in Python. */
CD_API cd_tensor *cd_remainder_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_remainder_with_(cd_tensor *x, cd_operand b);
/* a - b trunc(a / b), which has the sign of a, as % of integers in C. */
CD_API cd_tensor *cd_fmod_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_fmod_with_(cd_tensor *x, cd_operand b);
#define cd_floor_divide(a_, b_)  cd_floor_divide_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_remainder(a_, b_)     cd_remainder_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_fmod(a_, b_)          cd_fmod_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_floor_divide_(x_, b_) cd_floor_divide_with_((x_), CD_OPERAND(b_))
#define cd_remainder_(x_, b_)    cd_remainder_with_((x_), CD_OPERAND(b_))
#define cd_fmod_(x_, b_)         cd_fmod_with_((x_), CD_OPERAND(b_))

/* Of tensors of integers, with the promoted dtype; no gradient. */
CD_API cd_tensor *cd_gcd(cd_tensor *a,
                         cd_tensor *b); /* the greatest common divisor; |b| if a = 0 */
CD_API cd_tensor *cd_lcm(cd_tensor *a, cd_tensor *b); /* the least common multiple; 0 if a = 0 */
CD_API cd_tensor *cd_gcd_(cd_tensor *x, cd_tensor *b);
CD_API cd_tensor *cd_lcm_(cd_tensor *x, cd_tensor *b);

/* --- functions of two tensors ----------------------------------------------------------------- */

/* The angle of (b, a) in radians, -pi to pi; float32 for integers. */
CD_API cd_tensor *cd_atan2(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_atan2_(cd_tensor *x, cd_tensor *b);
/* sqrt(a^2 + b^2), which does not overflow in between. Floating dtypes. */
CD_API cd_tensor *cd_hypot(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_hypot_(cd_tensor *x, cd_tensor *b);
/* log(exp(a) + exp(b)) and log2(2^a + 2^b), which do not overflow in between. Floating dtypes. */
CD_API cd_tensor *cd_logaddexp(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_logaddexp2(cd_tensor *a, cd_tensor *b);
/* a 2^b; float32 for integers. */
CD_API cd_tensor *cd_ldexp(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_ldexp_(cd_tensor *x, cd_tensor *b);
/* The larger and the smaller one, where NaN does not count unless both are. Equal ones get half of
 * the gradient each. */
CD_API cd_tensor *cd_fmax(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_fmin(cd_tensor *a, cd_tensor *b);
/* 0 where a < 0 or NaN, b where a = 0, 1 where a > 0. a and b have one dtype. No gradient, as for
 * cd_floor_divide. */
CD_API cd_tensor *cd_heaviside(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_heaviside_(cd_tensor *x, cd_tensor *b);
/* a log(b), and 0 where a = 0, unless b is NaN; float32 for integers. */
CD_API cd_tensor *cd_xlogy_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_xlogy_with_(cd_tensor *x, cd_operand b);
/* |a| with the sign of b, which may be -0; float32 for integers. */
CD_API cd_tensor *cd_copysign_with(cd_tensor *a, cd_operand b);
CD_API cd_tensor *cd_copysign_with_(cd_tensor *x, cd_operand b);
#define cd_xlogy(a_, b_)     cd_xlogy_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_xlogy_(x_, b_)    cd_xlogy_with_((x_), CD_OPERAND(b_))
#define cd_copysign(a_, b_)  cd_copysign_with((a_), CD_OPERAND(b_))
#define cd_copysign_(x_, b_) cd_copysign_with_((x_), CD_OPERAND(b_))

/* --- three operands --------------------------------------------------------------------------- */

/* a + weight (b - a), for a weight that is a number or a tensor. All have one floating dtype, but
 * for a 0-d weight, which is converted. */
CD_API cd_tensor *cd_lerp_with(cd_tensor *a, cd_tensor *b, cd_operand weight);
CD_API cd_tensor *cd_lerp_with_(cd_tensor *x, cd_tensor *b, cd_operand weight);
#define cd_lerp(a_, b_, weight_)  cd_lerp_with((a_), (b_), CD_OPERAND(weight_))
#define cd_lerp_(x_, b_, weight_) cd_lerp_with_((x_), (b_), CD_OPERAND(weight_))

/* Options of cd_addcmul and cd_addcdiv. */
typedef struct cd_value_options {
    cd_tensor *x, *a, *b;
    CD_GUARD_;
    double value; /* default, and for 0: 1; CD_ZERO for 0. Of integers a fraction is cut off */
} cd_value_options;

/* torch.addcmul: cd_addcmul(x, a, b, .value = 0.5). x + value a b. Not for bool. */
CD_API cd_tensor *cd_addcmul_with(cd_value_options options);
CD_API cd_tensor *cd_addcmul_with_(cd_value_options options);
/* torch.addcdiv: cd_addcdiv(x, a, b, .value = 0.5). x + value a / b. CD_ERR_DTYPE when neither a
 * nor b is floating. */
CD_API cd_tensor *cd_addcdiv_with(cd_value_options options);
CD_API cd_tensor *cd_addcdiv_with_(cd_value_options options);
#define cd_addcmul(x_, a_, ...)                                                                    \
    cd_addcmul_with((cd_value_options){ .x = x_, .a = a_, .b = __VA_ARGS__ })
#define cd_addcmul_(x_, a_, ...)                                                                   \
    cd_addcmul_with_((cd_value_options){ .x = x_, .a = a_, .b = __VA_ARGS__ })
#define cd_addcdiv(x_, a_, ...)                                                                    \
    cd_addcdiv_with((cd_value_options){ .x = x_, .a = a_, .b = __VA_ARGS__ })
#define cd_addcdiv_(x_, a_, ...)                                                                   \
    cd_addcdiv_with_((cd_value_options){ .x = x_, .a = a_, .b = __VA_ARGS__ })

/* --- other names ------------------------------------------------------------------------------ */

/* torch.clip is torch.clamp. */
#define cd_clip(x_, low_, high_)  cd_clamp((x_), (low_), (high_))
#define cd_clip_(x_, low_, high_) cd_clamp_((x_), (low_), (high_))

CD_END_DECLS

#endif
