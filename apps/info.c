/* candela info: what is in a file of tensors. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/json.h"

/* Everything that is shown, as text or JSON. */
typedef struct contents {
    const char *path;
    cd_tensor_file *file;
    int64_t tensors, numbers, bytes; /* bytes of the tensors */
    long long file_bytes;
    cd_card *card;      /* NULL: there is none that can be read */
    int64_t parameters; /* by the card's model; -1: not known */
} contents;

/* Bytes of an element: "F32", "BF16", "F8_E4M3", "BOOL". */
static int64_t width(const char *dtype)
{
    while (*dtype && !isdigit((unsigned char)*dtype)) dtype++;
    int64_t bits = *dtype ? strtol(dtype, NULL, 10) : 8;
    return bits >= 8 ? bits / 8 : 1;
}

static void add_up(contents *c)
{
    c->tensors = cd_tensor_file_count(c->file);
    for (int64_t i = 0; i < c->tensors; i++) {
        int64_t numbers = cd_tensor_file_elements(c->file, i);
        c->numbers += numbers;
        c->bytes += numbers * width(cd_tensor_file_dtype(c->file, i));
    }
}

/* A card that cannot be read, or does not fit the tensors, is said so, and the rest is shown. False
 * when that could not be found out for want of memory. */
static bool read_card(contents *c)
{
    c->parameters = -1;
    if (!cd_tensor_file_text(c->file, "candela.model")) return true;
    cd_module *model = cd_load_model(c->path, .card = &c->card);
    if (model) {
        c->parameters = cd_num_parameters(model);
        return cd_ok();
    }
    if (cd_error_code() == CD_ERR_MEMORY) return false;
    cd_error error;
    (void)cd_error_take(&error);
    warn("the model in it cannot be used: %s", error.message);
    c->card = cd_load_card(c->path);
    if (cd_error_code() == CD_ERR_MEMORY) return false;
    cd_clear_error();
    return true;
}

/* --- text ------------------------------------------------------------------------------------- */

static int name_width(const contents *c)
{
    size_t longest = 4;
    for (int64_t i = 0; i < c->tensors; i++) {
        size_t length = strlen(cd_tensor_file_name(c->file, i));
        if (length > longest) longest = length;
    }
    return longest > 60 ? 60 : (int)longest;
}

static void show_tensors(const contents *c)
{
    int wide = name_width(c);
    printf("\n%-*s  %-5s %16s %12s %14s\n", wide, "name", "dtype", "shape", "numbers", "bytes");
    for (int64_t i = 0; i < c->tensors; i++) {
        char shape[CD_SHAPE_TEXT], name[SHOWN_BYTES];
        const char *dtype = cd_tensor_file_dtype(c->file, i);
        int64_t numbers = cd_tensor_file_elements(c->file, i);
        printf("%-*s  %-5s %16s %12lld %14lld\n", wide,
               shown(cd_tensor_file_name(c->file, i), name), dtype,
               cd_shape_text(cd_tensor_file_shape(c->file, i), shape), (long long)numbers,
               (long long)(numbers * width(dtype)));
    }
}

static void show_texts(const contents *c)
{
    int64_t count = cd_tensor_file_text_count(c->file);
    bool first = true;
    char line[SHOWN_BYTES];
    for (int64_t i = 0; i < count; i++) {
        cd_text_pair text = cd_tensor_file_text_at(c->file, i);
        if (c->card && strncmp(text.key, "candela.", 8) == 0) continue; /* shown as the card */
        if (first) printf("\ntexts\n");
        first = false;
        printf("  %s: ", shown(text.key, line));
        printf("%s\n", shown(text.value, line));
    }
}

