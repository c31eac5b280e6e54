/* What train and probe have in common: their data at the start, the model file and the report at
 * the end. */
#ifndef CANDELA_APPS_OUTCOME_H
#define CANDELA_APPS_OUTCOME_H

#include "apps/options.h"
#include "apps/teach.h"

typedef struct outcome {
    const char *command, *data_name, *out;
    const char *architecture, *options; /* as in the card */
    const char *source;                 /* of the start weights; NULL: random */
    const common_options *common;
    cd_preprocess preprocess;
    lesson lesson;
    epoch_record *records;
    double started;         /* seconds_now() at the beginning */
    double reading_seconds; /* reading pictures and computing features; 0: not apart */
} outcome;

/* Whether a model can be taught on the set and saved: two classes or more, with names in UTF-8. */
bool check_learnable(const cd_dataset *set, const char *name);

/* A line or two on what there is to learn from, and what was left aside. */
void show_data(const outcome *o);

/* Saves the whole model with its card and reports; returns the exit status. */
int finish(const outcome *o, cd_module *model);

#endif
