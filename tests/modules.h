/* Classes of modules that several tests use. */
#ifndef CANDELA_TESTS_MODULES_H
#define CANDELA_TESTS_MODULES_H

#include <stdlib.h>

#include "nn/layers.h"
#include "test.h"

/* How the module is printed. */
static inline void prints(cd_module *m, const char *expected)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    assert_true(cd_print_module(stream, m));
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, expected);
    free(text);
}

/* The example of nn/module.h: a linear layer whose output is multiplied by a parameter. */
typedef struct scaled {
    cd_module module;
    cd_module *inner;
    cd_tensor *scale;
} scaled;

static inline bool scaled_forward(cd_module *m, const cd_arguments *a)
{
    scaled *self = (scaled *)m;
    a->out[0] = cd_mul(cd_forward(self->inner, a->in[0]), self->scale);
    return a->out[0];
}

static const cd_module_class scaled_class = {
    .name = "Scaled", .size = sizeof(scaled), .inputs = 1, .forward = scaled_forward
};

static inline cd_module *scaled_new(void)
{
    scaled *self = (scaled *)cd_module_new(&scaled_class);
    if (self) {
        cd_register_child(&self->module, "inner", &self->inner, cd_nn_linear(3, 4));
        cd_register_parameter(&self->module, "scale", &self->scale, cd_ones(CD_SCALAR));
    }
    return (cd_module *)self;
}

/* The number of modules of pass_class that were destroyed. */
static int destroyed;

/* A forward that returns its inputs. If there are more outputs, the others are input 0. */
static inline bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    for (int j = 0; j < a->outputs; j++) a->out[j] = a->in[j < a->inputs ? j : 0];
    return true;
}

static inline void count_destroy(cd_module *m)
{
    (void)m;
    destroyed++;
}

static const cd_module_class pass_class = { .name = "Pass",
                                            .size = sizeof(cd_module),
                                            .inputs = 1,
                                            .forward = pass,
                                            .destroy = count_destroy };
static const cd_module_class swap_class = {
    .name = "Two", .size = sizeof(cd_module), .inputs = 2, .outputs = 2, .forward = pass
};
static const cd_module_class many_class = { .name = "Many",
                                            .size = sizeof(cd_module),
                                            .forward = pass };

/* A forward that fails without an error. */
static inline bool fail_silently(cd_module *m, const cd_arguments *a)
{
    (void)m;
    (void)a;
    return false;
}
static const cd_module_class silent_class = {
    .name = "Silent", .size = sizeof(cd_module), .inputs = 1, .forward = fail_silently
};

/* A forward that succeeds without setting its output. */
static inline bool give_nothing(cd_module *m, const cd_arguments *a)
{
    (void)m;
    (void)a;
    return true;
}
static const cd_module_class nothing_class = {
    .name = "Nothing", .size = sizeof(cd_module), .inputs = 1, .forward = give_nothing
};

/* A describe function, for the printed form of a module. */
static inline void describe_pass(const cd_module *m, char *text, size_t bytes)
{
    (void)m;
    (void)snprintf(text, bytes, "described=yes");
}
static const cd_module_class described_class = { .name = "Described",
                                                 .size = sizeof(cd_module),
                                                 .inputs = 1,
                                                 .forward = pass,
                                                 .describe = describe_pass };

/* A visitor for cd_visit. Its user data is an int[3], in which it counts tensors by their kind. */
static inline bool count_kinds(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)t;
    ((int *)user)[kind]++;
    return true;
}

#endif
