/* candela info: shows what is in a file of tensors, and the model card if there is one. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/json.h"
#include "apps/model_file.h"
#include "apps/table.h"

typedef struct info_options {
    common_options common;
    const char *key;
} info_options;

/* What is shown, as text or JSON. */
typedef struct contents {
    const char *path;
    cd_tensor_file *file;
    int64_t tensors;         /* how many there are */
    int64_t elements, bytes; /* of all tensors together */
    cd_card *card;           /* NULL: none, or one that cannot be read */
    cd_encoder *encoder;     /* of the card; NULL: none */
    int64_t parameters;      /* of the model that the card names; -1: not known */
    char *modules;           /* the model as it is printed, if it is a tree of its own; owned */
    int format; /* of a file that Candela saved; -1: another program saved it, or not known */
} contents;

/* The bytes of `elements` elements. The first number in a dtype ("F32", "BF16", "F8_E4M3", "F4") is
 * its bits; BOOL, without a number, has 8, and what is no number ("TEXT") counts as nothing. */
static int64_t bytes_of(const char *dtype, int64_t elements)
{
    int64_t bits = strcmp(dtype, "BOOL") == 0 ? 8 : 0;
    while (*dtype && !isdigit((unsigned char)*dtype)) dtype++;
    if (*dtype) bits = strtol(dtype, NULL, 10);
    return elements / 8 * bits + elements % 8 * bits / 8; /* no overflow on the way */
}

/* Counts tensors, elements and bytes. */
static void count_tensors(contents *c)
{
    c->tensors = cd_tensor_file_count(c->file);
    for (int64_t i = 0; i < c->tensors; i++) {
        int64_t elements = cd_tensor_file_elements(c->file, i);
        c->elements += elements;
        c->bytes += bytes_of(cd_tensor_file_dtype(c->file, i), elements);
    }
}

/* Whether the pending error is no fault of the card: out of memory, or the file cannot be read. */
static bool is_failure(void)
{
    return cd_error_code() == CD_ERR_MEMORY || cd_error_code() == CD_ERR_IO;
}

/* The format, where the metadata say that Candela saved the file. An error stays pending for
 * read_card. */
static void read_format(contents *c)
{
    bool ours = cd_tensor_file_text(c->file, "candela.format") ||
                cd_tensor_file_text(c->file, "candela.model");
    c->format = ours ? cd_tensor_file_format(c->file) : -1;
}

static bool is_tree(const cd_card *card)
{
    return strcmp(card->architecture, "tree") == 0;
}

/* Prints the modules of the model to c->modules. */
static bool print_modules(contents *c, cd_module *model)
{
    size_t bytes;
    FILE *f = open_memstream(&c->modules, &bytes);
    const bool printed = f && cd_print_module(f, model), closed = f && fclose(f) == 0;
    if (printed && closed && c->modules) return true;
    return cd_ok() && cd_fail(CD_ERR_MEMORY, "out of memory for the modules' names");
}

/* Makes the encoder of the card, if it has one: it was checked when the card was loaded. */
static bool read_encoder(contents *c)
{
    if (c->card && c->card->encoder) c->encoder = cd_encoder_from_json(c->card->encoder);
    return cd_ok();
}

/* Loads the card, and the model to count its parameters. A card that is wrong, or does not fit the
 * tensors, is a warning, and the rest of the file is shown. False with a library error when that
 * cannot be found out. */
static bool read_card(contents *c)
{
    c->parameters = -1;
    if (cd_ok() && !cd_tensor_file_text(c->file, "candela.model")) return true;
    cd_module *model = cd_load_model(NULL, .file = c->file, .card = &c->card);
    if (model) {
        c->parameters = cd_num_parameters(model);
        return read_encoder(c) && (!is_tree(c->card) || print_modules(c, model));
    }
    if (is_failure()) return false;
    cd_error error;
    (void)cd_error_take(&error);
    warn("the model in it cannot be used: %s", error.message);
    c->card = cd_load_card_from(c->file);
    if (is_failure()) return false;
    cd_clear_error();
    return read_encoder(c);
}

/* --- text ------------------------------------------------------------------------------------- */

static void widen(int *width, int needed)
{
    if (needed > *width) *width = needed;
}

