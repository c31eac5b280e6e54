/* Model cards in the metadata of safetensors files: models/card.h. */
#include "models/card.h"

#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/scope_internal.h"
#include "io/bytes_internal.h"
#include "io/checkpoint.h"
#include "io/json_tree_internal.h"
#include "io/json_write_internal.h"
#include "io/preprocess_internal.h"
#include "io/tensor_file_internal.h"
#include "models/card_internal.h"
#include "models/tree_internal.h"

/* The keys of a card in the metadata of a safetensors file. cd_save writes others beside them. */
#define KEY_MODEL      "candela.model"
#define KEY_OPTIONS    "candela.options"
#define KEY_CLASSES    "candela.classes"
#define KEY_PREPROCESS "candela.preprocess"
#define KEY_SOURCE     "candela.source"
#define KEY_TRAINING   "candela.training"
#define KEY_ENCODER    "candela.encoder"

/* A loaded card: the public part, whose texts point to the memory that the other fields own. */
typedef struct loaded_card {
    cd_card card;
    char *architecture, *options, *source, *training, *encoder;
    const char **classes;
    char *names; /* the characters of all names of classes, to which `classes` points */
} loaded_card;

_Static_assert(sizeof(cd_object) <= sizeof(((cd_card *)0)->object_), "room for the object header");
_Static_assert(_Alignof(cd_object) <= _Alignof(cd_card), "the object header begins the card");

static void destroy(cd_object *object)
{
    loaded_card *c = (loaded_card *)object;
    cd_free(c->architecture);
    cd_free(c->options);
    cd_free(c->source);
    cd_free(c->training);
    cd_free(c->encoder);
    cd_free(c->classes);
    cd_free(c->names);
}

static const cd_class card_class = { CD_KIND_CARD, "card", NULL, destroy };

/* The longest text of a card, in bytes. Parsed JSON needs up to twelve times the memory of its
 * text, and loading a model promises to need at most 64 MiB beside the tensors. */
enum { LONGEST_TEXT = 1 << 20 };
#define TOO_LONG "save_model: the card's %s take more than %d bytes"

/* False for NULL too. */
static bool is_too_long(const char *text)
{
    return text && strnlen(text, LONGEST_TEXT + 1) > LONGEST_TEXT;
}

/* --- saving ----------------------------------------------------------------------------------- */

/* Checks that the text is a JSON object, or NULL. */
static bool check_object(const char *text, const char *label, cd_code code)
{
    if (!text) return true;
    cd_json_document document;
    if (!cd_json_parse(&document, label, text, code)) return false;
    bool is_object = cd_json_is(document.root, CD_JSON_OBJECT);
    cd_json_free(&document);
    return is_object || cd_fail(code, "%s: the JSON must be an object", label);
}

/* The names of the classes as a JSON list, for cd_free; NULL with an error. */
static char *classes_to_json(const cd_card *card)
{
    cd_json_writer w = { .max_size = LONGEST_TEXT };
    cd_json_put(&w, "[");
    for (int64_t i = 0; i < card->class_count; i++) {
        const char *name = card->classes[i];
        if (!name || !cd_utf8_valid(name, strlen(name))) {
            (void)cd_fail(CD_ERR_ARGUMENT, "save_model: the name of class %lld is %s", (long long)i,
                          name ? "not UTF-8" : "NULL");
            break;
        }
        if (i > 0) cd_json_put(&w, ",");
        cd_json_put_string(&w, name);
    }
    cd_json_put(&w, "]");
    char *text = cd_json_finish(&w);
    if (w.too_long) {
        (void)cd_fail(CD_ERR_ARGUMENT, TOO_LONG, "names of classes", LONGEST_TEXT);
    }
    if (cd_ok()) return text;
    cd_free(text);
    return NULL;
}

/* A visitor: adds the tensor's elements to an int64_t. */
static bool count_elements(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    *(int64_t *)user += cd_numel(t);
    return true;
}

static bool is_tree(const cd_card *card)
{
    return !card->architecture || strcmp(card->architecture, CD_TREE_ARCHITECTURE) == 0;
}

/* Checks that the tree is that of m: that it can be made again from it; and that the card's encoder
 * fits it. */
static bool check_tree(const char *tree, const cd_card *card)
{
    static const char where_[] = "save_model";
    CD_SCOPE();
    cd_model_spec spec;
    /* The second time as from the file, which has at least so many tensors. */
    if (!cd_model_spec_read(&spec, CD_TREE_ARCHITECTURE, tree, CD_ERR_UNSUPPORTED, where_) ||
        !cd_model_spec_read_from(&spec, CD_TREE_ARCHITECTURE, tree, spec.stored, CD_ERR_UNSUPPORTED,
                                 where_)) {
        return false;
    }
    char *again = cd_tree_write(spec.meta, "save_model");
    const bool same = again && strcmp(tree, again) == 0;
    cd_free(again);
    if (same) return cd_card_check_encoder(card, &spec, CD_ERR_ARGUMENT, where_);
    return cd_ok() && cd_fail(CD_ERR_UNSUPPORTED,
                              "save_model: the module made again from its options would be another "
                              "one: the make function of a class gives other modules or names than "
                              "this one has");
}

