/* A model with a NaN or an infinity among its tensors or its outputs predicts nothing: argmax and
 * softmax would make a class of such numbers all the same. These functions find them before that,
 * and say where they come from. */
#ifndef CANDELA_APPS_FINITE_H
#define CANDELA_APPS_FINITE_H

#include <candela.h>

/* Whether the model's tensors are finite and its variances not negative. False with a library error
 * that names the first tensor that is wrong, and `file`, which the model came from. */
bool check_tensors(cd_module *model, const char *file);

/* Whether all outputs (N x ..., float32) are finite; where they are not, *row is the first row with
 * one that is not. False with a library error when the outputs cannot be read. */
bool find_not_finite(cd_tensor *outputs, bool *all_finite, int64_t *row);

/* Fails with the error for a picture with such outputs; returns false. */
bool fail_not_finite(const char *picture);

#endif
