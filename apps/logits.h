/* What a model gives for a batch, checked: a saved model may be any tree of modules, which need not
 * be a classifier. */
#ifndef CANDELA_APPS_LOGITS_H
#define CANDELA_APPS_LOGITS_H

#include <candela.h>

/* The dtype that the model computes with: that of its first parameter; float32 if it has none. */
cd_dtype model_dtype(cd_module *model);

/* Runs the model on x, N x ..., which is converted to the model's dtype. Returns its logits, N x
 * `classes` and float32; with `classes` 0 any number of them. Where `classes` is 1, the model may
 * give N numbers too. NULL with a library error, which for a model that gives something else is
 * CD_ERR_SHAPE. */
cd_tensor *model_logits(cd_module *model, cd_tensor *x, int64_t classes);

#endif