/* Checks that cd_load_model could make this module from the card. */
static bool check_zoo(cd_module *m, const cd_card *card)
{
    CD_SCOPE();
    cd_model_spec spec;
    if (!cd_model_spec_read(&spec, card->architecture, card->options, CD_ERR_ARGUMENT,
                            "save_model"))
        return false;
    int64_t elements = 0;
    if (!cd_visit(m, count_elements, &elements)) return false;
    if (elements != spec.elements) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save_model: the module holds %lld numbers, and the %s that its card "
                       "describes holds %lld",
                       (long long)elements, card->architecture, (long long)spec.elements);
    }
    if (!cd_model_spec_fits(&spec, m)) {
        return cd_ok() &&
               cd_fail(CD_ERR_ARGUMENT,
                       "save_model: the module, a %s, is not the %s that its card describes: they "
                       "differ in their layers, or in the names and shapes of their tensors",
                       cd_module_name(m), card->architecture);
    }
    if (card->class_count != (card->classes ? spec.outputs : 0)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save_model: the card has %lld names of classes%s, and the model has %lld "
                       "outputs",
                       (long long)card->class_count, card->classes ? "" : ", .classes is NULL",
                       (long long)spec.outputs);
    }
    return cd_card_check_encoder(card, &spec, CD_ERR_ARGUMENT, "save_model");
}

/* Checks what cards of all models have. */
static bool check_card(const cd_card *card)
{
    if (card->class_count < 0 || (card->class_count > 0) != !!card->classes) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "save_model: .classes is %s and .class_count is %lld: both must be given, "
                       "the names and how many they are, or neither",
                       card->classes ? "given" : "NULL", (long long)card->class_count);
    }
    return check_object(card->training, "save_model: the card's training record", CD_ERR_ARGUMENT);
}

/* `plural` is what the text holds, for the message "the card's options take more than ...". */
static bool check_length(const char *text, const char *plural)
{
    return !is_too_long(text) || cd_fail(CD_ERR_ARGUMENT, TOO_LONG, plural, LONGEST_TEXT);
}

/* `tree` is the JSON of the module's own tree; NULL for a model of the zoo. */
static bool save_texts(cd_module *m, const cd_card *card, const char *path, const char *tree,
                       const char *classes, const char *preprocess)
{
    const char *options = tree ? tree : card->options ? card->options : "{}";
    cd_text_pair texts[7] = { { KEY_MODEL, tree ? CD_TREE_ARCHITECTURE : card->architecture },
                              { KEY_OPTIONS, options } };
    int64_t count = 2;
    if (classes) texts[count++] = (cd_text_pair){ KEY_CLASSES, classes };
    if (preprocess) texts[count++] = (cd_text_pair){ KEY_PREPROCESS, preprocess };
    if (card->source) texts[count++] = (cd_text_pair){ KEY_SOURCE, card->source };
    if (card->training) texts[count++] = (cd_text_pair){ KEY_TRAINING, card->training };
    if (card->encoder) texts[count++] = (cd_text_pair){ KEY_ENCODER, card->encoder };
    return cd_save(m, path, .texts = texts, .text_count = count);
}

bool cd_save_model(cd_module *m, const cd_card *card, const char *path)
{
    if (!cd_ok() || !cd_check_module(m, "save_model", "the module")) return false;
    if (!card) return cd_fail(CD_ERR_ARGUMENT, "save_model: the card is NULL");
    const bool as_tree = is_tree(card);
    if ((!as_tree && (!check_zoo(m, card) || !check_length(card->options, "options"))) ||
        !check_card(card) || !check_length(card->source, "words on its source") ||
        !check_length(card->training, "training records")) {
        return false;
    }
    char *tree = as_tree ? cd_tree_write(m, "save_model") : NULL;
    if (as_tree && (!tree || !check_tree(tree, card))) {
        cd_free(tree);
        return false;
    }
    char *classes = card->classes ? classes_to_json(card) : NULL;
    char *preprocess =
        cd_ok() && card->preprocess.channels != 0 ? cd_preprocess_to_json(&card->preprocess) : NULL;
    bool done = cd_ok() && save_texts(m, card, path, tree, classes, preprocess);
    cd_free(tree);
    cd_free(classes);
    cd_free(preprocess);
    return done;
}