/* The table of tensors, with columns as wide as this file needs. */
static table tensor_table(const contents *c)
{
    enum { READABLE = 24 };
    int name = 4, dtype = 5, shape = 5, elements = 7, bytes = 5; /* the widths of the heads */
    for (int64_t i = 0; i < c->tensors; i++) {
        char text[SHOWN_BYTES], dims[CD_SHAPE_TEXT];
        int64_t count = cd_tensor_file_elements(c->file, i);
        const char *type = cd_tensor_file_dtype(c->file, i);
        widen(&name, cells(shown(cd_tensor_file_name(c->file, i), 0, text)));
        widen(&dtype, cells(type));
        widen(&shape, cells(cd_shape_text(cd_tensor_file_shape(c->file, i), dims)));
        widen(&elements, snprintf(text, sizeof text, "%lld", (long long)count));
        widen(&bytes, snprintf(text, sizeof text, "%lld", (long long)bytes_of(type, count)));
    }
    table t = { .column = { { .head = "name",
                              .width = name,
                              .min_width = name < READABLE ? name : READABLE,
                              .text = true },
                            { .head = "dtype",
                              .gap = 2,
                              .width = dtype,
                              .min_width = dtype,
                              .drop_order = 3,
                              .text = true },
                            { .head = "shape", .gap = 1, .width = 16, .min_width = shape },
                            { .head = "numbers",
                              .gap = 1,
                              .width = 12,
                              .min_width = elements,
                              .drop_order = 2 },
                            { .head = "bytes",
                              .gap = 1,
                              .width = 14,
                              .min_width = bytes,
                              .drop_order = 1 } },
                .count = 5 };
    table_fit(&t, columns_left(0));
    return t;
}

/* Prints the modules of a tree, a line each. */
static void show_modules(const contents *c)
{
    blank_line();
    print_line_in(STYLE_STRONG, "modules");
    for (char *line = c->modules, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        print_line("  %.*s", (int)(end - line), line);
        if (*end) end++;
    }
}

static void show_tensors(const contents *c)
{
    table t = tensor_table(c);
    blank_line();
    table_head(&t);
    for (int64_t i = 0; i < c->tensors; i++) {
        char shape[CD_SHAPE_TEXT];
        const char *dtype = cd_tensor_file_dtype(c->file, i);
        int64_t elements = cd_tensor_file_elements(c->file, i);
        table_text(&t, cd_tensor_file_name(c->file, i));
        table_text(&t, dtype);
        table_text(&t, cd_shape_text(cd_tensor_file_shape(c->file, i), shape));
        table_number(&t, "%lld", (long long)elements);
        table_number(&t, "%lld", (long long)bytes_of(dtype, elements));
    }
}

/* Prints a text, escaped and cut where it is longer than a few lines. */
static void show_text(const char *key, const char *value)
{
    char name[SHOWN_BYTES], text[SHOWN_BYTES];
    print_line("  %s: %s", shown(key, 0, name), shown(value, 0, text));
}

/* Prints the metadata that are not part of the card. */
static void show_metadata(const contents *c)
{
    int64_t count = cd_tensor_file_text_count(c->file);
    bool first = true;
    for (int64_t i = 0; i < count; i++) {
        cd_text_pair text = cd_tensor_file_text_at(c->file, i);
        if (c->card && strncmp(text.key, "candela.", 8) == 0) continue;
        if (first) {
            blank_line();
            print_line_in(STYLE_STRONG, "metadata");
        }
        first = false;
        show_text(text.key, text.value);
    }
}

/* Copies JSON on one line to `out`, with a space after each comma and colon, so that the line can
 * be wrapped there. Returns `out`. */
static const char *spaced(const char *json, char out[SHOWN_BYTES])
{
    bool quoted = false;
    size_t used = 0;
    for (; *json && used + 3 < SHOWN_BYTES; json++) {
        out[used++] = *json;
        if (quoted && *json == '\\' && json[1]) {
            out[used++] = *++json;
        } else if (*json == '"') {
            quoted = !quoted;
        } else if (!quoted && (*json == ',' || *json == ':') && json[1] != ' ') {
            out[used++] = ' ';
        }
    }
    out[used] = '\0';
    return out;
}

