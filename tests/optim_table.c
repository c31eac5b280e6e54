/* Prints docs/optim.md: what the classes of optimizers and schedules say of themselves, in the
 * order of optim.def, and how the public headers declare their functions. */
#include <stdio.h>
#include <string.h>

#include "prototypes.h"

#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

static const char *const head =
    "# Every optimizer and schedule\n"
    "\n"
    "Made from the tables of options in `optim/`, in the order of\n"
    "[optim.def](../optim/optim.def); a test holds this page against them.\n"
    "`build/tests/optim_table > docs/optim.md` makes it anew. The formulas and papers stand in\n"
    "[optim.h](../optim/optim.h) and [schedule.h](../optim/schedule.h), in front of each\n"
    "prototype. Arguments are given in their order, with the types that stand before them; "
    "options\n"
    "begin with a point and are given as `.name = value`, and behind them stands the default. An\n"
    "option whose default is not 0 is set to 0 by `CD_ZERO`. Where PyTorch has another name, it\n"
    "stands in a column of its own; there \"not\" is said of an option that says the opposite.\n";

static void print_default(const cd_option *o)
{
    if (o->kind == CD_OPTION_BOOL || o->kind == CD_OPTION_NEGATED) {
        printf(" = false");
    } else if (strcmp(o->member, "size_down") == 0) {
        printf(" = size_up"); /* CyclicLR sets it when it is made */
    } else if (strcmp(o->member, "mode") == 0) {
        printf(" = CD_TRIANGULAR");
    } else {
        printf(" = %.6g", o->default_value);
    }
}

/* The row of the member whose name `at` begins with, up to the comma or bracket. */
static const cd_option *find_option(const cd_option *table, const char *at)
{
    const size_t length = strcspn(at, ",)");
    for (const cd_option *o = table; o->name; o++) {
        if (strlen(o->member) == length && strncmp(o->member, at, length) == 0) return o;
    }
    return NULL;
}

/* How a header declares the function, without what it returns, and with the defaults. */
static void print_call(const char *function, const cd_option *table)
{
    char text[2048];
    const char *at = prototype_of(function, text, sizeof text) ? strstr(text, "cd_") : NULL;
    at = at ? strchr(at, '*') : NULL;
    if (!at) return; /* optim_table.sh says that the prototype is missing */
    for (at++; *at; at++) {
        putchar(*at);
        if (*at != '.') continue;
        const cd_option *o = find_option(table, at + 1);
        const size_t length = strcspn(at + 1, ",)");
        printf("%.*s", (int)length, at + 1);
        at += length;
        if (o) print_default(o);
    }
}

/* What is called otherwise in PyTorch. */
static void print_names(const cd_option *table)
{
    int count = 0;
    for (const cd_option *o = table; o->name; o++) {
        if (strcmp(o->name, o->member) == 0) continue;
        printf("%s`%s%s`: %s`%s`", count++ ? ", " : "", o->required ? "" : ".", o->member,
               o->kind == CD_OPTION_NEGATED ? "not " : "", o->name);
    }
}

static void row(const char *function, const char *pytorch, const char *name, const cd_option *table)
{
    printf("| `");
    print_call(function, table);
    printf("` | ");
    if (pytorch) printf("`%s.%s`", pytorch, name);
    printf(" | ");
    print_names(table);
    printf(" | ");
}

/* A bar would end the table's cell. */
static void print_formula(const char *formula)
{
    putchar('`');
    for (const char *c = formula; *c; c++) printf(*c == '|' ? "\\|" : "%c", *c);
    putchar('`');
}

static void print_optimizers(void)
{
    printf("\n## Optimizers\n\n"
           "Each takes a module, or `NULL` with `.tensors`, of which there are `.count`. The "
           "formula is that of its\n"
           "op in [ops.md](ops.md), which updates one parameter w with the gradient g.\n\n"
           "| in C | PyTorch | called otherwise there | formula | state of a parameter |\n"
           "|---|---|---|---|---|\n");
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        const cd_optimizer_class *c = cd_optimizer_classes[i];
        const bool own = strcmp(c->name, "Lion") == 0; /* torch.optim has it not */
        row(c->function, own ? NULL : "torch.optim", c->name, c->options);
        print_formula(c->op->formula);
        printf(" | ");
        for (int k = 0; k < CD_OPTIMIZER_STATES && c->state[k].kind != CD_STATE_NONE; k++) {
            printf("%s`%s`", k ? ", " : "", c->state[k].name);
        }
        printf(" |\n");
    }
}

static void print_schedules(void)
{
    printf(
        "\n## Schedules\n\n"
        "Each takes the optimizer first. A word of PyTorch's with two values is a bool here:\n"
        "`linear` is `anneal_strategy=\"linear\"`, `maximum` is `mode=\"max\"`, and `absolute` is\n"
        "`threshold_mode=\"abs\"`.\n\n"
        "| in C | PyTorch | called otherwise there | state beside the count of steps |\n"
        "|---|---|---|---|\n");
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        const bool swa = strcmp(c->name, "SWALR") == 0;
        row(c->function, swa ? "torch.optim.swa_utils" : "torch.optim.lr_scheduler", c->name,
            c->options);
        for (int k = 0; k < CD_SCHEDULE_NUMBERS && c->number[k]; k++) {
            printf("%s`%s`", k ? ", " : "", c->number[k]);
        }
        printf(" |\n");
    }
}

int main(void)
{
    static const char *const headers[] = { CANDELA_TESTS_DIR "/../optim/optim.h",
                                           CANDELA_TESTS_DIR "/../optim/schedule.h" };
    if (!prototypes_read(headers, 2)) return 1;
    printf("%s", head);
    print_optimizers();
    print_schedules();
    return fflush(stdout) != 0;
}
