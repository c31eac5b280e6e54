/* candela: the program. Finds the command that is named, parses its options and runs it.
 *
 * To read on: options.h is how a command describes itself; train.c, eval.c and predict.c are the
 * commands that show how the library is used. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/help_text.h"

const command *const all_commands[] = { &train_command,   &probe_command,
                                        &eval_command,    &predict_command,
                                        &info_command,    &help_command,
                                        &version_command, NULL };

const command *find_command(const char *name, const char **nearest)
{
    int distance = INT_MAX;
    *nearest = NULL;
    for (const command *const *c = all_commands; *c; c++) {
        if (strcmp((*c)->name, name) == 0) return *c;
        cd_nearest_offer(name, (*c)->name, nearest, &distance);
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

int refuse_command(const char *name, const char *nearest)
{
    (void)failed("there is no command \"%s\"%s%s%s (\"%s help\" lists them)", name,
                 nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "",
                 program_name());
    return 2;
}

/* Refuses the first word of the command line, which must be a command: no option comes before
 * it. */
static int refuse(const char *name, const char *nearest)
{
    if (*name != '-') return refuse_command(name, nearest);
    (void)failed("the command comes before its options, and \"%s\" stands first "
                 "(\"%s help\" lists the commands)",
                 name, program_name());
    return 2;
}

/* Opens /dev/null in place of standard streams that are closed. Otherwise the first file to be
 * opened, such as the model that is saved, would get the stream's number, and the program's output
 * would be written into it. For reading only, so that writing results is still an error. */
static void fill_standard_streams(void)
{
    int fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDONLY);
    if (fd >= 0) (void)close(fd);
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    /* A file that reaches its size limit is then an error of write, and no end of the program. */
    (void)signal(SIGXFSZ, SIG_IGN);
    /* The reader of a pipe sees each line as soon as it is printed. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    console_begin("", false);
    console_color(style_choice_of(color_word(argc - 1, argv + 1)));
    set_program_name(argv[0]);
    remember_command_line(argc, argv);
    if (!cells_begin()) return failed("out of memory");
    if (argc < 2) {
        show_commands(stderr, all_commands);
        return 2;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    const char *nearest;
    const command *c = find_command(name, &nearest);
    if (c) return run(c, argc - 2, argv + 2);
    return refuse(name, nearest);
}
