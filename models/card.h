/* Model cards. A card says what a saved model is: its architecture, classes, preprocessing, the
 * source of its initial weights, and a record of its training. cd_save_model writes the card into
 * the metadata of the safetensors file, so a model can be loaded, evaluated and used without flags.
 * The card's format has the version number of the file: cd_tensor_file_format. */
#ifndef CANDELA_MODELS_CARD_H
#define CANDELA_MODELS_CARD_H

#include "io/dataset.h"
#include "io/tensor_file.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* All texts are UTF-8. Texts and arrays of a card that you fill in are yours. Those of a loaded
 * card are the library's, and live as long as the card: until its scope ends, or with cd_keep until
 * cd_release. */
typedef struct cd_card {
    uint64_t object_[6];      /* private to the library; zero in a card that you fill in */
    const char *architecture; /* a name of cd_model_names: "resnet18", "mlp"; "tree" for any other
                                 module, in cd_save_model NULL too */
    const char *options; /* JSON object: {"num_classes": 2}, {"inputs": 784, "hidden": [256]}; of a
                            tree its modules (models/tree.h) */
    const char *const *classes; /* names in the order of the logits; NULL for none */
    int64_t class_count;        /* how many names there are */
    cd_preprocess preprocess;   /* channels 0: none */
    const char *source;         /* where the initial weights came from, or NULL */
    const char *training;       /* JSON object: data set, epochs, rates, scores; or NULL */
    const char *encoder;        /* of a model of tables: cd_encoder_to_json; or NULL */
} cd_card;

/* A model of tables is saved with .encoder = cd_encoder_to_json(e) alone, and .classes NULL: the
 * encoder has the names of the classes. Given as well, they must be the encoder's. In a program
 * that loads the card, cd_encoder_from_json(card->encoder) makes the encoder again. */

/* Makes a model by its name and options, a JSON object or NULL for the defaults. Its parameters
 * have their initial values. Owned by the open scope; NULL with an error.
 *
 * The names and options are those of models/models.h: {"inputs": 784, "outputs": 10, "hidden":
 * [256]} for "mlp", whose function is cd_mlp. cd_model_names lists them. The name "tree" makes the
 * modules that the options describe, as cd_module_from_json.
 *
 * An unknown name or option is CD_ERR_ARGUMENT, with a message that lists the known ones. */
CD_API cd_module *cd_make_model(const char *architecture, const char *options);
/* The names that cd_make_model knows; the list ends with NULL. */
CD_API const char *const *cd_model_names(void);

/* Saves the module's tensors and the card at `path`, as cd_save does.
 *
 * With an architecture of NULL or "tree", m may be any tree of modules of the library's classes and
 * of those that cd_register_module_class made known. The file then has the modules themselves, as
 * cd_module_to_json writes them; options of the card are not read. CD_ERR_UNSUPPORTED says at which
 * path a module could not be made again. How many outputs a tree has is not known here, so any
 * number of names of classes is right.
 *
 * An encoder whose inputs the model does not take, or for whose rows it gives other outputs than
 * one or the classes' number each, is CD_ERR_ARGUMENT; so is a text that is no encoder. This is
 * found out by a pass on the meta device; a model that cannot run there is not checked.
 *
 * With a name of the zoo: CD_ERR_ARGUMENT if the model could not be loaded again: the card is of
 * another architecture or of other sizes, the module has layers of other classes or with other
 * options than the architecture, the card names more or fewer classes than the model has outputs,
 * its options or its training record are not JSON objects, or a text is longer than 1 MiB. All
 * names of classes count as one text. */
CD_API bool cd_save_model(cd_module *m, const cd_card *card, const char *path);

/* Reads the card of a file without its tensors. The card is owned by the open scope. NULL with
 * CD_ERR_FORMAT for a file that has no card, such as a .pth, and with CD_ERR_UNSUPPORTED for a file
 * of a newer format than this library knows. */
CD_API cd_card *cd_load_card(const char *path);
/* The same for a file that is already open. */
CD_API cd_card *cd_load_card_from(const cd_tensor_file *file);

/* Reads a number from the card's training record. If there is no record, or no number of this key,
 * returns false without an error and leaves *out as it was. A record that is not JSON, which only a
 * card that you fill in can have, is CD_ERR_ARGUMENT. */
CD_API bool cd_card_number(const cd_card *card, const char *key, double *out);
/* The same for a text. `out` has room for `bytes`; a text that does not fit with its NUL counts as
 * missing. */
CD_API bool cd_card_text(const cd_card *card, const char *key, char *out, size_t bytes);

/* Whether a data set has the classes of the card, by the same names in the same order, as it must
 * for its labels to mean what the model's outputs mean. True for a card without classes. Else false
 * with CD_ERR_FORMAT, and a sentence that names the classes that only one of them has. Does nothing
 * while an error is pending. CD_ERR_ARGUMENT for NULL. */
CD_API bool cd_card_fits(const cd_card *card, const cd_dataset *d);

/* Loads a model: cd_load_model("m.safetensors", .card = &card), or cd_load_model(NULL, .file = f)
 * for a file that is already open. Makes the model that the file's card describes, loads its
 * tensors, and sets evaluation mode; modules of a tree that were frozen are frozen. The module, and
 * the card if it is asked for, are owned by the open scope.
 *
 * NULL with CD_ERR_FORMAT for a file without a card (make the module and use cd_load), and for a
 * card that does not fit the file's tensors. A card that claims a much larger model than the file
 * holds is refused before memory is allocated for the model. The file is opened once, so the card
 * and the tensors belong together even if another file is put at the path meanwhile. */
typedef struct cd_load_model_options {
    const char *path;
    CD_GUARD_;
    cd_tensor_file *file; /* instead of the path */
    cd_card **card;       /* where to put the card; default: nowhere */
} cd_load_model_options;

CD_API cd_module *cd_load_model_with(cd_load_model_options options);
#define cd_load_model(...) cd_load_model_with((cd_load_model_options){ .path = __VA_ARGS__ })

CD_END_DECLS

#endif
