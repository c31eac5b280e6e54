/* Saved models, as commands open them: once each, so that a pipe (/dev/stdin) is as good as a file.
 */
#ifndef CANDELA_APPS_MODEL_FILE_H
#define CANDELA_APPS_MODEL_FILE_H

#include <candela.h>

/* The model that the file's card names, and the card; NULL with a library error, which for a file
 * without a card says what can be done. */
cd_module *open_model(const char *path, cd_card **card);

enum { RESNET18_FEATURES = 512 }; /* what it gives before fc */

/* Bare weights with torchvision's names, in evaluation mode; *classes is how many its last layer
 * tells apart. `name` is resnet18. */
cd_module *open_bare_model(const char *name, const char *path, int64_t *classes);
/* The same as a start for a new last layer: the file need not have one, and then the module's "fc"
 * is a placeholder. */
cd_module *open_trunk(const char *name, const char *path);

/* Whether the model's classes, if its card names them, are those of the set, in the same order;
 * else an error says what one has and the other lacks. */
bool check_classes(const cd_card *card, const cd_dataset *set, const char *set_name);

#endif
