/* cd_print_module: prints a module as PyTorch does. A module without children takes one line, and
 * one with children is printed as
 *
 *     Name(
 *       description, if there is one
 *       (child): ...
 *     )
 */
#include <string.h>

#include "core/error.h"
#include "core/text_internal.h"
#include "nn/module_internal.h"

typedef struct printer {
    FILE *stream;
    int depth;    /* how many modules are open: their ")" is not written yet */
    bool written; /* false after a write that failed */
} printer;

/* How many names a path has: 0 for the module that is printed, 1 for its children. */
static int depth_of(const char *path)
{
    int depth = *path != '\0';
    for (; *path; path++) depth += *path == '.';
    return depth;
}

/* Closes the parentheses of modules that have no more children. */
static void close_down_to(printer *p, int depth)
{
    for (; p->depth > depth; p->depth--) {
        p->written &= fprintf(p->stream, "%*s)\n", 2 * (p->depth - 1), "") >= 0;
    }
}

/* Writes what stands between the parentheses: what the class's describe writes, or else the
 * options. describe may be a user's function and print numbers with printf, so it runs in the C
 * locale. */
static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_module_class *c = m->class_;
    text[0] = '\0';
    if (!c->describe) {
        if (c->options) cd_options_text(c->options, cd_module_options(m), text, bytes);
        return;
    }
    locale_t before = cd_c_locale_enter();
    c->describe(m, text, bytes);
    cd_c_locale_leave(before);
}

static bool print_one(const char *path, cd_module *m, void *user)
{
    printer *p = user;
    int depth = depth_of(path);
    close_down_to(p, depth);
    char description[256], text[2 * sizeof description], name[128], class_name[128];
    describe(m, description, sizeof description);
    cd_escape_text(text, sizeof text, description);
    const char *dot = strrchr(path, '.');
    cd_escape_text(name, sizeof name, dot ? dot + 1 : path);
    cd_escape_text(class_name, sizeof class_name, m->class_->name);
    int n = depth > 0 ? fprintf(p->stream, "%*s(%s): ", 2 * depth, "", name) : 0;
    p->written &= n >= 0;
    if (cd_module_child_count(m) > 0) {
        p->written &= fprintf(p->stream, "%s(\n", class_name) >= 0;
        p->depth = depth + 1;
        if (*text) p->written &= fprintf(p->stream, "%*s%s\n", 2 * p->depth, "", text) >= 0;
    } else {
        p->written &= fprintf(p->stream, "%s(%s)\n", class_name, text) >= 0;
    }
    return p->written;
}

bool cd_print_module(FILE *stream, cd_module *m)
{
    if (!stream) return cd_fail(CD_ERR_ARGUMENT, "print_module: the stream is NULL");
    if (!cd_check_module(m, "print_module", "the module")) return false;
    printer p = { .stream = stream, .written = true };
    if (!cd_visit_modules(m, print_one, &p) && !cd_ok()) return false;
    close_down_to(&p, 0);
    return p.written || cd_fail(CD_ERR_IO, "print_module: the stream could not be written to");
}