/* Prints `begin` and the first names. */
static void show_names(const char *begin, const char *const *names, int64_t count)
{
    enum { SHOWN = 10, LONGEST = 60, BYTES = LONGEST * LONGEST_CHARACTER };
    /* shown() limits the columns of a name but not its bytes: combining accents take no columns. */
    char line[SHOWN * (BYTES + 2)] = "", name[SHOWN_BYTES], cut[BYTES];
    int used = 0;
    for (int64_t k = 0; k < count && k < SHOWN; k++) {
        used += snprintf(line + used, sizeof line - (size_t)used, "%s %s", k ? "," : "",
                         cd_escape_text(cut, sizeof cut, shown(names[k], LONGEST, name)));
    }
    print_line("%s%s%s", begin, line, count > SHOWN ? ", ..." : "");
}

static void show_classes(const cd_card *card)
{
    char begin[64];
    (void)snprintf(begin, sizeof begin, "  classes: %lld:", (long long)card->class_count);
    show_names(begin, card->classes, card->class_count);
}

/* Prints a column of a table, by which rows become inputs, or the label. */
static void show_column(const char *begin, const cd_encoder_column *c)
{
    char name[SHOWN_BYTES], line[2 * SHOWN_BYTES];
    (void)shown(c->name, 60, name);
    if (c->categories) {
        (void)snprintf(line, sizeof line, "%s%s: %lld %s:", begin, name,
                       (long long)c->category_count, c->first < 0 ? "classes" : "texts");
        show_names(line, c->categories, c->category_count);
    } else if (c->std == 0) {
        print_line("%s%s: always %g", begin, name, c->mean);
    } else if (c->first < 0 && c->mean == 0 && c->std == 1) {
        print_line("%s%s: numbers, as they are", begin, name);
    } else {
        print_line("%s%s: numbers, of mean %g and standard deviation %g", begin, name, c->mean,
                   c->std);
    }
}

/* How the rows of tables become inputs. */
static void show_encoder(const cd_encoder *e)
{
    enum { MOST = 40 };
    char inputs[COUNTED_BYTES], columns[COUNTED_BYTES];
    const int64_t count = cd_encoder_column_count(e);
    const cd_encoder_column label = cd_encoder_label_column(e);
    show_column("  label: ", &label);
    print_line("  inputs: %s of %s",
               counted(cd_encoder_input_count(e), "number", "numbers", inputs),
               counted(count, "column", "columns", columns));
    for (int64_t i = 0; i < count && i < MOST; i++) {
        const cd_encoder_column c = cd_encoder_column_at(e, i);
        show_column("    ", &c);
    }
    if (count > MOST) print_line("    ... (--json has all %lld columns)", (long long)count);
}

static void show_preprocess(const cd_preprocess *p)
{
    char size[48] = "stretched";
    if (p->resize > 0) {
        (void)snprintf(size, sizeof size, "shorter side %d pixels", p->resize);
    }
    print_line("  pictures: %s, %d x %d pixels, %s%s", size, p->crop_height, p->crop_width,
               p->channels == 1 ? "grey" : "RGB", p->invert ? ", inverted" : "");
}

static void show_format(const contents *c)
{
    char name[SHOWN_BYTES];
    const char *version = cd_tensor_file_text(c->file, "candela.version");
    print_line("  file format: %d%s%s", c->format, version ? ", written by Candela " : "",
               version ? shown(version, 0, name) : "");
}

static void show_card(const contents *c)
{
    const cd_card *card = c->card;
    char text[SHOWN_BYTES];
    blank_line();
    print_line_in(STYLE_STRONG, "model card");
    if (c->modules) {
        print_line("  model: a tree of its own modules, above");
    } else {
        print_line("  model: %s %s", card->architecture,
                   spaced(card->options ? card->options : "", text));
    }
    show_format(c);
    if (c->parameters >= 0) print_line("  parameters: %lld", (long long)c->parameters);
    if (card->classes) show_classes(card);
    if (c->encoder) show_encoder(c->encoder);
    if (card->preprocess.channels != 0) show_preprocess(&card->preprocess);
    if (card->source) show_text("started from", card->source);
    if (card->training) show_text("training", spaced(card->training, text));
}

/* Says where in the file the tensors lie. */
static void show_key(const contents *c)
{
    char text[SHOWN_BYTES];
    const char *key = cd_tensor_file_key(c->file);
    if (*key) print_line("the tensors are those under \"%s\"", shown(key, 0, text));
}

