/* Mathematical functions, element by element: cd_sin is torch.sin, cd_sin_ is Tensor.sin_, and
 * so on; docs/ops.md has each with its formula and gradient. What ops.h says of all ops holds
 * for these too. Those whose name ends in an underscore change x and return it. */
#ifndef CANDELA_AUTOGRAD_MATH_H
#define CANDELA_AUTOGRAD_MATH_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- functions of real numbers ---------------------------------------------------------------- */

/* For integers and bool these return float32. */

CD_API cd_tensor *cd_sin(cd_tensor *x); /* of angles in radians, also large ones */
CD_API cd_tensor *cd_cos(cd_tensor *x);
CD_API cd_tensor *cd_tan(cd_tensor *x);
CD_API cd_tensor *cd_asin(cd_tensor *x); /* NaN where |x| > 1 */
CD_API cd_tensor *cd_acos(cd_tensor *x); /* NaN where |x| > 1 */
CD_API cd_tensor *cd_atan(cd_tensor *x);
CD_API cd_tensor *cd_sinh(cd_tensor *x);
CD_API cd_tensor *cd_cosh(cd_tensor *x);
CD_API cd_tensor *cd_asinh(cd_tensor *x);
CD_API cd_tensor *cd_acosh(cd_tensor *x); /* NaN where x < 1 */
CD_API cd_tensor *cd_atanh(cd_tensor *x); /* infinite at -1 and 1, NaN beyond */
CD_API cd_tensor *cd_exp2(cd_tensor *x);  /* 2^x */
CD_API cd_tensor *cd_expm1(cd_tensor *x); /* exp(x) - 1, exact for small x too */
CD_API cd_tensor *cd_log2(cd_tensor *x);
CD_API cd_tensor *cd_log10(cd_tensor *x);
CD_API cd_tensor *cd_log1p(cd_tensor *x); /* log(1 + x), exact for small x too */
CD_API cd_tensor *cd_rsqrt(cd_tensor *x); /* 1 / sqrt(x) */
CD_API cd_tensor *cd_sinc(cd_tensor *x);  /* sin(pi x) / (pi x), and 1 at 0 */
CD_API cd_tensor *cd_deg2rad(cd_tensor *x);
CD_API cd_tensor *cd_rad2deg(cd_tensor *x);
CD_API cd_tensor *cd_erf(cd_tensor *x);     /* the error function */
CD_API cd_tensor *cd_erfc(cd_tensor *x);    /* 1 - erf(x), exact for large x too */
CD_API cd_tensor *cd_erfinv(cd_tensor *x);  /* the inverse of erf; infinite at -1 and 1 */
CD_API cd_tensor *cd_lgamma(cd_tensor *x);  /* log |gamma(x)| */
CD_API cd_tensor *cd_digamma(cd_tensor *x); /* the derivative of cd_lgamma */
/* The n-th derivative of cd_digamma; n must not be negative. */
CD_API cd_tensor *cd_polygamma(int n, cd_tensor *x);

CD_API cd_tensor *cd_sin_(cd_tensor *x);
CD_API cd_tensor *cd_cos_(cd_tensor *x);
CD_API cd_tensor *cd_tan_(cd_tensor *x);
CD_API cd_tensor *cd_asin_(cd_tensor *x);
CD_API cd_tensor *cd_acos_(cd_tensor *x);
CD_API cd_tensor *cd_atan_(cd_tensor *x);
CD_API cd_tensor *cd_sinh_(cd_tensor *x);
CD_API cd_tensor *cd_cosh_(cd_tensor *x);
CD_API cd_tensor *cd_asinh_(cd_tensor *x);
CD_API cd_tensor *cd_acosh_(cd_tensor *x);
CD_API cd_tensor *cd_atanh_(cd_tensor *x);
CD_API cd_tensor *cd_exp2_(cd_tensor *x);
CD_API cd_tensor *cd_expm1_(cd_tensor *x);
CD_API cd_tensor *cd_log2_(cd_tensor *x);
CD_API cd_tensor *cd_log10_(cd_tensor *x);
CD_API cd_tensor *cd_log1p_(cd_tensor *x);
CD_API cd_tensor *cd_rsqrt_(cd_tensor *x);
CD_API cd_tensor *cd_sinc_(cd_tensor *x);
CD_API cd_tensor *cd_deg2rad_(cd_tensor *x);
CD_API cd_tensor *cd_rad2deg_(cd_tensor *x);
CD_API cd_tensor *cd_erf_(cd_tensor *x);
CD_API cd_tensor *cd_erfc_(cd_tensor *x);
CD_API cd_tensor *cd_erfinv_(cd_tensor *x);
CD_API cd_tensor *cd_lgamma_(cd_tensor *x);
CD_API cd_tensor *cd_digamma_(cd_tensor *x);
CD_API cd_tensor *cd_polygamma_(cd_tensor *x, int n);

