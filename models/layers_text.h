/* Layers in the words of a command line: a Sequential from a text, and a text from a Sequential.
 * docs/texts.md has every word with what it takes.
 *
 *     cd_module *model = cd_layers_from_text("linear 256, relu, dropout 0.2, linear",
 *                                            .input = CD_SHAPE(784), .outputs = 10);
 *     cd_module *cnn = cd_layers_from_text("conv 32 3 padding 1, batchnorm, relu, maxpool 2, "
 *                                          "linear",
 *                                          .input = CD_SHAPE(3, 32, 32), .outputs = 10);
 *
 *     text     = item { "," item }
 *     item     = word { number } { key { value } }
 *
 * A word is the name of a class as PyTorch has it. A key is one of its options by PyTorch's name,
 * and its value a number, two of them for height and width, or a word such as `same`. In both
 * capital letters, "-" and "_" make no difference: "BatchNorm2d", "batch_norm2d" and "batch-norm2d"
 * are one word. The numbers behind a word are the first options of PyTorch's constructor, in its
 * order, at most four: "conv2d 32 3 2 1" has 32 channels, a kernel of 3, a stride of 2 and a
 * padding of 1. A truth is switched on by its name alone and off by "no-" in front of it:
 * "ceil_mode", "no-bias".
 *
 * What follows from the shape before is not written: in_features, in_channels, num_features,
 * num_channels, normalized_shape (the last dimension), input_size and d_model. It may be, as any
 * option, by its key.
 *
 *   - The last `linear`, if it has no number, gives `outputs` numbers.
 *   - In front of a `linear` whose input has more than one dimension for each sample a Flatten is
 *     put in, which is a layer of the Sequential and counts in its names; .no_flatten leaves it
 *     out.
 *   - conv, conv-transpose, max-pool, avg-pool, lp-pool, adaptive-avg-pool, adaptive-max-pool,
 *     batch-norm, instance-norm and the paddings without 1d, 2d or 3d are those of the dimensions
 *     of their input behind the channels. batch-norm of channels alone is 1d.
 *   - `dropout` without a number has PyTorch's 0.5, `prelu` 1 parameter, `glu` the dimension -1.
 *   - `bn` is batch-norm, `fc` is linear.
 *
 * Refused with a sentence are losses, containers, and modules of several tensors, such as LSTM,
 * whose outputs are three. */
#ifndef CANDELA_MODELS_LAYERS_TEXT_H
#define CANDELA_MODELS_LAYERS_TEXT_H

#include "core/shape.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* The most items of a text, and the most bytes with the NUL at its end. */
enum { CD_LAYERS_MAX = 256, CD_LAYERS_TEXT = 16384 };

typedef struct cd_layers_from_text_options {
    const char *text;
    CD_GUARD_;
    cd_shape input; /* of one sample, without the batch: CD_SHAPE(784), CD_SHAPE(3, 32, 32). Must be
                         given, each size 1 or more */
    cd_dtype dtype; /* of the input; default CD_F32. CD_I64 for an embedding */
    int64_t outputs; /* numbers for each sample that the last layer must give: the classes. Default
                         0: any shape, and each linear needs a number */
    int64_t most_parameters; /* default 2^28, 1 GiB in float32 */
    bool no_flatten;         /* a linear works on the last dimension, as in PyTorch */
    cd_device device;        /* the CPU (default) or CD_META, where the model takes no memory */
} cd_layers_from_text_options;

/* The Sequential of such a text, in training mode, with initial parameters: those that PyTorch's
 * constructors make from the same seed, in the order of the text. Owned by the open scope.
 *
 * All layers are first made and called on the meta device, so that a text that does not fit takes
 * no memory and no random numbers. NULL with CD_ERR_ARGUMENT for a wrong text, with CD_ERR_SHAPE or
 * the error of the layer when a layer does not fit what comes before it, and with
 * CD_ERR_UNSUPPORTED for a word that no text can have, or too many parameters. The sentence has the
 * number and the word of the item, what is wrong with it and what would be right. */
CD_API cd_module *cd_layers_from_text_with(cd_layers_from_text_options options);
#define cd_layers_from_text(...)                                                                   \
    cd_layers_from_text_with((cd_layers_from_text_options){ .text = __VA_ARGS__ })

/* Writes the text that cd_layers_from_text reads as layers like those of a Sequential, for an input
 * that fits them: "conv2d 32 3 padding 1, relu, flatten, linear 10". CD_LAYERS_TEXT bytes are
 * enough for what that function made, unless its text nearly filled them. False with
 * CD_ERR_UNSUPPORTED for another module than a Sequential of layers that have a word, with
 * CD_ERR_ARGUMENT if `size` is too small; *out is then "". */
CD_API bool cd_layers_to_text(cd_module *m, char *out, size_t size);

/* Word number i of those that a text may have, from 0 on, as "batch_norm2d"; NULL behind the last
 * one. For help texts. */
CD_API const char *cd_layers_text_name(int i);

/* Writes what a word takes, "OUT_FEATURES [no-bias] [dtype float32 | float64]", cut to `size`
 * bytes. False with CD_ERR_ARGUMENT for a word that is not known, and *out is then "". */
CD_API bool cd_layers_text_usage(const char *word, char *out, size_t size);

CD_END_DECLS

#endif