static void show_card(const contents *c)
{
    const cd_card *card = c->card;
    const cd_preprocess *p = &card->preprocess;
    char line[SHOWN_BYTES];
    printf("\ncard\n  model: %s", card->architecture);
    printf(" %s\n", shown(card->options ? card->options : "", line));
    if (c->parameters >= 0) printf("  parameters: %lld\n", (long long)c->parameters);
    if (card->classes) {
        printf("  classes: %lld:", (long long)card->class_count);
        for (int64_t k = 0; k < card->class_count && k < 10; k++) {
            printf("%s %s", k ? "," : "", shown(card->classes[k], line));
        }
        printf("%s\n", card->class_count > 10 ? ", ..." : "");
    }
    if (p->channels != 0) {
        char shorter[48] = "stretched";
        if (p->resize > 0) {
            (void)snprintf(shorter, sizeof shorter, "shorter side %d pixels", p->resize);
        }
        printf("  pictures: %s, %d x %d pixels, %s%s\n", shorter, p->crop_height, p->crop_width,
               p->channels == 1 ? "grey" : "RGB", p->invert ? ", inverted" : "");
    }
    if (card->source) printf("  started from: %s\n", shown(card->source, line));
    if (card->training) printf("  training: %s\n", shown(card->training, line));
}

static void show(const contents *c)
{
    char tensors[COUNTED_BYTES];
    printf("%s: %s, %lld bytes\n", c->path, cd_tensor_file_kind(c->file), c->file_bytes);
    printf("%s, %lld numbers, %lld bytes of data\n",
           counted(c->tensors, "tensor", "tensors", tensors), (long long)c->numbers,
           (long long)c->bytes);
    show_tensors(c);
    show_texts(c);
    if (c->card) show_card(c);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *tensors_to_json(const contents *c)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < c->tensors; i++) {
        cd_shape shape = cd_tensor_file_shape(c->file, i);
        const char *dtype = cd_tensor_file_dtype(c->file, i);
        int64_t numbers = cd_tensor_file_elements(c->file, i);
        json_t *one = json_object(), *dims = json_array();
        for (int d = 0; d < shape.ndim; d++) append_whole(dims, shape.dim[d]);
        put_text(one, "name", cd_tensor_file_name(c->file, i));
        put_text(one, "dtype", dtype);
        put_json(one, "shape", dims);
        put_whole(one, "numbers", numbers);
        put_whole(one, "bytes", numbers * width(dtype));
        append_json(list, one);
    }
    return list;
}

static json_t *texts_to_json(const contents *c)
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
        put_whole(object, "parameters", c->parameters);
    }
    put_json(object, "classes", classes);
    put_text(object, "source", card->source);
    put_json_text(object, "training", card->training);
    return object;
}

static json_t *to_json(const contents *c)
{
    json_t *object = json_object();
    put_text(object, "file", c->path);
    put_text(object, "container", cd_tensor_file_kind(c->file));
    put_whole(object, "file_bytes", c->file_bytes);
    put_whole(object, "numbers", c->numbers);
    put_whole(object, "bytes", c->bytes);
    put_json(object, "tensors", tensors_to_json(c));
    put_json(object, "texts", texts_to_json(c));
    put_json(object, "card", card_to_json(c));
    return object;
}

static int run_info(const command *self, const void *values, char *const *operands, int count)
{
    (void)self;
    (void)count;
    const common_options *o = values;
    contents c = { .path = operands[0], .file = cd_tensor_file_open(operands[0]) };
    struct stat info;
    if (!c.file) return failed_in_library();
    c.file_bytes = stat(c.path, &info) == 0 ? (long long)info.st_size : 0;
    add_up(&c);
    if (!read_card(&c)) return failed_in_library();
    if (o->json) return !print_json(to_json(&c));
    show(&c);
    return 0;
}

const command info_command = {
    .name = "info",
    .does = "shows what is in a file of tensors: safetensors or PyTorch's .pth",
    .operands = "FILE",
    .least_operands = 1,
    .most_operands = 1,
    .values_bytes = sizeof(common_options),
    .details = "The container is found out from the bytes. Nothing in the file is run.",
    .example = "candela info resnet18-f37072fd.pth",
    .run = run_info,
};
