/* The program, run as a user runs it: the page that --report writes. */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

static const char *read_page(const char *name)
{
    static char page[1 << 21];
    FILE *file = fopen(at(name), "rb");
    assert_that(file != NULL, "there is no %s", name);
    size_t size = fread(page, 1, sizeof page - 1, file);
    page[size] = '\0';
    (void)fclose(file);
    assert_that(strlen(page) == size, "%s holds a zero byte", name);
    return page;
}

static int occurrences(const char *page, const char *part)
{
    int count = 0;
    for (const char *at = page; (at = strstr(at, part)); at += strlen(part)) count++;
    return count;
}

static double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_that(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

/* Checks that the page has the text, a number formatted as by printf between `before` and
 * `after`. */
static void assert_number(const char *page, const char *before, const char *format, double number,
                          const char *after)
{
    char text[64], part[256];
    (void)snprintf(text, sizeof text, format, number);
    (void)snprintf(part, sizeof part, "%s%s%s", before, text, after);
    assert_says(page, part);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* A data set that is learnt badly in one epoch, so that there are mistakes. */
static const char *hard_set(void)
{
    const char *set = small_idx(60, 30);
    unsigned char labels[8 + 30] = { 0, 0, 8, 1, 0, 0, 0, 30 };
    for (int i = 0; i < 30; i++) labels[8 + i] = (unsigned char)(i % 7 == 0 ? 2 : i % CLASSES);
    (void)test_write("set/t10k-labels-idx1-ubyte", labels, sizeof labels);
    return set;
}

static void the_page_of_eval_has_the_numbers_of_json(void **state)
{
    (void)state;
    const char *data = hard_set();
    assert_ran(run("train", "--data", data, "--out", at("m"), "--epochs", "3"), 0);
    const ran *r = run("eval", at("m"), "--data", data, "--json", "--report", at("r.html"));
    assert_ran(r, 0);
    json_t *j = json_of(r);
    assert_string_equal(json_string_value(json_object_get(j, "report")), at("r.html"));
    const char *page = read_page("r.html");
    double count = number_of(j, "count"), right = number_of(j, "right");
    assert_true(right < count); /* there are mistakes to show */
    assert_number(page, "<b>", "%.2f", 100 * number_of(j, "accuracy"), "\u00a0%</b>");
    assert_number(page, "<small>", "%.0f", right, " of 30 are right");
    assert_number(page, "<dt>loss</dt><dd><b>", "%.4f", number_of(j, "loss"), "</b>");
    assert_number(page, "<dt>mistakes</dt><dd><b>", "%.0f", count - right, "</b>");
    for (size_t i = 0; i < CLASSES; i++) {
        const json_t *c = json_array_get(json_object_get(j, "classes"), i);
        const json_t *row = json_array_get(json_object_get(j, "confusion"), i);
        double p = number_of(c, "precision"), q = number_of(c, "recall");
        char part[512];
        (void)snprintf(
            part, sizeof part,
            "<bdi>%zu</bdi></th><td class=\"n bar\" style=\"--v:%.1f%%\">%.1f\u00a0%%</td>"
            "<td class=\"n bar\" style=\"--v:%.1f%%\">%.1f\u00a0%%</td>"
            "<td class=\"n bar\" style=\"--v:%.1f%%\">%.1f\u00a0%%</td>"
            "<td class=\"n\">%.0f</td>",
            i, 100 * p, 100 * p, 100 * q, 100 * q, 200 * p * q / (p + q), 200 * p * q / (p + q),
            number_of(c, "count"));
        assert_says(page, part);
        const char *cell = strstr(page, "<table class=\"matrix\">");
        (void)snprintf(part, sizeof part, "<th scope=\"row\"><span title=\"%zu\">", i);
        cell = cell ? strstr(cell, part) : NULL;
        for (size_t k = 0; k < CLASSES; k++) {
            cell = cell ? strstr(cell + 1, "<td class=\"") : NULL;
            assert_non_null(cell);
            assert_true(cell[11] == (i == k ? 'd' : 'e'));
            (void)snprintf(part, sizeof part, ">%lld</td>",
                           json_integer_value(json_array_get(row, k)));
            const char *end = strstr(cell, "</td>"), *number = strstr(cell, part);
            assert_true(number && number + strlen(part) == end + strlen("</td>"));
        }
    }
    json_decref(j);
}

/* Wilson's interval for 8 of 10 is 0.4902 to 0.9433 (statsmodels' proportion_confint). */
static void the_interval_of_the_accuracy_is_wilsons(void **state)
{
    (void)state;
    const char *data = small_idx(60, 10);
    unsigned char labels[8 + 10] = { 0, 0, 8, 1, 0, 0, 0, 10 };
    for (int i = 0; i < 10; i++) labels[8 + i] = (unsigned char)((i + (i < 2)) % CLASSES);
    (void)test_write("set/t10k-labels-idx1-ubyte", labels, sizeof labels);
    const ran *r = run("train", "--data", data, "--out", at("m"), "--report", at("r.html"));
    assert_ran(r, 0);
    assert_says(r->out, "test  accuracy   80.00 %  (8 of 10)");
    const char *page = read_page("r.html");
    assert_says(page, "lies between 49.0\u00a0% and 94.3\u00a0%");
    assert_int_equal(occurrences(page, "predicted, wrong"), 2 + 2); /* among the least sure too */
}

static void the_page_of_train_has_the_epochs(void **state)
{
    (void)state;
    const char *data = hard_set();
    const ran *r = run("train", "--data", data, "--out", at("m"), "--epochs", "4", "--json",
                       "--report", at("r.HTM"), "--hidden", "16,8");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    const json_t *epochs = json_object_get(j, "epochs");
    const char *page = read_page("r.HTM");
    double best = 0, best_accuracy = -1;
    for (size_t i = 0; i < 4; i++) {
        const json_t *e = json_array_get(epochs, i);
        double accuracy = number_of(e, "val_accuracy");
        if (accuracy > best_accuracy) best = (double)i + 1;
        if (accuracy > best_accuracy) best_accuracy = accuracy;
        char part[512];
        (void)snprintf(part, sizeof part,
                       "%zu</th><td class=\"n\">%.4f</td><td class=\"n\">%.4f</td>"
                       "<td class=\"n\">%.2f\u00a0%%</td><td class=\"n\">%.2f\u00a0%%</td>",
                       i + 1, number_of(e, "loss"), number_of(e, "val_loss"),
                       100 * number_of(e, "train_accuracy"), 100 * accuracy);
        assert_says(page, part);
    }
    assert_number(page, "best: epoch ", "%.0f", best, "</span>");
    assert_number(page, "<b>", "%.2f", 100 * number_of(j, "val_accuracy"), "\u00a0%</b><small>");
    assert_number(page, "<dt>loss</dt><dd><b>", "%.4f", number_of(j, "val_loss"), "</b>");
    assert_number(page, "mlp</bdi>, ", "%.0f", number_of(j, "parameters"), " parameters");
    assert_says(page, "60 samples to train on");
    assert_says(page, "<code>--hidden</code></th><td><bdi>16,8</bdi>");
    assert_says(page, "<code>--lr</code></th><td><bdi>not given: 0.05</bdi>");
    assert_says(page, "<code>--val-split</code></th><td><bdi>not given</bdi>");
    assert_says(page, "<code>--seed</code></th><td><bdi>0</bdi>");
    json_decref(j);
}

/* --- what is in it ---------------------------------------------------------------------------- */

static const char hostile[] = "<script>alert(1)<\"'&\xe2\x80\xae",
                  rtl[] = "\xd7\xa2\xd7\x91 \xf0\x9f\x90\x9d";

/* Photographs of two classes with hostile names that look the same, so that some are mistaken. */
static void write_hostile(int count)
{
    char name[256];
    make_folder("data <b>");
    for (int label = 0; label < 2; label++) {
        (void)snprintf(name, sizeof name, "data <b>/%s", label ? rtl : hostile);
        make_folder(name);
        for (int i = 0; i < count; i++) {
            (void)snprintf(name, sizeof name, "data <b>/%s/%d <img>\n.bmp", label ? rtl : hostile,
                           i);
            write_bmp(name, 90, 90, 90, (unsigned)(3 * i + label));
        }
    }
}

static void hostile_names_stay_texts(void **state)
{
    (void)state;
    write_hostile(20);
    const ran *r = run("train", "--data", at("data <b>"), "--out", at("m'<i>.safetensors"),
                       "--report", at("r.html"), "--epochs", "2");
    assert_ran(r, 0);
    const char *page = read_page("r.html");
    static const char *const never[] = { "<script", "<b>/", "<i>.", "<img>", "\xe2\x80\xae", "%s" };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        assert_that(!strstr(page, never[i]), "the page has %s", never[i]);
    }
    assert_says(page, "<bdi>&lt;script&gt;alert(1)&lt;&quot;&#39;&amp;\\u202e</bdi>");
    assert_says(page, "<bdi>\xd7\xa2\xd7\x91 \xf0\x9f\x90\x9d</bdi>");
    assert_says(page, "\"><bdi>&lt;script&gt;alert(1)&lt;&quot;&#39;&amp;\\u202e/");
    assert_says(page, " &lt;img&gt;\\n.bmp</bdi></div>");
}

/* The command in the page gives the same page again, but for times. */
static void the_command_repeats_the_run(void **state)
{
    (void)state;
    const char *data = hard_set();
    char out[512];
    (void)snprintf(out, sizeof out, "%s", at("m o'd"));
    assert_ran(run("train", "--data", data, "--out", out, "--report", at("r.html"), "--seed", "7"),
               0);
    const char *page = read_page("r.html"), *from = strstr(page, "<pre><code>cd ");
    assert_non_null(from);
    assert_says(from, "m o&#39;\\&#39;&#39;d&#39; --report ");
    char command[4096], *to = command;
    for (from += strlen("<pre><code>"); *from != '<'; from++) {
        bool apostrophe = strncmp(from, "&#39;", 5) == 0;
        *to++ = apostrophe ? '\'' : *from;
        if (apostrophe) from += 4;
        assert_true(to < command + sizeof command - 1);
    }
    *to = '\0';
    cd_tensor_file *before = cd_tensor_file_open(out);
    int64_t bytes = cd_tensor_file_bytes(before);
    (void)unlink(out);
    (void)unlink(at("r.html"));
    assert_ran(run_words((const char *const[]){ "/bin/sh", "-c", command, NULL }), 0);
    assert_true(exists("r.html"));
    assert_int_equal(cd_tensor_file_bytes(cd_tensor_file_open(out)), bytes);
}

static void pictures_are_in_the_file(void **state)
{
    (void)state;
    const char *data = hard_set();
    assert_ran(
        run("train", "--data", data, "--out", at("m"), "--epochs", "1", "--report", at("r.html")),
        0);
    const char *page = read_page("r.html");
    int pictures = occurrences(page, "src=\"data:image/jpeg;base64,/9j/");
    assert_int_equal(occurrences(page, "<img "), pictures);
    assert_true(pictures > 12 && pictures <= 24);
    assert_int_equal(occurrences(page, "<div class=\"file\" "), pictures);
    assert_int_equal(occurrences(page, "<bdi>picture "), pictures);
    assert_null(strstr(page, "http")); /* nothing from elsewhere */
}

/* What the card of the model says of its training is in the page of eval. */
static void the_page_of_eval_says_how_the_model_was_trained(void **state)
{
    (void)state;
    const char *data = hard_set();
    assert_ran(run("train", "--data", data, "--out", at("m"), "--epochs", "2", "--optimizer",
                   "adam", "--lr", "0.003"),
               0);
    assert_ran(run("eval", at("m"), "--data", data, "--report", at("r.html")), 0);
    const char *page = read_page("r.html");
    assert_says(page, "<th scope=\"row\">optimizer</th><td><bdi>adam</bdi>");
    assert_says(page, "<th scope=\"row\">learning rate</th><td><bdi>0.003</bdi>");
    assert_says(page, "<th scope=\"row\">epochs</th><td><bdi>2</bdi>");
    assert_null(strstr(page, "id=\"curves\""));
}

/* --- where it goes ---------------------------------------------------------------------------- */

static void the_last_line_says_how_to_get_a_report(void **state)
{
    (void)state;
    const char *data = hard_set(), *hint = "\n--report report.html makes a page of this, with the "
                                           "worst mistakes\n";
    const ran *r = run("train", "--data", data, "--out", at("m"), "--epochs", "1");
    assert_ran(r, 0);
    assert_string_equal(strstr(r->out, hint) ? strstr(r->out, hint) : r->out, hint);
    r = run("eval", at("m"), "--data", data);
    assert_string_equal(strstr(r->out, hint) ? strstr(r->out, hint) : r->out, hint);
    r = run("eval", at("m"), "--data", data, "--report", at("r.html"));
    assert_ran(r, 0);
    assert_null(strstr(r->out, "--report"));
    assert_says(r->out, "\nwrote ");
    r = run("eval", at("m"), "--data", data, "--json");
    assert_null(strstr(r->out, "--report"));
    json_t *j = json_of(r);
    assert_true(json_is_null(json_object_get(j, "report")));
    json_decref(j);
}

/* A path that cannot be written is told before the training, which then does not happen. */
static void a_bad_path_is_told_at_the_beginning(void **state)
{
    (void)state;
    const char *data = hard_set();
    const ran *r = run("train", "--data", data, "--out", at("m"), "--report", at("no/r.html"));
    assert_ran(r, 1);
    assert_says(r->err, "no/r.html");
    assert_string_equal(r->out, "");
    make_folder("folder.html");
    assert_ran(run("train", "--data", data, "--out", at("m"), "--report", at("folder.html")), 1);
    r = run("train", "--data", data, "--out", at("m"), "--report", at("r.pdf"));
    assert_ran(r, 2);
    assert_says(r->err, "r.pdf: a report is a page of HTML, and its name ends in .html");
    r = run("train", "--data", data, "--out", at("r.html"), "--report", at("r.html"));
    assert_ran(r, 2);
    assert_says(r->err, "--report would replace another file of this run");
    assert_false(exists("m"));
    assert_false(exists("r.html"));
    assert_nothing_left_behind();
}

/* A model that is called M.html is not replaced by its report, whatever the report's path is. */
static void a_report_does_not_replace_the_model(void **state)
{
    (void)state;
    const char *data = hard_set();
    assert_ran(run("train", "--data", data, "--out", at("m.html"), "--epochs", "1"), 0);
    assert_int_equal(link(at("m.html"), at("also.html")), 0);
    assert_ran(run("eval", at("m.html"), "--data", data, "--report", at("m.html")), 2);
    assert_ran(run("eval", at("m.html"), "--data", data, "--report", at("also.html")), 2);
    assert_ran(run("eval", at("m.html"), "--data", data), 0);
    char other[600]; /* another name for a file that is not there yet */
    (void)snprintf(other, sizeof other, "%s/./n.html", test_folder());
    const ran *r =
        run("train", "--data", data, "--out", at("n.html"), "--epochs", "1", "--report", other);
    assert_ran(r, 2);
    assert_says(r->err, "--report would replace another file of this run");
    assert_false(exists("n.html"));
}

/* Where only the report cannot be written, the model stays, and the results are printed. The page
 * is larger than the shell allows for a file, 16 blocks of 512 or 1024 bytes. */
static void the_model_stays_when_the_report_fails(void **state)
{
    (void)state;
    const char *data = hard_set();
    (void)test_write("r.html", "before", 6);
    char command[2048];
    (void)snprintf(command, sizeof command,
                   "ulimit -f 16; exec '%s' train --data '%s' --out '%s' --epochs 1 --hidden none "
                   "--report '%s'",
                   CANDELA_PROGRAM, data, at("m"), at("r.html"));
    const ran *r = run_words((const char *const[]){ "/bin/sh", "-c", command, NULL });
    assert_ran(r, 1);
    assert_says(r->err, "r.html");
    assert_says(r->err, "the model is saved all the same: ");
    assert_says(r->out, "\nsaved ");
    assert_string_equal(read_page("r.html"), "before");
    assert_ran(run("eval", at("m"), "--data", data), 0);
    assert_nothing_left_behind();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_page_of_eval_has_the_numbers_of_json),
        TEST(the_interval_of_the_accuracy_is_wilsons),
        TEST(the_page_of_train_has_the_epochs),
        TEST(hostile_names_stay_texts),
        TEST(the_command_repeats_the_run),
        TEST(pictures_are_in_the_file),
        TEST(the_page_of_eval_says_how_the_model_was_trained),
        TEST(the_last_line_says_how_to_get_a_report),
        TEST(a_bad_path_is_told_at_the_beginning),
        TEST(a_report_does_not_replace_the_model),
        TEST(the_model_stays_when_the_report_fails),
    };
    return RUN(tests);
}
