/* A schedule of the learning rate in the words of a command line. docs/texts.md has every word with
 * what it takes.
 *
 *     bool by_step;
 *     cd_scheduler *s = cd_schedule_from_text("warmup 500, cosine", optimizer, .steps = 10000,
 *                                             .epochs = 20, .by_step = &by_step);
 *
 *     text     = [ item { "," item } ]                  empty, or "none": the rate stays
 *     item     = word { number } { key { value } }
 *
 * A word is the name of a schedule, as PyTorch has it, with or without "LR" (CosineAnnealingLR), or
 * as this library does (cosine: optim/schedule.h). A key is an option, by PyTorch's name or this
 * library's. In both capital letters, "-" and "_" make no difference.
 *
 *     warmup N            LinearLR from 0.01 (start_factor) times the rate to the rate in N steps;
 *                         an N below 1 is a share of the run
 *     ITEM by step        the schedule is stepped after each step of the optimizer
 *     ITEM by epoch       or after each epoch
 *     ITEM for N          in a list: the item lasts N steps or epochs
 *
 * Several items are a SequentialLR: each begins where the one before ends. An item ends after the
 * number that follows `for`, or else after its own total_iters, T_max, total_steps or
 * anneal_epochs; the last one has no end. They count the same, steps or epochs: where their
 * defaults differ, one of them must have `by`. ReduceLROnPlateau stands alone.
 *
 * What follows from the run and is not in the text: T_max of cosine, total_steps of one-cycle and
 * total_iters of linear and polynomial are what `for` says, or what is left of the run, in steps or
 * epochs; max_lr of one-cycle is the rate of the optimizer.
 *
 *     by step   warmup, linear, polynomial, cosine, one-cycle, cyclic
 *     by epoch  step, multi-step, exponential, constant, cosine-restarts, plateau, swa */
#ifndef CANDELA_OPTIM_SCHEDULE_TEXT_H
#define CANDELA_OPTIM_SCHEDULE_TEXT_H

#include "optim/schedule.h"

CD_BEGIN_DECLS

/* The most items of a text, and the most bytes with the NUL at its end. */
enum { CD_SCHEDULE_ITEMS = 16, CD_SCHEDULE_TEXT = 2048 };

typedef struct cd_schedule_from_text_options {
    const char *text;
    cd_optimizer *optimizer;
    CD_GUARD_;
    int64_t steps;   /* of the optimizer in the whole run; 0, the default: not known */
    int64_t epochs;  /* of the whole run; 0, the default: not known */
    bool *by_step;   /* gets whether cd_scheduler_step is to be called after each step, else after
                       each epoch: .schedule_by_step of cd_fit */
    bool *by_metric; /* gets whether it is to be cd_scheduler_step_by, for plateau */
    bool *maximum;   /* gets whether plateau waits for a higher metric */
    bool
        *by_length; /* gets whether the rates follow from .steps or .epochs: a run of another length
                        has other rates from the beginning */
} cd_schedule_from_text_options;

/* The schedule of such a text, owned by the open scope. NULL without an error for an empty text or
 * "none". NULL with CD_ERR_ARGUMENT, and a sentence that has the number and the word of the item,
 * what is wrong with it and what would be right; the optimizer's rates are then what they were.
 * CD_ERR_UNSUPPORTED for schedules that a text cannot have: those of a function, and chained. */
CD_API cd_scheduler *cd_schedule_from_text_with(cd_schedule_from_text_options options);
#define cd_schedule_from_text(text_, ...)                                                          \
    cd_schedule_from_text_with(                                                                    \
        (cd_schedule_from_text_options){ .text = text_, .optimizer = __VA_ARGS__ })

/* Schedule number i of those that a text may have, from 0 on; NULL behind the last one. */
CD_API const char *cd_schedule_text_name(int i);

/* Writes what a word takes, cut to `size` bytes. False with CD_ERR_ARGUMENT for a word that is not
 * known, and *out is then "". */
CD_API bool cd_schedule_text_usage(const char *word, char *out, size_t size);

CD_END_DECLS

#endif
