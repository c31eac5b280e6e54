/* Numbers that are NaN or infinite say nothing of a class, in a model's tensors or in its outputs:
 * they are found before argmax and softmax make a class of them, and what is to blame is named. */
#ifndef CANDELA_APPS_FINITE_H
#define CANDELA_APPS_FINITE_H

#include <candela.h>

/* Whether the model's tensors are finite, and its variances not negative. False with a library
 * error that names the first that is not, and `file`, where the model came from. */
bool check_tensors(cd_module *model, const char *file);

/* Whether all outputs (N x ..., float32) are finite; if not, *row is the first that has one that is
 * not. False with a library error when they cannot be looked at. */
bool find_not_finite(cd_tensor *outputs, bool *all_finite, int64_t *row);

/* The error for a picture with such outputs; returns false. */
bool fail_not_finite(const char *picture);

#endif
