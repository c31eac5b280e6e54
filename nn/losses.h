/* Losses as modules. Each takes the options of its function in autograd/loss_ops.h or
 * autograd/ops.h, but not its inputs, which cd_forward gets:
 *
 *     cd_module *loss = cd_nn_huber_loss(.delta = 0.5);
 *     cd_tensor *y = cd_forward(loss, prediction, target);
 *
 * .weight and .pos_weight become buffers. An input among the options, or an option that torch.nn's
 * class does not have, is CD_ERR_ARGUMENT. */
#ifndef CANDELA_NN_LOSSES_H
#define CANDELA_NN_LOSSES_H

#include "autograd/loss_ops.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* --- cd_forward(loss, input, target) ---------------------------------------------------------- */

CD_API cd_module *cd_nn_mse_loss_with(cd_loss_options options);           /* torch.nn.MSELoss */
CD_API cd_module *cd_nn_l1_loss_with(cd_loss_options options);            /* torch.nn.L1Loss */
CD_API cd_module *cd_nn_cross_entropy_loss_with(cd_loss_options options); /* CrossEntropyLoss */
CD_API cd_module *cd_nn_nll_loss_with(cd_loss_options options);           /* NLLLoss */
/* torch.nn.BCEWithLogitsLoss: cd_binary_cross_entropy_with_logits. */
CD_API cd_module *cd_nn_bce_with_logits_loss_with(cd_loss_options options);
/* torch.nn.BCELoss: cd_binary_cross_entropy. */
CD_API cd_module *cd_nn_bce_loss_with(cd_loss_options options);
/* torch.nn.MultiLabelSoftMarginLoss. */
CD_API cd_module *cd_nn_multilabel_soft_margin_loss_with(cd_loss_options options);
CD_API cd_module *cd_nn_soft_margin_loss_with(cd_loss_options options); /* SoftMarginLoss */
/* torch.nn.MultiLabelMarginLoss. */
CD_API cd_module *cd_nn_multilabel_margin_loss_with(cd_loss_options options);
/* torch.nn.MultiMarginLoss. */
CD_API cd_module *cd_nn_multi_margin_loss_with(cd_multi_margin_loss_options options);
/* torch.nn.SmoothL1Loss. */
CD_API cd_module *cd_nn_smooth_l1_loss_with(cd_smooth_l1_loss_options options);
CD_API cd_module *cd_nn_huber_loss_with(cd_huber_loss_options options); /* torch.nn.HuberLoss */
/* torch.nn.KLDivLoss: cd_kl_div. */
CD_API cd_module *cd_nn_kl_div_loss_with(cd_kl_div_options options);
/* torch.nn.PoissonNLLLoss. */
CD_API cd_module *cd_nn_poisson_nll_loss_with(cd_poisson_nll_loss_options options);
/* torch.nn.HingeEmbeddingLoss. */
CD_API cd_module *cd_nn_hinge_embedding_loss_with(cd_hinge_embedding_loss_options options);

/* --- with three inputs ------------------------------------------------------------------------ */

/* torch.nn.GaussianNLLLoss: cd_forward(loss, input, target, var). */
CD_API cd_module *cd_nn_gaussian_nll_loss_with(cd_gaussian_nll_loss_options options);
/* torch.nn.MarginRankingLoss: cd_forward(loss, input1, input2, target). */
CD_API cd_module *cd_nn_margin_ranking_loss_with(cd_pair_loss_options options);
/* torch.nn.CosineEmbeddingLoss: cd_forward(loss, input1, input2, target). */
CD_API cd_module *cd_nn_cosine_embedding_loss_with(cd_pair_loss_options options);
/* torch.nn.TripletMarginLoss: cd_forward(loss, anchor, positive, negative). A .distance is
 * CD_ERR_ARGUMENT: a file cannot hold a function. */
CD_API cd_module *cd_nn_triplet_margin_loss_with(cd_triplet_margin_loss_options options);

/* last_ is the last member before CD_GUARD_: what follows it must have a name. */
#define CD_NN_LOSS_(name_, options_, last_, ...)                                                   \
    cd_nn_##name_##_with((options_){ .last_ = NULL, __VA_ARGS__ })
#define cd_nn_mse_loss(...) CD_NN_LOSS_(mse_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_l1_loss(...)  CD_NN_LOSS_(l1_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_cross_entropy_loss(...)                                                              \
    CD_NN_LOSS_(cross_entropy_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_nll_loss(...) CD_NN_LOSS_(nll_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_bce_with_logits_loss(...)                                                            \
    CD_NN_LOSS_(bce_with_logits_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_bce_loss(...) CD_NN_LOSS_(bce_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_multilabel_soft_margin_loss(...)                                                     \
    CD_NN_LOSS_(multilabel_soft_margin_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_soft_margin_loss(...)                                                                \
    CD_NN_LOSS_(soft_margin_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_multilabel_margin_loss(...)                                                          \
    CD_NN_LOSS_(multilabel_margin_loss, cd_loss_options, target, __VA_ARGS__)
#define cd_nn_multi_margin_loss(...)                                                               \
    CD_NN_LOSS_(multi_margin_loss, cd_multi_margin_loss_options, target, __VA_ARGS__)
#define cd_nn_smooth_l1_loss(...)                                                                  \
    CD_NN_LOSS_(smooth_l1_loss, cd_smooth_l1_loss_options, target, __VA_ARGS__)
#define cd_nn_huber_loss(...)  CD_NN_LOSS_(huber_loss, cd_huber_loss_options, target, __VA_ARGS__)
#define cd_nn_kl_div_loss(...) CD_NN_LOSS_(kl_div_loss, cd_kl_div_options, target, __VA_ARGS__)
#define cd_nn_poisson_nll_loss(...)                                                                \
    CD_NN_LOSS_(poisson_nll_loss, cd_poisson_nll_loss_options, target, __VA_ARGS__)
#define cd_nn_hinge_embedding_loss(...)                                                            \
    CD_NN_LOSS_(hinge_embedding_loss, cd_hinge_embedding_loss_options, target, __VA_ARGS__)
#define cd_nn_gaussian_nll_loss(...)                                                               \
    CD_NN_LOSS_(gaussian_nll_loss, cd_gaussian_nll_loss_options, var, __VA_ARGS__)
#define cd_nn_margin_ranking_loss(...)                                                             \
    CD_NN_LOSS_(margin_ranking_loss, cd_pair_loss_options, target, __VA_ARGS__)
#define cd_nn_cosine_embedding_loss(...)                                                           \
    CD_NN_LOSS_(cosine_embedding_loss, cd_pair_loss_options, target, __VA_ARGS__)
#define cd_nn_triplet_margin_loss(...)                                                             \
    CD_NN_LOSS_(triplet_margin_loss, cd_triplet_margin_loss_options, negative, __VA_ARGS__)

CD_END_DECLS

#endif