/* Options of cd_logit and cd_logit_. */
typedef struct cd_logit_options {
    cd_tensor *x;
    CD_GUARD_;
    double
        eps; /* x is moved between eps and 1 - eps first; default, for 0 and for negative numbers:
                   it is not; CD_ZERO for 0 */
} cd_logit_options;

/* torch.logit: cd_logit(x), cd_logit(x, .eps = 1e-6). log(x / (1 - x)); without eps infinite at 0
 * and 1, and NaN beyond. The gradient is 0 where x was moved. */
CD_API cd_tensor *cd_logit_with(cd_logit_options options);
CD_API cd_tensor *cd_logit_with_(cd_logit_options options);
#define cd_logit(...)  cd_logit_with((cd_logit_options){ .x = __VA_ARGS__ })
#define cd_logit_(...) cd_logit_with_((cd_logit_options){ .x = __VA_ARGS__ })

/* --- squares, rounding, NaN ------------------------------------------------------------------- */

/* These keep the dtype. */

CD_API cd_tensor *cd_square(cd_tensor *x);   /* x * x; int64 for bool */
CD_API cd_tensor *cd_positive(cd_tensor *x); /* x itself; not for bool */
CD_API cd_tensor *cd_floor(cd_tensor *x);    /* rounded down; not for bool */
CD_API cd_tensor *cd_ceil(cd_tensor *x);     /* rounded up; not for bool */
CD_API cd_tensor *cd_trunc(cd_tensor *x);    /* rounded towards 0; not for bool */
CD_API cd_tensor *cd_frac(cd_tensor *x);     /* x - trunc(x); floating dtypes */
CD_API cd_tensor *cd_square_(cd_tensor *x);
CD_API cd_tensor *cd_floor_(cd_tensor *x);
CD_API cd_tensor *cd_ceil_(cd_tensor *x);
CD_API cd_tensor *cd_trunc_(cd_tensor *x);
CD_API cd_tensor *cd_frac_(cd_tensor *x);

/* Options of cd_round and cd_round_. */
typedef struct cd_round_options {
    cd_tensor *x;
    CD_GUARD_;
    int decimals; /* digits after the decimal point; negative: zeros before it. Floating dtypes. */
} cd_round_options;

/* torch.round: cd_round(x), cd_round(x, .decimals = 2). The nearest number, of two the even one;
 * not for bool. */
CD_API cd_tensor *cd_round_with(cd_round_options options);
CD_API cd_tensor *cd_round_with_(cd_round_options options);
#define cd_round(...)  cd_round_with((cd_round_options){ .x = __VA_ARGS__ })
#define cd_round_(...) cd_round_with_((cd_round_options){ .x = __VA_ARGS__ })

/* Options of cd_nan_to_num and cd_nan_to_num_. */
typedef struct cd_nan_to_num_options {
    cd_tensor *x;
    CD_GUARD_;
    double nan;    /* in place of NaN */
    double posinf; /* in place of infinity; default, and for 0: the dtype's largest number; CD_ZERO
                      for 0 */
    double
        neginf; /* in place of -infinity; default, and for 0: the dtype's smallest number; CD_ZERO
                      for 0 */
} cd_nan_to_num_options;

/* torch.nan_to_num: cd_nan_to_num(x), cd_nan_to_num(x, .nan = 1). */
CD_API cd_tensor *cd_nan_to_num_with(cd_nan_to_num_options options);
CD_API cd_tensor *cd_nan_to_num_with_(cd_nan_to_num_options options);
#define cd_nan_to_num(...)  cd_nan_to_num_with((cd_nan_to_num_options){ .x = __VA_ARGS__ })
#define cd_nan_to_num_(...) cd_nan_to_num_with_((cd_nan_to_num_options){ .x = __VA_ARGS__ })

/* --- questions -------------------------------------------------------------------------------- */

/* These return bool, for every dtype, and have no gradient. */
CD_API cd_tensor *cd_isnan(cd_tensor *x);
CD_API cd_tensor *cd_isinf(cd_tensor *x);    /* of either sign */
CD_API cd_tensor *cd_isfinite(cd_tensor *x); /* neither NaN nor infinite */
CD_API cd_tensor *cd_isposinf(cd_tensor *x);
CD_API cd_tensor *cd_isneginf(cd_tensor *x);
CD_API cd_tensor *cd_signbit(cd_tensor *x); /* has a minus sign, as -0 too */

CD_END_DECLS

#endif
