/* The words of layers in a text (models/layers_text.h): which classes have one, and which of their
 * options follow from the shape before. */
#ifndef CANDELA_MODELS_LAYERS_TEXT_INTERNAL_H
#define CANDELA_MODELS_LAYERS_TEXT_INTERNAL_H

#include "models/layers_text.h"
#include "nn/module_internal.h"
#include "nn/option_text_internal.h"

/* Why a class has no word: "it takes 2 tensors and gives 1". NULL if it has one. The text is in
 * `out` of `size` bytes. */
const char *cd_layers_refused(const cd_module_class *class_, char *out, size_t size);

/* The class of a word for an input of so many dimensions, the batch among them: "conv" of 4 is
 * Conv2d. NULL with an error that begins with `where`. */
const cd_module_class *cd_layers_class(const char *where, const cd_words *w, int ndim);

/* The word of a class in a text that is written. */
const char *cd_layers_word(const cd_module_class *class_);

/* Whether the word is that of a Linear. */
bool cd_layers_is_linear(const char *word);

/* Sets what the item of a class is read by, but for `options` and `where`. */
void cd_layers_set_up(cd_option_item *item, const cd_module_class *class_);

/* Gives the options that the text does not give and that follow from the shape of the input, and
 * PyTorch's defaults for arguments that the constructors of this library need. False with an
 * error. */
bool cd_layers_fill(cd_option_item *item, const cd_module_class *class_, const cd_shape *input);

#endif
