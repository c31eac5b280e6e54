/* A model's card. The input is the texts of the card and the format of the file, in the order of
 * `keys` below, separated by NULs; an empty text is left out. The target writes them as the
 * metadata of a safetensors file without tensors.
 *
 * Checked:
 *   - the card is read or refused with a sentence, whether it is opened by its path or from the
 *     open file, and it is always refused in a format that is not known;
 *   - `candela info` shows the file, as text and as JSON, or fails with a sentence;
 *   - the encoder of a card that was read is one, and encodes a row;
 *   - if the card was read and its model is small, the model can be made, saved and loaded, the
 *     loaded card is the same, and saving it once more gives the same file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "io/dataset_make.h"
#include "io/json_tree_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "tests/fuzz/program.h"

enum { CARD_MEMORY = 32 << 20, SMALL_MODEL = 20000 /* elements */ };

/* --- the file --------------------------------------------------------------------------------- */

static void put_string(fuzz_bytes *out, const void *text, size_t size)
{
    const uint8_t *byte = text;
    fuzz_put(out, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        char escaped[8];
        if (byte[i] >= ' ' && byte[i] != '"' && byte[i] != '\\') {
            fuzz_put(out, &byte[i], 1);
            continue;
        }
        (void)snprintf(escaped, sizeof escaped, "\\u%04x", byte[i]);
        fuzz_put(out, escaped, 6);
    }
    fuzz_put(out, "\"", 1);
}

static void write_file(const char *path, fuzz_input in)
{
    static const char *const keys[] = { "candela.model",      "candela.options", "candela.classes",
                                        "candela.preprocess", "candela.source",  "candela.training",
                                        "candela.format",     "candela.encoder" };
    static const char begin[] = "{\"__metadata__\":{\"format\":\"pt\"";
    fuzz_bytes header = { .size = 0 }, file = { .size = 0 };
    fuzz_put(&header, begin, sizeof begin - 1);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        fuzz_input text = fuzz_word(&in);
        if (text.size == 0) continue;
        fuzz_put(&header, ",", 1);
        put_string(&header, keys[i], strlen(keys[i]));
        fuzz_put(&header, ":", 1);
        put_string(&header, text.data, text.size);
    }
    fuzz_put(&header, "}}", 2);
    fuzz_put_le(&file, header.size, 8);
    fuzz_put(&file, header.data, header.size);
    fuzz_write(path, file.data, file.size);
    free(header.data);
    free(file.data);
}

/* --- the same card ---------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_preprocess(const cd_preprocess *a, const cd_preprocess *b)
{
    size_t bytes = (size_t)a->channels * sizeof *a->mean;
    return a->resize == b->resize && a->crop_width == b->crop_width &&
           a->crop_height == b->crop_height && a->channels == b->channels &&
           a->invert == b->invert && memcmp(a->mean, b->mean, bytes) == 0 &&
           memcmp(a->std, b->std, bytes) == 0;
}

static bool is_tree(const cd_card *card)
{
    return strcmp(card->architecture, "tree") == 0;
}

/* The options of a saved tree are the library's own text of it, and not the one that was read. */
static void compare(const cd_card *a, const cd_card *b)
{
    FUZZ_CHECK(same_text(a->architecture, b->architecture));
    FUZZ_CHECK(is_tree(a) ||
               same_text(a->options ? a->options : "{}", b->options ? b->options : "{}"));
    FUZZ_CHECK(same_text(a->source, b->source));
    FUZZ_CHECK(same_text(a->training, b->training));
    FUZZ_CHECK(same_text(a->encoder, b->encoder));
    FUZZ_CHECK(same_preprocess(&a->preprocess, &b->preprocess));
    FUZZ_CHECK(a->class_count == b->class_count);
    for (int64_t i = 0; i < a->class_count; i++) {
        FUZZ_CHECK(same_text(a->classes[i], b->classes[i]));
    }
}

/* --- reading, saving and reading again -------------------------------------------------------- */

static bool is_small(const cd_card *card)
{
    cd_model_spec spec;
    FUZZ_CHECK(cd_model_spec_read(&spec, card->architecture, card->options, CD_ERR_FORMAT, "fuzz"));
    FUZZ_CHECK(!card->classes || is_tree(card) || card->class_count == spec.outputs);
    return spec.elements <= SMALL_MODEL;
}

