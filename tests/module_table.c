/* Prints docs/modules.md: what the table of each class says of its options, in the order of
 * modules.def. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/module_internal.h"

static const char *const head =
    "# Every module\n"
    "\n"
    "Made from the tables of the classes in [modules.def](../nn/modules.def); a test holds this "
    "page\n"
    "against them, and compiles a call with each option. `build/tests/module_table > "
    "docs/modules.md`\n"
    "makes it anew.\n"
    "\n"
    "The class has PyTorch's name, and is printed as PyTorch prints it. Behind it stands the call "
    "that\n"
    "makes a module. Arguments are given in their order; options, which begin with a point, are "
    "given by\n"
    "name, as in `cd_nn_conv2d(3, 64, 7, .stride = 2)`. Behind an option stands its default, which "
    "is\n"
    "PyTorch's. The last column has what is called otherwise in PyTorch; there \"not\" is said of "
    "an option\n"
    "that says the opposite of PyTorch's, and None is PyTorch's default. The headers in "
    "[nn](../nn) "
    "have the\n"
    "prototypes, formulas and shapes. [own-modules.md](own-modules.md) writes a module of one's "
    "own.\n"
    "\n"
    "C cannot tell 0 from left out: an option of 0 is the default, and `CD_ZERO` means 0 where "
    "the\n"
    "default is another number. An option of two numbers takes the second, of the width, by a "
    "field of its\n"
    "own, which is the first where it is left out: `.stride = 2, .stride_w = 1`. For 0 as the "
    "second alone\n"
    "there are `.padding_w_is_zero` and `.output_padding_w_is_zero`. `.padding_idx` and "
    "`.ignore_index` are\n"
    "looked at only with `.padding = true` and `.ignore = true`; without it a loss ignores the "
    "target -100.\n"
    "\n"
    "| class | in C | in PyTorch |\n"
    "|---|---|---|\n";

/* The cells of a row that are being written: the items of the call, and PyTorch's names. */
static FILE *call, *names;
static int call_items, name_items;

static void print_item(const char *code)
{
    if (*code) fprintf(call, "%s%s", call_items++ ? ", " : "", code);
}

/* `own` is an argument, or an option with its point. */
static void print_name(const char *own, const char *pytorch)
{
    fprintf(names, "%s`%s`: %s", name_items++ ? ", " : "", own, pytorch);
}

/* Where a call takes something else than the option in the class's table: what stands on the page
 * for it, of all functions that begin so. */
static const struct written {
    const char *functions, *member, *code, *own, *pytorch;
} written[] = {
    { "constant_pad", "padding", "padding, value", NULL, NULL },
    { "constant_pad", "value", "", NULL, NULL },
    { "adaptive_avg_pool2d", "output", "height, width", "height, width", "`output_size`" },
    { "adaptive_max_pool2d", "output", "height, width", "height, width", "`output_size`" },
    { "fold", "size", "height, width", "height, width", "`output_size`" },
    { "avg_pool1d", "padding", ".padding = 0", NULL, NULL },
    { "embedding", "padding_idx", ".padding = false, .padding_idx = 0", NULL, NULL },
    { "cosine_similarity", "dim", ".dims = CD_DIMS(1)", ".dims", "`dim`" },
    { "upsample", "size", ".size = 0, .size_d = .size, .size_w = .size", NULL, NULL },
};

/* What belongs to a call and is no option: it becomes a child, or a parameter. */
static const struct beside {
    const char *function, *arguments, *options, *own, *pytorch;
} beside[] = {
    { "sequential", "module, ...", "", NULL, NULL },
    { "module_list", "module, ...", "", NULL, NULL },
    { "module_dict", "{ \"name\", module }, ...", "", NULL, NULL },
    { "parameter_list", "tensor, ...", "", NULL, NULL },
    { "parameter_dict", "{ \"name\", tensor }, ...", "", NULL, NULL },
    { "transformer_encoder", "layer, num_layers", ".norm = NULL", "layer", "`encoder_layer`" },
    { "transformer_decoder", "layer, num_layers", ".norm = NULL", "layer", "`decoder_layer`" },
    { "averaged_model", "model", ".device = CD_DEVICE_DEFAULT", NULL, NULL },
};

/* A second function for a class, in the row behind it. */
static const char *const embedding_from_pretrained =
    "| Embedding | `cd_nn_embedding_from_pretrained(weight, .unfrozen = false, .padding = false, "
    ".padding_idx = 0, .scale_grad_by_freq = false)` | `weight`: `embeddings`, `.unfrozen`: not "
    "`freeze` |\n";

/* The first value of each enum, by the name of the option. */
static const char *choice_of(const char *member)
{
    static const char *const choices[][2] = {
        { "padding_mode", "CD_PAD_CONSTANT" }, { "approximate", "CD_GELU_NONE" },
        { "nonlinearity", "CD_RNN_TANH" },     { "activation", "CD_TRANSFORMER_RELU" },
        { "mode", "CD_RESAMPLING_NEAREST" },
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (strcmp(choices[i][0], member) == 0) return choices[i][1];
    }
    return "?";
}

