/* Clipping gradients, as torch.nn.utils.clip_grad_norm_ and its relatives:
 *
 *     cd_backward(loss);
 *     cd_clip_grad_norm_(model, 1.0);
 *     cd_step(optimizer);
 *
 * The parameters are those of a module, those of an optimizer, or a list:
 * cd_clip_grad_norm_(CD_TENSORS(w, b), 1.0). Parameters without a gradient are left out. The
 * functions record no history. They change all gradients or, with an error, none. */
#ifndef CANDELA_OPTIM_CLIP_H
#define CANDELA_OPTIM_CLIP_H

#include "optim/optim.h"

CD_BEGIN_DECLS

/* Whose gradients are meant. CD_PARAMETERS makes it of a module, an optimizer or a cd_tensors. */
typedef struct cd_parameters {
    enum { CD_OF_LIST, CD_OF_MODULE, CD_OF_OPTIMIZER } source; /* which of the others is set */
    cd_module *module;
    cd_optimizer *optimizer;
    cd_tensors list;
} cd_parameters;

CD_API cd_parameters cd_parameters_of_module(cd_module *m);
CD_API cd_parameters cd_parameters_of_optimizer(cd_optimizer *o);
CD_API cd_parameters cd_parameters_of_list(cd_tensors list);
#define CD_PARAMETERS(x_)                                                                          \
    _Generic((x_), cd_module *                                                                     \
             : cd_parameters_of_module, cd_optimizer *                                             \
             : cd_parameters_of_optimizer, cd_tensors                                              \
             : cd_parameters_of_list)(x_)

/* Options of cd_get_total_norm. */
typedef struct cd_total_norm_options {
    cd_tensors tensors;
    CD_GUARD_;
    double norm_type;        /* default, and for 0: 2; CD_ZERO for 0 */
    bool error_if_nonfinite; /* a norm that is NaN or infinite is CD_ERR_STATE */
} cd_total_norm_options;

/* torch.nn.utils.get_total_norm: the norm of the norms of the tensors, which are floating ones, as
 * a 0-d tensor: cd_get_total_norm(CD_TENSORS(a, b), .norm_type = INFINITY). The order is any that
 * cd_norm takes. 0 in float32 for an empty list. It is on the device of the first tensor. */
CD_API cd_tensor *cd_get_total_norm_with(cd_total_norm_options options);
#define cd_get_total_norm(...)                                                                     \
    cd_get_total_norm_with((cd_total_norm_options){ .tensors = __VA_ARGS__ })

/* Options of cd_clip_grad_norm_. */
typedef struct cd_clip_grad_norm_options {
    cd_parameters parameters;
    double max_norm;
    CD_GUARD_;
    double norm_type;        /* default, and for 0: 2; CD_ZERO for 0 */
    bool error_if_nonfinite; /* a norm that is NaN or infinite is CD_ERR_STATE */
} cd_clip_grad_norm_options;

/* torch.nn.utils.clip_grad_norm_: multiplies every gradient by min(1, max_norm / (total + 1e-6)),
 * where total is the norm of all of them as one vector. Returns total, as it was before. Like
 * PyTorch it takes a max_norm of any sign. */
CD_API cd_tensor *cd_clip_grad_norm_with_(cd_clip_grad_norm_options options);
#define cd_clip_grad_norm_(x_, ...)                                                                \
    cd_clip_grad_norm_with_(                                                                       \
        (cd_clip_grad_norm_options){ .parameters = CD_PARAMETERS(x_), .max_norm = __VA_ARGS__ })

/* torch.nn.utils.clip_grads_with_norm_: the same with a total norm that is known, a 0-d tensor. */
CD_API bool cd_clip_grads_with_norm_of_(cd_parameters parameters, double max_norm,
                                        cd_tensor *total_norm);
#define cd_clip_grads_with_norm_(x_, max_norm_, total_norm_)                                       \
    cd_clip_grads_with_norm_of_(CD_PARAMETERS(x_), max_norm_, total_norm_)

/* torch.nn.utils.clip_grad_value_: every element of a gradient becomes min(value, max(-value, g)).
 * NaN stays NaN. */
CD_API bool cd_clip_grad_value_of_(cd_parameters parameters, double value);
#define cd_clip_grad_value_(x_, value_) cd_clip_grad_value_of_(CD_PARAMETERS(x_), value_)

CD_END_DECLS

#endif
