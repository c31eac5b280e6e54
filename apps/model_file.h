/* Opens the model files that the commands are given. A file is opened once, so that it can be a
 * pipe (/dev/stdin). All functions return NULL or false with a library error. */
#ifndef CANDELA_APPS_MODEL_FILE_H
#define CANDELA_APPS_MODEL_FILE_H

#include <candela.h>

/* Opens a saved model: the module in evaluation mode, and the card that says what it is. The error
 * for a file without a card says what can be done with it. */
cd_module *open_model(const char *path, cd_card **card);

enum { RESNET18_FEATURES = 512 }; /* inputs of a ResNet-18's last layer, fc */

/* Opens a file of bare weights with torchvision's names: the module in evaluation mode, and in
 * *classes the outputs of its last layer. `name` is the architecture, resnet18, and `key` where in
 * a .pth the tensors lie; NULL: the obvious place. */
cd_module *open_bare_model(const char *name, const char *path, const char *key, int64_t *classes);
/* The same for a network that gets a new last layer: the file need not have one, and the module's
 * fc is a placeholder without parameters. */
cd_module *open_trunk(const char *name, const char *path, const char *key);

/* The option --key of a command, whose field of the struct `values_` is `field_`. */
#define KEY_OPTION(values_, field_)                                                                \
    {                                                                                              \
        .name = "key", .argument = "KEY",                                                          \
        .help = "where in a .pth with several sets of tensors the right ones lie: model_ema, say", \
        .type = OPTION_TEXT, .offset = offsetof(values_, field_)                                   \
    }

/* The options of a ResNet as JSON, to be freed with free(). */
char *resnet_options(int64_t classes);

/* Whether the classes that the model's card names are those of the data set, in the same order;
 * true for a card that names none. The error says how they differ. */
bool check_classes(const cd_card *card, const cd_dataset *set, const char *set_name);

#endif
