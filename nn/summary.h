/* What a model's layers give and cost, without computing it. */
#ifndef CANDELA_NN_SUMMARY_H
#define CANDELA_NN_SUMMARY_H

#include "nn/module.h"

CD_BEGIN_DECLS

/* cd_summary(model, CD_SHAPE(1, 3, 224, 224), .stream = stdout): a table with a line for each
 * module: its path and class, the shape of its output (of the first one, if there are several), its
 * own parameters, and the multiply-adds of its calls; below it the sums. The multiply-adds are
 * the products with the elements of weights, counted for the library's Linear, Bilinear,
 * convolutions, MultiheadAttention, recurrent layers and their cells; so the products of queries
 * with keys and of attention with values are not among them. A module with two names has two lines,
 * of which the first one has its multiply-adds, and its parameters count once in the sum. The model
 * is not called: a copy on the meta device (cd_module_copy), in evaluation mode, gets one input of
 * this shape.
 *
 * The library prints nothing by itself: at least one of .stream, .text and .multiply_adds must be
 * given (CD_ERR_ARGUMENT). False with the error of the call too, or with CD_ERR_SHAPE if a count
 * does not fit an int64_t. */
typedef struct cd_summary_options {
    cd_module *module;
    cd_shape shape;
    CD_GUARD_;
    FILE *stream;           /* gets the table; default NULL */
    char *text;             /* gets the table, cut to `bytes`; default NULL */
    size_t bytes;           /* the room of `text` */
    cd_dtype dtype;         /* of the input; default f32 */
    int64_t *multiply_adds; /* gets their sum; default NULL */
} cd_summary_options;

CD_API bool cd_summary_with(cd_summary_options options);
#define cd_summary(module_, ...)                                                                   \
    cd_summary_with((cd_summary_options){ .module = module_, .shape = __VA_ARGS__ })

CD_END_DECLS

#endif
