/* Styles: when there are colours, what is written for them, and what they leave alone. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <candela.h>

#include "program.h"

#include "apps/cells.h"
#include "apps/style.h"

/* --- the decision ----------------------------------------------------------------------------- */

static void set(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static style_colors decide(style_choice choice, bool terminal, const char *term, const char *no,
                           const char *force, const char *also)
{
    set("TERM", term);
    set("NO_COLOR", no);
    set("FORCE_COLOR", force);
    set("CLICOLOR_FORCE", also);
    set("COLORTERM", NULL);
    return style_decide(choice, terminal);
}

static void the_environment_decides_in_order(void **state)
{
    (void)state;
    static const struct {
        style_choice choice;
        bool terminal;
        const char *term, *no, *force, *also;
        style_colors colors;
    } at_[] = {
        { STYLE_AUTO, true, "xterm", NULL, NULL, NULL, STYLE_8_COLORS },
        { STYLE_AUTO, true, "xterm-256color", NULL, NULL, NULL, STYLE_256_COLORS },
        { STYLE_AUTO, false, "xterm", NULL, NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "dumb", NULL, NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "", NULL, NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, NULL, NULL, NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "xterm", "1", NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "xterm", "", NULL, NULL, STYLE_8_COLORS },
        { STYLE_AUTO, true, "xterm", "0", NULL, NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, false, "xterm", NULL, "1", NULL, STYLE_8_COLORS },
        { STYLE_AUTO, false, "dumb", NULL, "1", NULL, STYLE_8_COLORS },
        { STYLE_AUTO, true, "xterm", NULL, "0", NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "xterm", NULL, "false", NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, false, "xterm", NULL, "", NULL, STYLE_NO_COLORS },
        { STYLE_AUTO, true, "xterm", "1", "1", "1", STYLE_NO_COLORS },
        { STYLE_AUTO, false, "xterm", NULL, NULL, "1", STYLE_8_COLORS },
        { STYLE_AUTO, false, "xterm", NULL, NULL, "0", STYLE_NO_COLORS },
        { STYLE_ALWAYS, false, "dumb", "1", NULL, NULL, STYLE_8_COLORS },
        { STYLE_NEVER, true, "xterm", NULL, "1", "1", STYLE_NO_COLORS },
    };
    for (size_t k = 0; k < sizeof at_ / sizeof *at_; k++) {
        style_colors got = decide(at_[k].choice, at_[k].terminal, at_[k].term, at_[k].no,
                                  at_[k].force, at_[k].also);
        assert_that(got == at_[k].colors, "row %zu: %d", k, (int)got);
    }
    (void)decide(STYLE_AUTO, true, "xterm", NULL, NULL, NULL);
    set("COLORTERM", "truecolor");
    assert_int_equal(style_decide(STYLE_AUTO, true), STYLE_256_COLORS);
    set("COLORTERM", NULL);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void assert_spans(const span *spans, int count, int width, style_colors colors,
                         const char *expected)
{
    char out[512] = "";
    FILE *stream = fmemopen(out, sizeof out, "w");
    assert_non_null(stream);
    write_spans(stream, spans, count, width, colors);
    (void)fclose(stream);
    assert_string_equal(out, expected);
}

static void spans_have_their_escapes_and_no_others(void **state)
{
    (void)state;
    const span line[] = {
        { STYLE_PLAIN, "a " }, { STYLE_STRONG, "b" }, { STYLE_STRONG, " c" },
        { STYLE_FAINT, "" },   { STYLE_FAINT, " d" }, { STYLE_ERROR, "\033[2J" }
    };
    assert_spans(line, 6, 0, STYLE_NO_COLORS, "a b c d\\x1b[2J\n");
    assert_spans(line, 6, 0, STYLE_8_COLORS,
                 "a \033[1mb c\033[0m\033[2m d\033[0m\033[1;31m\\x1b[2J\033[0m\n");
    const span two[] = { { STYLE_WARNING, "w" }, { STYLE_PLAIN, " " }, { STYLE_SAVED, "s" } };
    assert_spans(two, 3, 0, STYLE_8_COLORS, "\033[33mw\033[0m \033[32ms\033[0m\n");
    assert_spans(two, 3, 0, STYLE_256_COLORS, "\033[38;5;130mw\033[0m \033[38;5;28ms\033[0m\n");
    assert_spans(NULL, 0, 10, STYLE_8_COLORS, "\n");
}

/* "one two three" is 13 columns wide, whatever its escapes. */
static void escapes_take_no_columns(void **state)
{
    (void)state;
    assert_int_equal(cells("\033[1mab\033[0m"), 2);
    assert_int_equal(cells("\033[1;38;5;160mab\033[0m"), 2);
    const span line[] = { { STYLE_STRONG, "one" },
                          { STYLE_PLAIN, " " },
                          { STYLE_FAINT, "two" },
                          { STYLE_PLAIN, " three" } };
    assert_spans(line, 4, 13, STYLE_8_COLORS, "\033[1mone\033[0m \033[2mtwo\033[0m three\n");
    assert_spans(line, 4, 12, STYLE_8_COLORS, "\033[1mone\033[0m \033[2mtwo\033[0m\n  three\n");
}

static void a_long_line_is_cut_and_its_style_ends(void **state)
{
    (void)state;
    static char text[3 * LINE_BYTES], out[2 * LINE_BYTES];
    memset(text, 'x', sizeof text - 1);
    const span line[] = { { STYLE_STRONG, text }, { STYLE_STRONG, "more" } };
    FILE *stream = fmemopen(out, sizeof out, "w");
    write_spans(stream, line, 2, 0, STYLE_8_COLORS);
    (void)fclose(stream);
    assert_true(strlen(out) < LINE_BYTES + 16);
    assert_non_null(strstr(out, "xx...\033[0m\n"));
}

/* --- the program ------------------------------------------------------------------------------ */

static void pipes_files_and_json_have_no_escapes(void **state)
{
    (void)state;
    set("TERM", "xterm");
    set("FORCE_COLOR", NULL);
    const ran *r = run("help", "eval");
    assert_null(strchr(r->out, '\033'));
    assert_null(strchr(run("info", "none")->err, '\033'));
    r = run("help", "eval", "--color", "always");
    assert_says(r->out, "\033[1m--data\033[0m SET");
    r = run("version", "--json", "--color", "always");
    assert_null(strchr(r->out, '\033'));
    json_decref(json_of(r));
}

static void the_option_counts_for_sentences_about_words_too(void **state)
{
    (void)state;
    set("TERM", "xterm");
    set("FORCE_COLOR", NULL);
    assert_says(run("nonsense", "--color=always")->err, "candela: \033[1;31merror:\033[0m there");
    assert_says(run("info", "--color", "always")->err,
                "candela info: \033[1;31merror:\033[0m FILE");
    const ran *r = run("info", "x", "--color", "blue");
    assert_ran(r, 2);
    assert_says(r->err, "--color cannot be \"blue\"");
    set("FORCE_COLOR", "1");
    assert_says(run("info", "none")->err, "\033[1;31m");
    assert_null(strchr(run("info", "none", "--color", "never")->err, '\033'));
    set("NO_COLOR", "1");
    assert_null(strchr(run("info", "none")->err, '\033'));
    set("NO_COLOR", NULL);
    set("FORCE_COLOR", NULL);
}

/* Runs the program with standard error on a terminal. */
static const char *on_terminal(const char *term, const char *const *words)
{
    static char text[4096];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) skip();
    int other = open(ptsname(master), O_RDWR | O_NOCTTY), out = scratch_file();
    pid_t child = fork();
    if (child == 0) {
        set("TERM", term);
        become(words, out, other);
    }
    (void)status_of(child);
    struct pollfd one = { .fd = master, .events = POLLIN };
    size_t used = 0;
    while (used < sizeof text - 1 && poll(&one, 1, 100) > 0) {
        ssize_t n = read(master, text + used, sizeof text - 1 - used);
        if (n <= 0) break;
        used += (size_t)n;
    }
    text[used] = '\0';
    (void)close(master);
    (void)close(other);
    (void)close(out);
    return text;
}

static void a_terminal_is_found_by_itself(void **state)
{
    (void)state;
    static const char *const words[] = { CANDELA_PROGRAM, "info", "none", NULL };
    assert_says(on_terminal("xterm", words), "candela info: \033[1;31merror:\033[0m none: ");
    assert_says(on_terminal("xterm-256color", words), "\033[1;38;5;160merror:\033[0m");
    assert_null(strchr(on_terminal("dumb", words), '\033'));
    set("NO_COLOR", "1");
    assert_null(strchr(on_terminal("xterm", words), '\033'));
    set("NO_COLOR", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_environment_decides_in_order),
        TEST(spans_have_their_escapes_and_no_others),
        TEST(escapes_take_no_columns),
        TEST(a_long_line_is_cut_and_its_style_ends),
        TEST(pipes_files_and_json_have_no_escapes),
        TEST(the_option_counts_for_sentences_about_words_too),
        TEST(a_terminal_is_found_by_itself),
    };
    return RUN(tests);
}
