/* candela version: what the program is, and what it was built with and runs on. */
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/json.h"

static int run_version(const command *c, const void *values, char *const *operands, int count)
{
    (void)c;
    (void)operands;
    (void)count;
    const common_options *o = values;
    cd_about_info about = cd_about();
    if (o->json) {
        json_t *j = json_object();
        put_text(j, "version", about.version);
        put_text(j, "compiler", about.compiler);
        put_text(j, "kernels", about.kernels);
        put_integer(j, "threads", cd_num_threads());
        return !print_json(j);
    }
    print_line("candela   %s", about.version);
    print_line("compiler  %s", about.compiler);
    print_line("kernels   %s", about.kernels);
    print_line("threads   %d", cd_num_threads());
    return 0;
}

const command version_command = {
    .name = "version",
    .summary = "shows the version, and what the program was built with and runs on",
    .operands = "",
    .values_bytes = sizeof(common_options),
    .example = "candela version",
    .run = run_version,
};
