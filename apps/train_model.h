/* The models that candela train makes. */
#ifndef CANDELA_APPS_TRAIN_MODEL_H
#define CANDELA_APPS_TRAIN_MODEL_H

#include "apps/training.h"

typedef struct model_choice {
    const char *name;   /* of the zoo; NULL: not given */
    const char *layers; /* --layers; NULL: not given */
    sizes hidden;       /* of the mlp */
} model_choice;

/* How photographs are prepared for the model; NULL: as for ImageNet. */
const cd_preprocess *train_preprocess(const model_choice *m);
/* Sets t->model, t->architecture and t->options for the train samples, which must be open. False
 * with a library error. */
bool train_make_model(training *t, const model_choice *m);

#endif
