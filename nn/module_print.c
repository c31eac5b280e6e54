#include <string.h>

#include "core/error.h"
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

static bool print_one(const char *path, cd_module *m, void *user)
{
    page *p = user;
    int depth = depth_of(path);
    close_down_to(p, depth);
    char text[256] = "";
    if (m->class_->describe) m->class_->describe(m, text, sizeof text);
    const char *name = strrchr(path, '.');
    name = name ? name + 1 : path;
    int n = depth > 0 ? fprintf(p->stream, "%*s(%s): ", 2 * depth, "", name) : 0;
    p->written &= n >= 0;
    if (cd_module_child_count(m) > 0) {
        p->written &= fprintf(p->stream, "%s(\n", m->class_->name) >= 0;
        p->depth = depth + 1;
        if (*text) p->written &= fprintf(p->stream, "%*s%s\n", 2 * p->depth, "", text) >= 0;
    } else {
        p->written &= fprintf(p->stream, "%s(%s)\n", m->class_->name, text) >= 0;
    }
    return p->written;
}

bool cd_print_module(FILE *stream, cd_module *m)
{
    if (!stream) return cd_fail(CD_ERR_ARGUMENT, "print_module: the stream is NULL");
    page p = { .stream = stream, .written = true };
    if (!cd_visit_modules(m, print_one, &p) && !cd_ok()) return false;
    close_down_to(&p, 0);
    return p.written || cd_fail(CD_ERR_IO, "print_module: the stream could not be written to");
}
