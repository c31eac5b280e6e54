/* Makes modules from any text as a tree of modules (models/tree.h), and models from cards with such
 * a tree.
 *
 * Checked:
 *   - a text is refused with a sentence, on the meta device and on the CPU alike, or gives a module
 *     that can be printed, visited and written down;
 *   - the module made from what was written has the same tree and the same tensors;
 *   - a small module can be saved and loaded, and the file of the loaded one has the same bytes;
 *   - reading takes no more memory than TREE_MEMORY. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "models/card.h"
#include "models/tree.h"
#include "nn/layers.h"
#include "nn/module_internal.h"
#include "tests/fuzz/fuzz.h"

enum { TREE_MEMORY = 256 << 20, SMALL_MODEL = 20000 /* elements */ };

/* --- a class of the user's own ---------------------------------------------------------------- */

/* y = weight x + bias(x): a parameter and a child that stay empty until the tree fills them. */
typedef struct scaled_options {
    int64_t width;
    bool inner;
    cd_dtype dtype;
    cd_device device;
} scaled_options;

typedef struct scaled {
    cd_module module;
    cd_module *inner;
    cd_tensor *weight;
    scaled_options options;
} scaled;

static bool scaled_forward(cd_module *m, const cd_arguments *a)
{
    a->out[0] = cd_mul(a->in[0], ((scaled *)m)->weight);
    return a->out[0];
}

static const cd_option scaled_table[] = {
    { "width", CD_OPTION(scaled_options, width, INTEGER), .required = true, .min = 0, .max = 64 },
    { "inner", CD_OPTION(scaled_options, inner, BOOL) },
    CD_OPTIONS_END,
};

static cd_module *scaled_make(const void *options);
static const cd_module_class scaled_class = {
    .name = "Scaled",
    .size = sizeof(scaled),
    .inputs = 1,
    .forward = scaled_forward,
    CD_CLASS_OPTIONS(scaled, options, scaled_table),
    .make = scaled_make,
};

static cd_module *scaled_make(const void *options)
{
    CD_SCOPE();
    scaled_options o = *(const scaled_options *)options;
    if (!cd_options_fill(scaled_table, &o, "scaled")) return NULL;
    scaled *s = (scaled *)cd_module_new(&scaled_class);
    if (!s) return NULL;
    s->options = o;
    (void)cd_register_parameter(&s->module, "weight", &s->weight, cd_ones(CD_SHAPE(o.width)));
    (void)cd_register_child(&s->module, "inner", &s->inner, o.inner ? cd_nn_linear(2, 2) : NULL);
    return cd_ok() ? cd_escape(&s->module) : NULL;
}

/* --- the same module -------------------------------------------------------------------------- */

/* A visitor: a line for each tensor. */
static bool list_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    char shape[CD_SHAPE_TEXT];
    return fprintf(user, "%s %d %s %s %d\n", name, (int)kind, cd_dtype_name(cd_dtype_of(t)),
                   cd_shape_text(cd_shape_of(t), shape), (int)cd_requires_grad(t)) > 0;
}

/* The module as it is printed, and its tensors without their elements; NULL if they are long. The
 * caller frees the text. */
static char *describe(cd_module *m)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    FUZZ_CHECK(f && cd_print_module(f, m) && cd_visit(m, list_tensor, f));
    FUZZ_CHECK(fclose(f) == 0);
    return text;
}

static void check_same(cd_module *a, cd_module *b)
{
    char *first = describe(a), *second = describe(b);
    FUZZ_CHECK(strcmp(first, second) == 0);
    free(first);
    free(second);
}

/* A visitor: adds the elements of a tensor. */
static bool count(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    int64_t *elements = user;
    *elements += cd_numel(t) < SMALL_MODEL ? cd_numel(t) + 1 : SMALL_MODEL + 1;
    return *elements <= SMALL_MODEL;
}

static bool is_small(cd_module *m)
{
    int64_t elements = 0;
    const bool small = cd_visit(m, count, &elements);
    FUZZ_CHECK(cd_ok());
    return small;
}

/* --- one text --------------------------------------------------------------------------------- */

/* The tree of m; NULL when it is longer than a tree may be, which a short text can stand for. The
 * caller frees it. */
static char *write_down(cd_module *m)
{
    char *text = cd_module_to_json(m);
    if (!text) FUZZ_CHECK(cd_error_code() == CD_ERR_UNSUPPORTED && fuzz_refused());
    return text;
}

static void save_and_load(cd_module *m)
{
    char first[FUZZ_PATH_BYTES], second[FUZZ_PATH_BYTES];
    const cd_card card = { .source = "fuzz" };
    (void)fuzz_path("first.safetensors", first);
    (void)fuzz_path("second.safetensors", second);
    if (!cd_save_model(m, &card, first)) {
        FUZZ_CHECK(cd_error_code() == CD_ERR_UNSUPPORTED);
        (void)fuzz_refused();
        return;
    }
    cd_module *loaded = cd_load_model(first);
    FUZZ_CHECK(loaded);
    check_same(m, loaded);
    FUZZ_CHECK(cd_save_model(loaded, &card, second));
    fuzz_bytes a = fuzz_read(first), b = fuzz_read(second);
    FUZZ_CHECK(fuzz_same(&a, &b));
    free(a.data);
    free(b.data);
}

static void read_tree(const char *text)
{
    CD_SCOPE();
    cd_module *meta = cd_module_from_json(text, .device = CD_META);
    if (!meta) {
        FUZZ_CHECK(cd_error_code() == CD_ERR_ARGUMENT || cd_error_code() == CD_ERR_MEMORY);
        (void)fuzz_refused();
        return;
    }
    char *written = write_down(meta);
    if (!written) return;
    cd_module *again = cd_module_from_json(written, .device = CD_META);
    FUZZ_CHECK(again);
    check_same(meta, again);
    char *second = write_down(again);
    FUZZ_CHECK(second && strcmp(written, second) == 0);
    if (is_small(meta)) {
        cd_module *m = cd_module_from_json(text);
        FUZZ_CHECK(m);
        check_same(meta, m);
        save_and_load(m);
    }
    free(written);
    free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text || memchr(data, 0, size)) {
        free(text);
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    FUZZ_CHECK(cd_register_module_class(&scaled_class));
    fuzz_begin(TREE_MEMORY);
    read_tree(text);
    fuzz_end();
    free(text);
    return 0;
}