/* --- loading ---------------------------------------------------------------------------------- */

enum { WHERE_BYTES = CD_BYTES_LABEL + 32 };

/* Where a text of the card is, for messages: "m.safetensors: candela.classes". */
static const char *where(const cd_tensor_file *f, const char *key, char text[WHERE_BYTES])
{
    const char *file = cd_tensor_file_archive(f, "load_model")->source.label;
    (void)snprintf(text, WHERE_BYTES, "%s%s%s", file, key ? ": " : "", key ? key : "");
    return text;
}

/* Sets *text to the file's text of this key, borrowed, or to NULL if there is none. */
static bool find_text(const cd_tensor_file *f, const char *key, const char **text)
{
    *text = cd_tensor_file_text(f, key);
    char prefix[WHERE_BYTES];
    return !is_too_long(*text) || cd_fail(CD_ERR_FORMAT, "%s: the text is longer than %d bytes",
                                          where(f, key, prefix), LONGEST_TEXT);
}

/* Copies the file's text of this key, if there is one: *owned and *shown are set to the copy. */
static bool copy_text(const cd_tensor_file *f, const char *key, char **owned, const char **shown)
{
    const char *text;
    if (!find_text(f, key, &text)) return false;
    if (!text) return true;
    *shown = *owned = cd_strdup(text);
    return *owned != NULL;
}

/* Takes the names out of a parsed list. They are not copied: the card becomes the owner of the
 * document's text. `prefix` begins error messages. */
static bool take_classes(loaded_card *c, cd_json_document *document, const char *prefix)
{
    const cd_json *list = document->root;
    if (!cd_json_is(list, CD_JSON_LIST) || list->count == 0) {
        return cd_fail(CD_ERR_FORMAT, "%s: the classes must be a JSON list of names", prefix);
    }
    c->classes = cd_alloc(list->count * sizeof *c->classes);
    if (!c->classes) return false;
    const cd_json *name = cd_json_first(list);
    for (uint32_t i = 0; i < list->count; i++, name = cd_json_after(name)) {
        if (!cd_json_is(name, CD_JSON_STRING)) {
            return cd_fail(CD_ERR_FORMAT, "%s: class %u is not a name", prefix, i);
        }
        c->classes[i] = name->string;
    }
    c->names = document->text;
    document->text = NULL;
    c->card.class_count = list->count;
    c->card.classes = c->classes;
    return true;
}

static bool read_classes(loaded_card *c, const cd_tensor_file *f)
{
    const char *text;
    if (!find_text(f, KEY_CLASSES, &text)) return false;
    if (!text) return true;
    char prefix[WHERE_BYTES];
    cd_json_document document;
    if (!cd_json_parse(&document, where(f, KEY_CLASSES, prefix), text, CD_ERR_FORMAT)) return false;
    bool done = take_classes(c, &document, prefix);
    cd_json_free(&document);
    return done;
}

static bool read_preprocess(loaded_card *c, const cd_tensor_file *f)
{
    const char *text = cd_tensor_file_text(f, KEY_PREPROCESS);
    if (!text || cd_preprocess_from_json(text, &c->card.preprocess)) return true;
    cd_error error;
    (void)cd_error_take(&error);
    char prefix[WHERE_BYTES];
    return cd_fail(error.code, "%s: %s", where(f, KEY_PREPROCESS, prefix), error.message);
}

static bool read_card(loaded_card *c, cd_model_spec *spec, const cd_tensor_file *f)
{
    char prefix[WHERE_BYTES];
    if (cd_tensor_file_format(f) < 0) return false;
    if (!cd_tensor_file_text(f, KEY_MODEL)) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s has no card: its metadata have no " KEY_MODEL
                       ", so it does not say which model it is",
                       where(f, NULL, prefix));
    }
    if (!copy_text(f, KEY_MODEL, &c->architecture, &c->card.architecture) ||
        !copy_text(f, KEY_OPTIONS, &c->options, &c->card.options) ||
        !copy_text(f, KEY_SOURCE, &c->source, &c->card.source) ||
        !copy_text(f, KEY_TRAINING, &c->training, &c->card.training) ||
        !copy_text(f, KEY_ENCODER, &c->encoder, &c->card.encoder)) {
        return false;
    }
    if (!cd_model_spec_read_from(spec, c->architecture, c->options, cd_tensor_file_count(f),
                                 CD_ERR_FORMAT, where(f, KEY_OPTIONS, prefix)) ||
        !read_classes(c, f) || !read_preprocess(c, f) ||
        !check_object(c->training, where(f, KEY_TRAINING, prefix), CD_ERR_FORMAT) ||
        !cd_card_check_encoder(&c->card, spec, CD_ERR_FORMAT, where(f, KEY_ENCODER, prefix))) {
        return false;
    }
    if (!c->classes || spec->tree || c->card.class_count == spec->outputs) return true;
    return cd_fail(CD_ERR_FORMAT, "%s: %lld names of classes, and the model has %lld outputs",
                   where(f, KEY_CLASSES, prefix), (long long)c->card.class_count,
                   (long long)spec->outputs);
}

