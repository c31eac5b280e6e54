/* candela: the program. Finds the command and runs it. */
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/help.h"

const command *const all_commands[] = { &train_command,   &probe_command,
                                        &eval_command,    &predict_command,
                                        &info_command,    &help_command,
                                        &version_command, NULL };

const command *find_command(const char *name, const char **near)
{
    int apart = INT_MAX;
    *near = NULL;
    for (const command *const *c = all_commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0) return *c;
        cd_nearest_offer(name, (*c)->name, near, &apart);
    }
    return NULL;
}

static int run_parsed(const command *c, const common_options *common, char *const *operands,
                      int count)
{
    console_begin(c->name, common->quiet);
    if (common->help) {
        show_command(stdout, c);
        return 0;
    }
    if (common->threads > 0 && !cd_set_num_threads((int)common->threads)) {
        return failed_in_library();
    }
    cd_manual_seed((uint64_t)common->seed);
    return c->run(c, common, operands, count);
}

static int run(const command *c, int argc, char **argv)
{
    console_begin(c->name, false);
    void *values = calloc(1, c->values_bytes);
    char **operands = calloc((size_t)argc + 1, sizeof *operands);
    int count, status = 2;
    if (!values || !operands) {
        status = failed("out of memory");
    } else if (parse_options(c, argc, argv, values, operands, &count)) {
        status = run_parsed(c, values, operands, count);
    }
    free(values);
    free(operands);
    return end_output(status);
}

int refuse_command(const char *name, const char *near)
{
    (void)failed("there is no command \"%s\"%s%s%s (\"%s help\" lists them)", name,
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
                 program_called());
    return 2;
}

/* Nothing but a command stands before the options, so that each has its own. */
static int refuse(const char *name, const char *near)
{
    if (*name != '-') return refuse_command(name, near);
    (void)failed("the command comes before its options, and \"%s\" stands first "
                 "(\"%s help\" lists the commands)",
                 name, program_called());
    return 2;
}

/* A standard stream that is closed leaves its number to the first file that is opened, which may be
 * the model that is being saved, and what is said would go there. What stands in for it cannot be
 * written, so that results nobody gets are an error as before. */
static void fill_standard_streams(void)
{
    int fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDONLY);
    if (fd >= 0) (void)close(fd);
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    /* Only letters: numbers are read and written with a point, whatever the locale. */
    (void)setlocale(LC_CTYPE, "");
    /* A file that may not grow any more is an error to be said, not an end. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A reader of the results sees each line when it is there. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    console_begin("", false);
    help_called(argv[0]);
    if (argc < 2) {
        show_commands(stderr, all_commands);
        return 2;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    const char *near;
    const command *c = find_command(name, &near);
    if (c) return run(c, argc - 2, argv + 2);
    return refuse(name, near);
}
