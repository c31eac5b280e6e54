/* Checking gradients against differences: for functions of one's own. */
#ifndef CANDELA_AUTOGRAD_GRADCHECK_H
#define CANDELA_AUTOGRAD_GRADCHECK_H

#include "autograd/autograd.h"

CD_BEGIN_DECLS

/* A function of tensors; the result is handed to the scope that is open. It must give the same
 * result for the same inputs, and must not change them. */
typedef cd_tensor *cd_gradcheck_call(cd_tensor *const *in, void *user);

/* cd_gradcheck_function(call, in, 2, .user = me)
 *
 * Compares, for each element of each input that requires gradients, the gradient of sum(w * y)
 * with (f(x + eps) - f(x - eps)) / (2 eps), where y is the function's result and w a fixed
 * weighting. They agree when |gradient - difference| <= atol + rtol * |difference|. An input that
 * requires gradients must be float64; another one, which may be NULL, is a constant. The inputs
 * themselves are neither changed nor given gradients. False, with CD_ERR_AUTOGRAD and a sentence
 * that names the input, the element and both values, where they differ; false with the function's
 * own error when it fails. */
typedef struct cd_gradcheck_options {
    cd_gradcheck_call *call;
    cd_tensor *const *in;
    int count; /* of inputs: 1 to 16 */
    CD_GUARD_;
    void *user;
    double eps;  /* 0: 1e-6 */
    double atol; /* 0: 1e-5; CD_ZERO for none */
    double rtol; /* 0: 1e-3; CD_ZERO for none */
} cd_gradcheck_options;

CD_API bool cd_gradcheck_function_with(cd_gradcheck_options options);
#define cd_gradcheck_function(call_, in_, ...)                                                     \
    cd_gradcheck_function_with(                                                                    \
        (cd_gradcheck_options){ .call = call_, .in = in_, .count = __VA_ARGS__ })

/* The same for the gradients of the function, which are differentiated once more: with respect to
 * its inputs and to the gradient that is sent back through it (named in sentences as the input
 * after the last). */
CD_API bool cd_gradgradcheck_function_with(cd_gradcheck_options options);
#define cd_gradgradcheck_function(call_, in_, ...)                                                 \
    cd_gradgradcheck_function_with(                                                                \
        (cd_gradcheck_options){ .call = call_, .in = in_, .count = __VA_ARGS__ })

CD_END_DECLS

#endif