static void save_again(const cd_card *card)
{
    char first[FUZZ_PATH_BYTES], second[FUZZ_PATH_BYTES];
    (void)fuzz_path("first.safetensors", first);
    (void)fuzz_path("second.safetensors", second);
    cd_card *back = NULL;
    cd_module *m = cd_make_model(card->architecture, card->options);
    FUZZ_CHECK(m && cd_save_model(m, card, first));
    cd_module *loaded = cd_load_model(first, .card = &back);
    FUZZ_CHECK(loaded && back);
    compare(card, back);
    FUZZ_CHECK(cd_save_model(loaded, back, second));
    fuzz_bytes a = fuzz_read(first), b = fuzz_read(second);
    FUZZ_CHECK(fuzz_same(&a, &b));
    free(a.data);
    free(b.data);
}

/* Looks up fields of the training record that the program uses, and one whose key the fuzzer cannot
 * know. A field that is absent must leave the caller's variable alone. */
static void look_up(const cd_card *card)
{
    double number = 7;
    char text[32] = "7";
    if (!cd_card_number(card, "seed", &number)) FUZZ_CHECK(number == 7);
    if (!cd_card_text(card, "data", text, sizeof text)) FUZZ_CHECK(strcmp(text, "7") == 0);
    FUZZ_CHECK(!cd_card_number(card, "no such field", &number) && cd_ok());
}

/* The encoder of a card that was read; a table need not have its columns. */
static void encode(const cd_card *card)
{
    static const char csv[] = "a,b,k\n1,x,p\n2,y,q\n";
    char path[FUZZ_PATH_BYTES];
    if (!card->encoder) return;
    const cd_encoder *e = cd_encoder_from_json(card->encoder);
    fuzz_write(fuzz_path("table.csv", path), csv, sizeof csv - 1);
    const cd_table *t = cd_read_csv(path);
    FUZZ_CHECK(e && t);
    if (!cd_dataset_from_table(e, t)) (void)fuzz_refused();
    (void)remove(path);
}

static void read_card(const char *path)
{
    CD_SCOPE();
    cd_tensor_file *file = cd_tensor_file_open(path);
    if (!file) {
        (void)fuzz_refused();
        return;
    }
    cd_card *card = cd_load_card_from(file);
    int code = card ? CD_OK : fuzz_refused();
    int format = cd_tensor_file_format(file);
    FUZZ_CHECK(format >= 0 ? format <= CD_FILE_FORMAT : !card && fuzz_refused());
    cd_card *by_path = cd_load_card(path);
    if (!card) {
        FUZZ_CHECK(!by_path && fuzz_refused() == code);
        FUZZ_CHECK(!cd_load_model(NULL, .file = file));
        (void)fuzz_refused();
        return;
    }
    FUZZ_CHECK(by_path);
    compare(card, by_path);
    look_up(card);
    encode(card);
    if (is_small(card)) save_again(card);
}

/* --- the program ------------------------------------------------------------------------------ */

static void show(const char *path, char *form)
{
    char candela[] = "candela", info[] = "info", file[FUZZ_PATH_BYTES];
    memcpy(file, path, sizeof file);
    fuzz_bytes out, err;
    int status =
        fuzz_program(form ? 4 : 3, (char *[]){ candela, info, file, form, NULL }, &out, &err);
    FUZZ_CHECK(status == 0 || (status == 1 && err.size > 0 && out.size == 0));
    if (status == 0 && form) {
        cd_json_document document;
        FUZZ_CHECK(cd_json_parse(&document, "output", (char *)out.data, CD_ERR_FORMAT));
        cd_json_free(&document);
    }
    free(out.data);
    free(err.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_BYTES], json[] = "--json";
    write_file(fuzz_path("card.safetensors", path), (fuzz_input){ data, size });
    fuzz_begin(CARD_MEMORY);
    {
        CD_SCOPE();
        read_card(path);
        show(path, NULL);
        show(path, json);
    }
    fuzz_end();
    FUZZ_CHECK(fuzz_files() <= 3);
    return 0;
}
