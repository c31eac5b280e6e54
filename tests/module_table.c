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
    "against them. `build/tests/module_table > docs/modules.md` makes it anew.\n"
    "\n"
    "The class has PyTorch's name, and is printed as PyTorch prints it. Arguments are given in "
    "their\n"
    "order; options are given by name and have PyTorch's defaults, as in\n"
    "`cd_nn_conv2d(3, 64, 7, .stride = 2)`. Where an option has another name in PyTorch, that "
    "follows\n"
    "in parentheses. The headers in [nn](../nn) have the prototypes, formulas and shapes.\n"
    "\n"
    "C cannot tell 0 from left out: an option of 0 is the default, and `CD_ZERO` means 0 where "
    "the\n"
    "default is another number. An option of two numbers takes the second by a field of its own\n"
    "(`.stride = 2, .stride_w = 1`). `.padding_idx` and `.ignore_index` are looked at only with\n"
    "`.padding = true` and `.ignore = true`; without it a loss ignores the target -100.\n"
    "\n"
    "| function | class | arguments | options |\n"
    "|---|---|---|---|\n";

static void print_default(const cd_option *o)
{
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_REAL:
        if (o->text && o->default_value == o->none) {
            printf(" = %s", o->text);
            break;
        }
        printf(" = %.10g", o->default_value);
        break;
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
        printf(" = %.10g", o->default_value);
        break;
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        printf(" = false");
        break;
    case CD_OPTION_DTYPE:
        printf(" = f32");
        break;
    case CD_OPTION_REDUCTION:
        printf(" = CD_MEAN");
        break;
    case CD_OPTION_CHOICE:
        printf(" = %s", o->choices[0]);
        break;
    case CD_OPTION_TENSOR:
        printf(" = NULL");
        break;
    case CD_OPTION_PAIR:
    case CD_OPTION_SIZES:
    case CD_OPTION_SHAPE:
    case CD_OPTION_CONSTANT:
        break;
    }
}

/* The arguments or the options. */
static void print_options(const cd_option *table, bool required)
{
    const char *before = "";
    printf(" ");
    for (const cd_option *o = table; o && o->name; o++) {
        if (o->kind == CD_OPTION_CONSTANT || required != o->required) continue;
        printf("%s`%s%s", before, required ? "" : ".", o->member);
        if (!required) print_default(o);
        printf("`");
        if (strcmp(o->name, o->member) != 0) {
            printf(o->kind == CD_OPTION_NEGATED ? " (not `%s`)" : " (`%s`)", o->name);
        }
        before = ", ";
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
        const cd_option *table = rows[i].class_->options;
        printf("| `cd_nn_%s` | %s |", rows[i].function, rows[i].class_->name);
        print_options(table, true);
        print_options(table, false);
        printf("\n");
    }
    return 0;
}
