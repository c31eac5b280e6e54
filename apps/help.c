/* candela help: lists the commands, or shows one. help_text.c writes the texts. */
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/help_text.h"
#include "apps/json.h"

static json_t *options_to_json(const option *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_object();
        put_text(one, "group", list[i].group);
        put_text(one, "name", list[i].name);
        put_text(one, "argument", list[i].argument);
        put_text(one, "default", list[i].default_value);
        put_text(one, "csv_default", list[i].csv_default);
        put_bool(one, "needed", list[i].required);
        put_text(one, "help", list[i].help);
        append_json(array, one);
    }
    return array;
}

static json_t *command_to_json(const command *c)
{
    json_t *j = json_object();
    put_text(j, "name", c->name);
    put_text(j, "does", c->summary);
    put_text(j, "operands", c->operands);
    put_json(j, "options", options_to_json(c->options, c->option_count));
    put_json(j, "common_options", options_to_json(common_option_list, common_option_count));
    put_text(j, "example", c->example);
    return j;
}

static bool print_commands_json(void)
{
    json_t *array = json_array(), *all = json_object();
    for (const command *const *c = all_commands; *c; c++) append_json(array, command_to_json(*c));
    put_json(all, "commands", array);
    return print_json(all);
}

static int run_help(const command *c, const void *values, char *const *operands, int count)
{
    (void)c;
    const common_options *o = values;
    if (count == 0) {
        if (o->json) return !print_commands_json();
        show_commands(stdout, all_commands);
        return 0;
    }
    const char *nearest;
    const command *asked = find_command(operands[0], &nearest);
    if (!asked) return refuse_command(operands[0], nearest);
    if (o->json) return !print_json(command_to_json(asked));
    show_command(stdout, asked);
    return 0;
}

const command help_command = {
    .name = "help",
    .summary = "lists the commands, or shows the options of one",
    .operands = "[COMMAND]",
    .max_operands = 1,
    .values_bytes = sizeof(common_options),
    .example = "candela help train",
    .run = run_help,
};