static bool is_stride_of_pool(const cd_option *o)
{
    return strcmp(o->member, "stride") == 0 && o->default_value == 0;
}

/* Whether the default is PyTorch's None, which C has not: the option stands without one. */
static bool is_none(const cd_option *o)
{
    return o->kind == CD_OPTION_REAL && o->text && o->default_value == o->none;
}

/* What stands behind the option's name in a call. */
static void print_default(const cd_option *o)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_REAL:
        if (!is_none(o)) fprintf(call, " = %.10g", o->default_value);
        return;
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
    case CD_OPTION_SHAPE: /* a list of one number, of avg_pool1d */
        if (is_stride_of_pool(o)) {
            fprintf(call, " = kernel");
        } else {
            fprintf(call, " = %.10g", o->default_value);
        }
        return;
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        fprintf(call, " = false");
        return;
    case CD_OPTION_DTYPE:
        fprintf(call, " = CD_F32, .device = CD_CPU");
        return;
    case CD_OPTION_REDUCTION:
        fprintf(call, " = CD_MEAN");
        return;
    case CD_OPTION_CHOICE:
        fprintf(call, " = %s", choice_of(o->member));
        return;
    case CD_OPTION_TENSOR:
        fprintf(call, " = NULL");
        return;
    case CD_OPTION_PAIR:
    case CD_OPTION_SIZES:
    case CD_OPTION_CONSTANT:
        return;
    }
}

static const struct written *written_for(const char *function, const char *member)
{
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        if (strncmp(written[i].functions, function, strlen(written[i].functions)) == 0 &&
            strcmp(written[i].member, member) == 0) {
            return &written[i];
        }
    }
    return NULL;
}

/* The width beside an option of height and width, which the pools along one dimension have not. */
static void print_width(const char *function, const cd_option *o)
{
    const bool pair = o->kind == CD_OPTION_WINDOW || o->kind == CD_OPTION_EXTENT;
    if (!pair || written_for(function, o->member) || strstr(function, "1d")) return;
    char code[128];
    (void)snprintf(code, sizeof code, ".%s_w = %s%s", o->member, o->required ? "" : ".", o->member);
    print_item(code);
}

static void print_option(const cd_option *o)
{
    char own[64], pytorch[64];
    (void)snprintf(own, sizeof own, "%s%s", o->required ? "" : ".", o->member);
    print_item(own);
    if (!o->required) print_default(o);
    if (is_none(o)) print_name(own, o->text);
    if (strcmp(o->name, o->member) == 0) return;
    (void)snprintf(pytorch, sizeof pytorch, "%s`%s`", o->kind == CD_OPTION_NEGATED ? "not " : "",
                   o->name);
    print_name(own, pytorch);
}

/* The arguments or the options. */
static void print_options(const char *function, const cd_option *table, bool required)
{
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        if (strcmp(beside[i].function, function) != 0) continue;
        print_item(required ? beside[i].arguments : beside[i].options);
        if (required && beside[i].own) print_name(beside[i].own, beside[i].pytorch);
    }
    for (const cd_option *o = table; o && o->name; o++) {
        if (o->kind == CD_OPTION_CONSTANT) continue;
        if (required == o->required) {
            const struct written *w = written_for(function, o->member);
            if (!w) {
                print_option(o);
            } else {
                print_item(w->code);
                if (w->own) print_name(w->own, w->pytorch);
            }
        }
        if (!required) print_width(function, o);
    }
}

/* A class and its name in modules.def, which is that of the function. */
static const struct row {
    const char *function;
    const cd_module_class *class_;
} rows[] = {
#define CD_MODULE(name_) { #name_, &cd_nn_##name_##_class },
#include "nn/modules.def"
#undef CD_MODULE
};

static bool print_row(const struct row *r)
{
    char *cells[2] = { NULL, NULL };
    size_t bytes;
    call = open_memstream(&cells[0], &bytes);
    names = open_memstream(&cells[1], &bytes);
    if (!call || !names) return false;
    call_items = name_items = 0;
    print_options(r->function, r->class_->options, true);
    print_options(r->function, r->class_->options, false);
    if (fclose(call) != 0 || fclose(names) != 0) return false;
    printf("| %s | `cd_nn_%s(%s)` | %s |\n", r->class_->name, r->function, cells[0], cells[1]);
    free(cells[0]);
    free(cells[1]);
    return true;
}

int main(void)
{
    printf("%s", head);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!print_row(&rows[i])) return 1;
        if (strcmp(rows[i].function, "embedding") == 0) printf("%s", embedding_from_pretrained);
    }
    return 0;
}
