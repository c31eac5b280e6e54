/* An optimizer in the words of a command line. docs/texts.md has every word with what it takes.
 *
 *     cd_optimizer *o = cd_optimizer_from_text("adamw 3e-4 beta2 0.99 weight-decay 0.05", model);
 *
 *     text     = word [ lr ] { key { number } }
 *
 * A word is the name of an optimizer: sgd, adam, adamw, adamax, nadam, radam, adagrad, adadelta,
 * rmsprop, rprop, lion. The number behind it is the learning rate. A key is an option by PyTorch's
 * name or by this library's (optim/optim.h): "betas 0.9 0.99" is "beta1 0.9 beta2 0.99". In both
 * capital letters, "-" and "_" make no difference. A truth is switched on by its name alone,
 * "nesterov", and off by "no-nesterov". What is left out has PyTorch's default. */
#ifndef CANDELA_OPTIM_OPTIMIZER_TEXT_H
#define CANDELA_OPTIM_OPTIMIZER_TEXT_H

#include "optim/optim.h"

CD_BEGIN_DECLS

enum { CD_OPTIMIZER_TEXT = 1024 }; /* the most bytes of a text, with the NUL at its end */

/* A number that the program has from elsewhere than the text.
 *
 *     { .option = "lr", .value = 0.05 }
 *         the program's own default: the text overrides it, and an optimizer without the option
 *         ignores it
 *     { .option = "momentum", .value = 0.9, .given_by = "--momentum" }
 *         the user gave it, by what is named: it is an error if the text gives it too, or if the
 *         optimizer has no such option
 *
 * Of two values of one option, one with .given_by counts; two with .given_by are an error. A truth
 * is 0 or 1. */
typedef struct cd_optimizer_setting {
    const char *option; /* as a key of the text */
    double value;       /* 0 is the number 0 */
    const char *given_by;
} cd_optimizer_setting;

typedef struct cd_optimizer_from_text_options {
    const char *text;
    cd_module *module;
    CD_GUARD_;
    const cd_optimizer_setting *settings; /* default: none. Borrowed during the call */
    int setting_count;
} cd_optimizer_from_text_options;

/* The optimizer of such a text, for the parameters that the module has now; owned by the open
 * scope. NULL with CD_ERR_ARGUMENT, and a sentence that has the word that is wrong, its column and
 * what would be right; CD_ERR_UNSUPPORTED for an optimizer that PyTorch has and this library does
 * not. */
CD_API cd_optimizer *cd_optimizer_from_text_with(cd_optimizer_from_text_options options);
#define cd_optimizer_from_text(text_, ...)                                                         \
    cd_optimizer_from_text_with(                                                                   \
        (cd_optimizer_from_text_options){ .text = text_, .module = __VA_ARGS__ })

/* Writes a text that makes such an optimizer again, as "sgd 0.05 momentum 0.9", cut to `size`
 * bytes: its word, its rate now, and those options that are not the defaults, all of group 0. So
 * two texts that mean the same, such as "Adam" and "adam lr 1e-3", are one. Returns `out`; NULL
 * with CD_ERR_ARGUMENT. */
CD_API const char *cd_optimizer_to_text(const cd_optimizer *o, char *out, size_t size);

/* Optimizer number i of those that a text may have, from 0 on; NULL behind the last one. */
CD_API const char *cd_optimizer_text_name(int i);

/* Writes what a word takes, "[LR] [beta1 NUMBER] ...", cut to `size` bytes. False with
 * CD_ERR_ARGUMENT for a word that is not known, and *out is then "". */
CD_API bool cd_optimizer_text_usage(const char *word, char *out, size_t size);

CD_END_DECLS

#endif
