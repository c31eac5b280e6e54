/* What var, std, var_mean and std_mean share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_VARIANCE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_VARIANCE_INTERNAL_H

#include "autograd/families/min_max_internal.h"

extern const cd_field cd_var_fields[];

/* The slots: std and std_mean save y too. */
enum { CD_VAR_SAVED_X, CD_VAR_SAVED_Y };

/* infer: output 0 is the variance or its root, output 1, if the op has it, the mean. */
bool cd_infer_var(cd_call *call);
void cd_run_var(const cd_launch *launch);
void cd_run_std(const cd_launch *launch);
/* backward */
void cd_var_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
void cd_std_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* Calls var or std. */
cd_tensor *cd_var_call(const cd_op *op, const cd_var_options *options);
/* Calls var_mean or std_mean. */
cd_tensor *cd_var_mean_call(const cd_op *op, const cd_var_mean_options *options);

#endif