/* Reads the card, which the caller owns, and the model that it describes; NULL with an error. */
static loaded_card *open_card(const cd_tensor_file *f, cd_model_spec *spec)
{
    if (!cd_tensor_file_archive(f, "load_model")) return NULL;
    loaded_card *c = cd_object_new(&card_class, sizeof *c);
    if (c && !read_card(c, spec, f)) {
        cd_object_disown((cd_object *)c);
        return NULL;
    }
    return c;
}

cd_card *cd_load_card_from(const cd_tensor_file *file)
{
    CD_SCOPE();
    cd_model_spec spec;
    return cd_ok() ? cd_escape(cd_hand(open_card(file, &spec))) : NULL;
}

cd_card *cd_load_card(const char *path)
{
    if (!cd_ok()) return NULL;
    CD_SCOPE();
    const cd_tensor_file *file = cd_tensor_file_open(path);
    return file ? cd_escape(cd_load_card_from(file)) : NULL;
}

/* Checks, before memory is allocated for the model, that the file has about as many elements as the
 * model: a small file could claim a model of any size. Files of old PyTorch versions lack the
 * num_batches_tracked of batch norm layers, so up to ABSENT elements may be missing. */
static bool check_size(const cd_model_spec *spec, const cd_tensor_file *f)
{
    enum { ABSENT = 1024 };
    int64_t elements = 0, count = cd_tensor_file_count(f);
    for (int64_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(elements, cd_tensor_file_elements(f, i), &elements)) {
            elements = INT64_MAX;
            break;
        }
    }
    char prefix[WHERE_BYTES];
    if (count < spec->stored) {
        return cd_fail(CD_ERR_FORMAT, "%s: the modules have %lld tensors, and the file has %lld",
                       where(f, KEY_OPTIONS, prefix), (long long)spec->stored, (long long)count);
    }
    if (elements >= spec->elements - ABSENT) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s: a model of these options holds %lld numbers, and the file %lld",
                   where(f, KEY_OPTIONS, prefix), (long long)spec->elements, (long long)elements);
}

cd_module *cd_load_model_with(cd_load_model_options o)
{
    if (!cd_ok() || !cd_check_path_or_file(o.path, o.file, "load_model") ||
        !cd_check_not_captured("load_model", "the elements come from a file")) {
        return NULL;
    }
    CD_SCOPE();
    cd_tensor_file *file = o.file ? o.file : cd_tensor_file_open(o.path);
    cd_model_spec spec;
    cd_card *card = file ? cd_hand(open_card(file, &spec)) : NULL;
    if (!card || !check_size(&spec, file)) return NULL;
    cd_module *m = cd_model_spec_make(&spec, CD_CPU);
    if (!cd_load(m, NULL, .file = file) || !cd_eval(m) || !cd_escape(m)) return NULL;
    if (!o.card) return m;
    if (!cd_escape(card)) return NULL;
    *o.card = card;
    return m;
}

/* --- the training record ---------------------------------------------------------------------- */

/* Parses the training record into *d and finds a field of it, which lives as long as *d. NULL if
 * there is none. The caller frees *d in either case. */
static const cd_json *training_field(cd_json_document *d, const cd_card *card, const char *key)
{
    *d = (cd_json_document){ .root = NULL };
    if (!card || !key) {
        (void)cd_fail(CD_ERR_ARGUMENT, "card: the %s is NULL", card ? "key" : "card");
    }
    if (!cd_ok() || !card->training) return NULL;
    return cd_json_parse(d, "card: the training record", card->training, CD_ERR_ARGUMENT)
               ? cd_json_get(d->root, key)
               : NULL;
}

bool cd_card_number(const cd_card *card, const char *key, double *out)
{
    cd_json_document document;
    const cd_json *value = training_field(&document, card, key);
    bool found = cd_json_is_number(value);
    if (found) *out = cd_json_number(value);
    cd_json_free(&document);
    return found;
}

bool cd_card_text(const cd_card *card, const char *key, char *out, size_t bytes)
{
    cd_json_document document;
    const cd_json *value = training_field(&document, card, key);
    bool found = cd_json_is(value, CD_JSON_STRING) && strlen(value->string) < bytes;
    if (found) memcpy(out, value->string, strlen(value->string) + 1);
    cd_json_free(&document);
    return found;
}
