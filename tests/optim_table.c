/* Prints docs/optim.md: what the classes of optimizers and schedules say of themselves, in the
 * order of optim.def. */
#include <stdio.h>
#include <string.h>

#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

static const char *const head =
    "# Every optimizer and schedule\n"
    "\n"
    "Made from the tables of options in `optim/`, in the order of\n"
    "[optim.def](../optim/optim.def); a test holds this page against them.\n"
    "`build/tests/optim_table > docs/optim.md` makes it anew. The formulas and papers stand in\n"
    "[optim.h](../optim/optim.h) and [schedule.h](../optim/schedule.h), in front of each\n"
    "prototype. An option is a member of the struct of options, given as `.name = value`; behind\n"
    "it stand PyTorch's name where that is another one, and the default. An option whose default\n"
    "is not 0 is set to 0 by `CD_ZERO`.\n";

/* A member that says the opposite of PyTorch's option is false by default. */
static void print_default(const cd_option *o)
{
    if (o->required) {
        printf("required");
    } else if (o->kind == CD_OPTION_BOOL || o->kind == CD_OPTION_NEGATED) {
        printf("false");
    } else if (strcmp(o->member, "size_down") == 0) {
        printf("`size_up`"); /* CyclicLR sets it when it is made */
    } else {
        printf("%.6g", o->default_value);
    }
}

static void print_options(const cd_option *table)
{
    if (!table->name) printf("-");
    for (const cd_option *o = table; o->name; o++) {
        printf("%s`%s`", o == table ? "" : ", ", o->member);
        if (o->kind == CD_OPTION_NEGATED) printf(" (not `%s`)", o->name);
        if (o->kind != CD_OPTION_NEGATED && strcmp(o->name, o->member) != 0) {
            printf(" (`%s`)", o->name);
        }
        printf(" ");
        print_default(o);
    }
}

static void row(const char *function, const char *pytorch, const char *name, const cd_option *table)
{
    printf("| `cd_%s` | ", function);
    if (pytorch) printf("`%s.%s`", pytorch, name);
    printf(" | ");
    print_options(table);
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
    printf(
        "\n## Optimizers\n\n"
        "Each takes a module, or `NULL` with `.tensors` and `.count`. The formula is that of its\n"
        "op in [ops.md](ops.md), which updates one parameter w with the gradient g.\n\n"
        "| function | PyTorch | options and defaults | formula | state of a parameter |\n"
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
        "Each takes the optimizer first. Arrays and functions that a schedule takes are not in\n"
        "the tables; the header names them. A word of PyTorch's with two values is a bool here:\n"
        "`linear` is `anneal_strategy=\"linear\"`, `maximum` is `mode=\"max\"`, and `absolute` is\n"
        "`threshold_mode=\"abs\"`.\n\n"
        "| function | PyTorch | options and defaults | state beside the count of steps |\n"
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
    printf("%s", head);
    print_optimizers();
    print_schedules();
    return fflush(stdout) != 0;
}
