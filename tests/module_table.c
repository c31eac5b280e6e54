/* Prints docs/modules.md: what the table of each class says of its options, in the order of
 * modules.def. */
#include <inttypes.h>
#include <stdio.h>
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
    "The class has PyTorch's name, and is printed as PyTorch prints it. Arguments are given in "
    "their\n"
    "order; options are given by name and have PyTorch's defaults, as in\n"
    "`cd_nn_conv2d(3, 64, 7, .stride = 2)`. Where an option has another name in PyTorch, that "
    "follows\n"
    "in parentheses; None stands behind an option whose default is PyTorch's None. The headers in "
    "[nn](../nn)\n"
    "have the prototypes, formulas and shapes. [own-modules.md](own-modules.md) writes a module "
    "of one's own.\n"
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
    "| function | class | arguments | options |\n"
    "|---|---|---|---|\n";

/* Where a call takes something else than the option in the class's table: what stands on the page
 * for it, of all functions that begin so. */
static const struct written {
    const char *functions, *member, *text;
} written[] = {
    { "constant_pad", "padding", "`padding`, `value`" },
    { "constant_pad", "value", "" },
    { "adaptive_avg_pool2d", "output", "`height`, `width` (`output_size`)" },
    { "adaptive_max_pool2d", "output", "`height`, `width` (`output_size`)" },
    { "fold", "size", "`height`, `width` (`output_size`)" },
    { "avg_pool1d", "padding", "`.padding = 0`" },
    { "embedding", "padding_idx", "`.padding = false`, `.padding_idx = 0`" },
    { "cosine_similarity", "dim", "`.dims = CD_DIMS(1)` (`dim`)" },
    { "upsample", "size", "`.size = 0`, `.size_d = .size`, `.size_w = .size`" },
};

/* What belongs to a call and is no option: it becomes a child, or a parameter. */
static const struct beside {
    const char *function, *arguments, *options;
} beside[] = {
    { "sequential", "`module`, ...", "" },
    { "module_list", "`module`, ...", "" },
    { "module_dict", "`{ \"name\", module }`, ...", "" },
    { "parameter_list", "`tensor`, ...", "" },
    { "parameter_dict", "`{ \"name\", tensor }`, ...", "" },
    { "transformer_encoder", "`layer` (`encoder_layer`), `num_layers`", "`.norm = NULL`" },
    { "transformer_decoder", "`layer` (`decoder_layer`), `num_layers`", "`.norm = NULL`" },
    { "averaged_model", "`model`", "`.device = CD_DEVICE_DEFAULT`" },
};

/* A second function for a class, in the row behind it. */
static const char *const embedding_from_pretrained =
    "| `cd_nn_embedding_from_pretrained` | Embedding | `weight` (`embeddings`) | `.unfrozen = "
    "false` (not `freeze`), `.padding = false`, `.padding_idx = 0`, `.scale_grad_by_freq = false` "
    "|\n";

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

/* The option's default, with what stands around it. */
static void print_default(const cd_option *o)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_REAL:
        if (o->text && o->default_value == o->none) {
            printf("` = %s", o->text);
            return;
        }
        printf(" = %.10g`", o->default_value);
        return;
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
    case CD_OPTION_SHAPE: /* a list of one number, of avg_pool1d */
        if (is_stride_of_pool(o)) {
            printf(" = kernel`");
        } else {
            printf(" = %.10g`", o->default_value);
        }
        return;
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        printf(" = false`");
        return;
    case CD_OPTION_DTYPE:
        printf(" = CD_F32`, `.device = CD_CPU`");
        return;
    case CD_OPTION_REDUCTION:
        printf(" = CD_MEAN`");
        return;
    case CD_OPTION_CHOICE:
        printf(" = %s`", choice_of(o->member));
        return;
    case CD_OPTION_TENSOR:
        printf(" = NULL`");
        return;
    case CD_OPTION_PAIR:
    case CD_OPTION_SIZES:
    case CD_OPTION_CONSTANT:
        printf("`");
        return;
    }
}

/* A separator, if something stands before. */
static void begin_item(bool *first)
{
    printf("%s", *first ? "" : ", ");
    *first = false;
}

static const char *written_for(const char *function, const char *member)
{
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        if (strncmp(written[i].functions, function, strlen(written[i].functions)) == 0 &&
            strcmp(written[i].member, member) == 0) {
            return written[i].text;
        }
    }
    return NULL;
}

/* The width beside an option of height and width, which the pools along one dimension have not. */
static void print_width(const char *function, const cd_option *o, bool *first)
{
    const bool pair = o->kind == CD_OPTION_WINDOW || o->kind == CD_OPTION_EXTENT;
    if (!pair || written_for(function, o->member) || strstr(function, "1d")) return;
    begin_item(first);
    printf("`.%s_w = %s%s`", o->member, o->required ? "" : ".", o->member);
}

static void print_option(const cd_option *o, bool *first)
{
    begin_item(first);
    printf("`%s%s", o->required ? "" : ".", o->member);
    if (o->required) {
        printf("`");
    } else {
        print_default(o);
    }
    if (strcmp(o->name, o->member) == 0) return;
    printf(o->kind == CD_OPTION_NEGATED ? " (not `%s`)" : " (`%s`)", o->name);
}

/* The arguments or the options. */
static void print_options(const char *function, const cd_option *table, bool required)
{
    bool first = true;
    printf(" ");
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        const char *text = required ? beside[i].arguments : beside[i].options;
        if (strcmp(beside[i].function, function) != 0 || !*text) continue;
        begin_item(&first);
        printf("%s", text);
    }
    for (const cd_option *o = table; o && o->name; o++) {
        if (o->kind == CD_OPTION_CONSTANT) continue;
        if (required == o->required) {
            const char *text = written_for(function, o->member);
            if (!text) {
                print_option(o, &first);
            } else if (*text) {
                begin_item(&first);
                printf("%s", text);
            }
        }
        if (!required) print_width(function, o, &first);
    }
    printf(" |");
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

int main(void)
{
    printf("%s", head);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *function = rows[i].function;
        const cd_option *table = rows[i].class_->options;
        printf("| `cd_nn_%s` | %s |", function, rows[i].class_->name);
        print_options(function, table, true);
        print_options(function, table, false);
        printf("\n");
        if (strcmp(function, "embedding") == 0) printf("%s", embedding_from_pretrained);
    }
    return 0;
}
