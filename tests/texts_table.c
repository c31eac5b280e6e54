/* Prints the tables of docs/texts.md: the words of layers, optimizers and schedules, with the class
 * that each stands for and what it takes, as the tables of the classes say. */
#include <stdio.h>
#include <string.h>

#include "core/words_internal.h"
#include "models/layers_text.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/optimizer_text.h"
#include "optim/schedule_text.h"
#include "optim/scheduler_internal.h"

static const char *layer_class(const char *word)
{
    for (int i = 0; cd_module_classes[i]; i++) {
        if (cd_same_words(cd_module_classes[i]->name, word)) return cd_module_classes[i]->name;
    }
    return "";
}

static const char *optimizer_class(const char *word)
{
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        if (cd_same_words(cd_optimizer_classes[i]->name, word))
            return cd_optimizer_classes[i]->name;
    }
    return "";
}

/* The function that makes a schedule has its word: "schedule_cosine". */
static const char *schedule_class(const char *word)
{
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        if (strcmp(c->function + strlen("schedule_"), word) == 0) return c->name;
    }
    return strcmp(word, "warmup") == 0 ? "LinearLR" : "";
}

/* A bar would end the cell. */
static void print_usage(const char *usage)
{
    if (!*usage) return;
    putchar('`');
    for (const char *c = usage; *c; c++) printf(*c == '|' ? "\\|" : "%c", *c);
    putchar('`');
}

static bool print_table(const char *title, const char *name(int),
                        bool usage_of(const char *, char *, size_t),
                        const char *class_of(const char *))
{
    char usage[1024];
    printf("<!-- %s, by tests/texts_table.c -->\n| word | class | takes |\n|---|---|---|\n", title);
    for (int i = 0; name(i); i++) {
        if (!usage_of(name(i), usage, sizeof usage)) return false;
        printf("| `%s` | %s | ", name(i), class_of(name(i)));
        print_usage(usage);
        printf("%s|\n", *usage ? " " : "");
    }
    printf("<!-- end -->\n");
    return true;
}

int main(void)
{
    const bool done =
        print_table("Layers", cd_layers_text_name, cd_layers_text_usage, layer_class) &&
        print_table("Optimizers", cd_optimizer_text_name, cd_optimizer_text_usage,
                    optimizer_class) &&
        print_table("Schedules", cd_schedule_text_name, cd_schedule_text_usage, schedule_class);
    return !done || fflush(stdout) != 0;
}
