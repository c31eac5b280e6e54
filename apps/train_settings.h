/* What must be the same when a run of train or probe goes on: t->settings. Options are compared by
 * their values, so that a default may be given or left out. */
#ifndef CANDELA_APPS_TRAIN_SETTINGS_H
#define CANDELA_APPS_TRAIN_SETTINGS_H

#include "apps/training.h"

/* Fills t->settings with the options; once the data is read, with those too whose default follows
 * from it. False with a library error, also for an optimizer or a schedule that cannot be. */
bool train_settings_fill(training *t);

/* Whether the option of this name is among them, or would be if it had a value. */
bool train_settings_compares(const training *t, const char *name);

/* Adds a setting, whose value is freed with the others. NULL is no value, and none is added. False
 * with a library error. */
bool train_settings_add(train_settings *s, const char *name, char *value);

/* A text in memory of its own; NULL with a library error. */
char *printed(const char *format, ...) CD_PRINTF(1, 2);

void train_settings_free(train_settings *s);

#endif
