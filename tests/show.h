/* Prints values as Python prints those of PyTorch, for the programs that snippets.awk makes of the
 * C code in the documentation. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void show_tensor(const cd_tensor *t)
{
    if (t) (void)cd_print(stdout, t);
    if (!t && cd_ok()) puts("None");
}

static inline void show_bool(bool value)
{
    puts(value ? "True" : "False");
}

static inline void show_integer(long long value)
{
    printf("%lld\n", value);
}

static inline void show_unsigned(unsigned long long value)
{
    printf("%llu\n", value);
}

/* Prints the fewest digits that give the same double when read, with a point, as Python's repr
 * does. */
static inline void show_double(double value)
{
    char text[40];
    int digits = 1;
    do (void)snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    printf("%s%s\n", text, strpbrk(text, ".en") ? "" : ".0");
}

static inline void show_text(const char *value)
{
    puts(value ? value : "None");
}

static inline void show_shape(cd_shape shape)
{
    printf("torch.Size([");
    for (int i = 0; i < shape.ndim; i++) printf(i ? ", %lld" : "%lld", (long long)shape.dim[i]);
    puts("])");
}

static inline void show_dtype(cd_dtype dtype)
{
    printf("torch.%s\n", cd_dtype_name(dtype));
}

/* Prints a value by its type. cd_dtype is an unsigned for the compiler; no other value here is. */
#define SHOW(x_)                                                                                   \
    _Generic((x_), cd_tensor *: show_tensor, const cd_tensor *: show_tensor, bool: show_bool,      \
        int: show_integer, long: show_integer, unsigned: show_dtype,                               \
        unsigned long: show_unsigned, unsigned long long: show_unsigned, double: show_double,      \
        const char *: show_text, char *: show_text, cd_shape: show_shape)(x_)

/* Runs the code of a table's row; if it fails, prints its line in the document, and ends main. */
#define ROW(row_, line_)                                                                           \
    do {                                                                                           \
        row_();                                                                                    \
        if (!cd_ok()) {                                                                            \
            (void)fprintf(stderr, "line %d: ", line_);                                             \
            return cd_report(stderr);                                                              \
        }                                                                                          \
    } while (0)
