#include <string.h>

#include "core/error.h"
#include "core/text_internal.h"
#include "nn/module_internal.h"

/* PyTorch's layout: a module without children on one line; with children, "Name(", what describes
 * it on a line of its own, each child as "(name): ...", these indented by two, and ")". */
typedef struct page {
    FILE *stream;
    int depth; /* of the module printed last */
    bool written;
} page;

static int depth_of(const char *path)
{
    int depth = *path != '\0';
    for (; *path; path++) depth += *path == '.';
    return depth;
}

/* Closes the parentheses of modules that have no more children. */
static void close_down_to(page *p, int depth)
{
    for (; p->depth > depth; p->depth--) {
        p->written &= fprintf(p->stream, "%*s)\n", 2 * (p->depth - 1), "") >= 0;
    }
}

/* What the class says of the module, or else its options. A class of the user's writes its numbers
 * by printf, which follows the locale. */
static void describe(const cd_module *m, char *text, size_t bytes)
{
    const cd_module_class *c = m->class_;
    text[0] = '\0';
    if (!c->describe) {
        if (c->options) cd_options_text(c->options, cd_module_options(m), text, bytes);
        return;
    }
    locale_t before = cd_c_locale_enter();
    m->class_->describe(m, text, bytes);
    cd_c_locale_leave(before);
}

static bool print_one(const char *path, cd_module *m, void *user)
{
    page *p = user;
    int depth = depth_of(path);
    close_down_to(p, depth);
    char said[256], text[2 * sizeof said], name[128], class_name[128];
    describe(m, said, sizeof said);
    cd_escape_text(text, sizeof text, said);
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
    page p = { .stream = stream, .written = true };
    if (!cd_visit_modules(m, print_one, &p) && !cd_ok()) return false;
    close_down_to(&p, 0);
    return p.written || cd_fail(CD_ERR_IO, "print_module: the stream could not be written to");
}
