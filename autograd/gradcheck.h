/* Checking the gradients of a function against difference quotients: torch.autograd.gradcheck. */
#ifndef CANDELA_AUTOGRAD_GRADCHECK_H
#define CANDELA_AUTOGRAD_GRADCHECK_H

#include "autograd/autograd.h"

CD_BEGIN_DECLS

/* A function to be checked; its result is handed to the scope that is open. It must return the same
 * for the same inputs, and must not change them. */
typedef cd_tensor *cd_gradcheck_call(cd_tensor *const *in, void *user);

/* Options of cd_gradcheck_function and cd_gradgradcheck_function. */
typedef struct cd_gradcheck_options {
    cd_gradcheck_call *call;
    cd_tensor *const *in;
    int count; /* of inputs: 1 to 16 */
    CD_GUARD_;
    void *user;  /* passed to call */
    double eps;  /* step of the differences; default, and for 0: 1e-6 */
    double atol; /* default, and for 0: 1e-5; CD_ZERO for none */
    double rtol; /* default, and for 0: 1e-3; CD_ZERO for none */
} cd_gradcheck_options;

/* cd_gradcheck_function(call, in, 2, .user = u)
 *
 * With y = call(in) and L = sum(w * y), where w are fixed weights, compares the gradient of L with
 * (L(x + eps) - L(x - eps)) / (2 eps), for each element x of each input that requires gradients.
 * They agree if |gradient - difference| <= atol + rtol * |difference|.
 *
 * Inputs that require gradients must be float64. Others are constants, and may be NULL. The
 * caller's tensors are neither changed nor given gradients. False with CD_ERR_AUTOGRAD if the two
 * differ (the sentence says for which input and element, and both values), and with the function's
 * own error if it fails. */
CD_API bool cd_gradcheck_function_with(cd_gradcheck_options options);
#define cd_gradcheck_function(call_, in_, ...)                                                     \
    cd_gradcheck_function_with(                                                                    \
        (cd_gradcheck_options){ .call = call_, .in = in_, .count = __VA_ARGS__ })

/* The same for the gradients of the function: they are differentiated with respect to its inputs
 * and to the gradient that is sent back through it, which errors name as one more input. */
CD_API bool cd_gradgradcheck_function_with(cd_gradcheck_options options);
#define cd_gradgradcheck_function(call_, in_, ...)                                                 \
    cd_gradgradcheck_function_with(                                                                \
        (cd_gradcheck_options){ .call = call_, .in = in_, .count = __VA_ARGS__ })

CD_END_DECLS

#endif
