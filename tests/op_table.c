/* Prints docs/ops.md: what each op says of itself, in the order of ops.def, and how the public
 * headers declare it. */
#include <glob.h>
#include <stdio.h>

#include "prototypes.h"

#include "autograd/dispatch/descriptor_internal.h"

static const char *const head =
    "# Every op\n"
    "\n"
    "Made from what each file in `autograd/ops/` says of its op, in the order of\n"
    "[ops.def](../autograd/ops.def); a test holds this page against them.\n"
    "`build/tests/op_table > docs/ops.md` makes it anew.\n"
    "\n"
    "In formulas x, a, b are inputs and y is the output; dy is the gradient of y, and dx that of "
    "x.\n"
    "The output of an op that is a gradient itself is dx, and g is the gradient of dx. Each op's\n"
    "gradient is checked against differences in float64, and so is the gradient of that gradient\n"
    "where the table names no reason for having none. \"Node\" is what printing a tensor shows as "
    "its\n"
    "grad_fn; an op without one is made of others, or has no gradient. \"C\" is how the headers "
    "in\n"
    "[autograd](../autograd) declare the function: arguments in their order, and options, which "
    "are\n"
    "given by name, with a point; a cd_operand is a tensor or a number. Where it is empty, only\n"
    "other ops call the op.\n"
    "\n"
    "| op | PyTorch | C | formula | gradient | dtypes | node |\n"
    "|---|---|---|---|---|---|---|\n";

/* A bar would end the table's cell. */
static void cell(const char *text)
{
    printf("| ");
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '|') putchar('\\');
        putchar(*c);
    }
    putchar(' ');
}

static void code(const char *text)
{
    if (text) {
        printf("| `");
        for (const char *c = text; *c; c++) printf(*c == '|' ? "\\|" : "%c", *c);
        printf("` ");
    } else {
        printf("| ");
    }
}

/* An op and its file, which are not always of one name. */
static const struct row {
    const char *file;
    const cd_op *op;
} rows[] = {
#define CD_OP(name_) { #name_, &cd_op_##name_ },
#include "autograd/ops.def"
};

static bool read_headers(void)
{
    glob_t found;
    if (glob(CANDELA_TESTS_DIR "/../autograd/*.h", 0, NULL, &found) != 0) return false;
    const bool read = prototypes_read((const char *const *)found.gl_pathv, found.gl_pathc);
    globfree(&found);
    return read;
}

/* How the op of this file is called; nothing where no header has it. */
static void prototype(const char *file, const char *name)
{
    char text[2048];
    code(prototype_of(file, text, sizeof text) || prototype_of(name, text, sizeof text) ? text
                                                                                        : NULL);
}

int main(void)
{
    if (!read_headers()) {
        (void)fprintf(stderr, "op_table: the headers in autograd/ cannot be read\n");
        return 1;
    }
    printf("%s", head);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const cd_op *op = rows[i].op;
        printf("| [%s](../autograd/ops/%s.c) ", op->name, rows[i].file);
        code(op->like);
        prototype(rows[i].file, op->name);
        code(op->formula);
        cell(op->gradient);
        cell(op->dtypes);
        cell(op->grad_fn);
        printf("|\n");
    }
    return fflush(stdout) != 0;
}
