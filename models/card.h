/* Saved models that say what they are: architecture, classes, preprocessing, origin, training
 * record. It all lies in the safetensors metadata, so evaluating and predicting need no flags.
 * The version of what lies there is the file's: cd_tensor_file_format. */
#ifndef CANDELA_MODELS_CARD_H
#define CANDELA_MODELS_CARD_H

#include "io/dataset.h"
#include "io/tensor_file.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* Texts, all UTF-8, and arrays belong to whoever made the card; those of a loaded one to the
 * library, as long as the card's object is in scope or kept. */
typedef struct cd_card {
    uint64_t object_[6];      /* the library's; zero in a card of your own */
    const char *architecture; /* a name that cd_make_model knows: "resnet18", "mlp" */
    const char *options; /* JSON object: {"num_classes": 2}, {"inputs": 784, "hidden": [256]} */
    const char *const *classes; /* names in the order of the logits; NULL for none */
    int64_t class_count;
    cd_preprocess preprocess; /* channels 0: none */
    const char *source;       /* where the start weights came from, or NULL */
    const char *training;     /* JSON object: data set, epochs, rates, scores; or NULL */
} cd_card;

/* A module by name and options (JSON, or NULL for the defaults), parameters at their start values:
 *
 *   mlp        "inputs" and "outputs" (both needed), "hidden" (a list of at most 64, default none)
 *   resnet18   "num_classes" (default 1000)
 *
 * An unknown name or option is CD_ERR_ARGUMENT with those there are. */
CD_API cd_module *cd_make_model(const char *architecture, const char *options);
/* The names, ending with NULL. */
CD_API const char *const *cd_model_names(void);

/* Saves the module's tensors and the card at `path`, as cd_save does. CD_ERR_ARGUMENT for a card
 * from which the module could not be made again: of another architecture or size, with more or
 * fewer classes than the module has outputs, with texts that are no JSON where they have to be, or
 * with a text (the names of all classes are one) of more than 1 MiB. */
CD_API bool cd_save_model(cd_module *m, const cd_card *card, const char *path);

/* The card alone, handed out. A file without one (a bare .pth) is CD_ERR_FORMAT, and one of a later
 * format than this library's CD_ERR_UNSUPPORTED. */
CD_API cd_card *cd_load_card(const char *path);
/* The same of a file that is open already. */
CD_API cd_card *cd_load_card_from(const cd_tensor_file *file);

/* A field of the card's training record, by its key. False, without an error and *out as it was,
 * when there is no record or none of its fields is that: a number, or a text that fits into `bytes`
 * with its NUL. A record that is no JSON is CD_ERR_ARGUMENT (a loaded card's always is JSON). */
CD_API bool cd_card_number(const cd_card *card, const char *key, double *out);
CD_API bool cd_card_text(const cd_card *card, const char *key, char *out, size_t bytes);

/* cd_load_model("m.safetensors", .card = &card): the module that the file's card names, with its
 * tensors, in evaluation mode. *card is handed out with it (cd_keep(card) keeps it). A file without
 * a card is CD_ERR_FORMAT: make the module and cd_load it. So is a card that does not fit the
 * file's tensors, which is found out before memory is taken for them.
 *
 * The file is opened once, so card and tensors are of one model, whatever is put at the path
 * meanwhile. cd_load_model(NULL, .file = f) takes one that is open already. */
typedef struct cd_load_model_options {
    const char *path;
    CD_GUARD_;
    cd_tensor_file *file; /* instead of the path */
    cd_card **card;       /* default NULL */
} cd_load_model_options;

CD_API cd_module *cd_load_model_with(cd_load_model_options options);
#define cd_load_model(...) cd_load_model_with((cd_load_model_options){ .path = __VA_ARGS__ })

CD_END_DECLS

#endif