static void show(const contents *c)
{
    char tensors[COUNTED_BYTES];
    print_line("%s: %s, %lld bytes", c->path, cd_tensor_file_kind(c->file),
               (long long)cd_tensor_file_bytes(c->file));
    print_line("%s, %lld numbers, %lld bytes of data",
               counted(c->tensors, "tensor", "tensors", tensors), (long long)c->elements,
               (long long)c->bytes);
    show_key(c);
    if (c->modules) show_modules(c);
    show_tensors(c);
    show_metadata(c);
    if (c->card) show_card(c);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *tensors_to_json(const contents *c)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < c->tensors; i++) {
        cd_shape shape = cd_tensor_file_shape(c->file, i);
        const char *dtype = cd_tensor_file_dtype(c->file, i);
        int64_t elements = cd_tensor_file_elements(c->file, i);
        json_t *one = json_object(), *dims = json_array();
        for (int d = 0; d < shape.ndim; d++) append_integer(dims, shape.dim[d]);
        put_text(one, "name", cd_tensor_file_name(c->file, i));
        put_text(one, "dtype", dtype);
        put_json(one, "shape", dims);
        put_integer(one, "numbers", elements);
        put_integer(one, "bytes", bytes_of(dtype, elements));
        append_json(list, one);
    }
    return list;
}

static json_t *metadata_to_json(const contents *c)
{
    json_t *object = json_object();
    int64_t count = cd_tensor_file_text_count(c->file);
    for (int64_t i = 0; i < count; i++) {
        cd_text_pair text = cd_tensor_file_text_at(c->file, i);
        put_text(object, text.key, text.value);
    }
    return object;
}

static json_t *card_to_json(const contents *c)
{
    const cd_card *card = c->card;
    if (!card) return json_null();
    json_t *object = json_object(), *classes = json_array();
    for (int64_t k = 0; k < card->class_count; k++) append_text(classes, card->classes[k]);
    put_text(object, "model", card->architecture);
    put_json_text(object, "options", card->options ? card->options : "{}");
    if (c->parameters < 0) {
        put_json_text(object, "parameters", NULL);
    } else {
        put_integer(object, "parameters", c->parameters);
    }
    put_json(object, "classes", classes);
    put_text(object, "source", card->source);
    put_json_text(object, "training", card->training);
    put_json_text(object, "encoder", card->encoder);
    return object;
}

static json_t *to_json(const contents *c)
{
    json_t *object = json_object();
    put_text(object, "file", c->path);
    put_text(object, "container", cd_tensor_file_kind(c->file));
    put_text(object, "key", cd_tensor_file_key(c->file));
    put_integer(object, "file_bytes", cd_tensor_file_bytes(c->file));
    if (c->format < 0) {
        put_json(object, "candela_format", json_null());
    } else {
        put_integer(object, "candela_format", c->format);
    }
    put_integer(object, "numbers", c->elements);
    put_integer(object, "bytes", c->bytes);
    put_json(object, "tensors", tensors_to_json(c));
    put_json(object, "texts", metadata_to_json(c));
    put_json(object, "card", card_to_json(c));
    return object;
}

static int run_info(const command *self, const void *values, char *const *operands, int count)
{
    (void)self;
    (void)count;
    const info_options *o = values;
    contents c = { .path = operands[0], .file = cd_tensor_file_open(operands[0], .key = o->key) };
    int status = 0;
    if (!c.file) return failed_in_library();
    count_tensors(&c);
    read_format(&c);
    if (!read_card(&c)) {
        status = failed_in_library();
    } else if (o->common.json) {
        status = !print_json(to_json(&c));
    } else {
        show(&c);
    }
    free(c.modules);
    return status;
}

static const option info_option_list[] = { KEY_OPTION(info_options, key) };

const command info_command = {
    .name = "info",
    .summary = "shows what is in a file of tensors: safetensors or PyTorch's .pth",
    .operands = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .options = info_option_list,
    .option_count = sizeof info_option_list / sizeof *info_option_list,
    .values_bytes = sizeof(info_options),
    .details = "The container is found out from the bytes of the file. Nothing in it is run.",
    .example = "candela info fashion.safetensors",
    .run = run_info,
};
