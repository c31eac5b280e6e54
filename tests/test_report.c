/* The page of --report, part by part: escapes, quoting, scales, numbers, pictures, colours. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <candela.h>

#include "program.h"

#include "apps/command_line.h"
#include "apps/report_parts.h"
#include "apps/thumbnail.h"

/* A page as a text, with a NUL at its end. */
static const char *text_of(html *h)
{
    html_markup(h, "%c", '\0');
    assert_false(h->incomplete);
    return h->text;
}

/* --- texts ------------------------------------------------------------------------------------ */

static void texts_from_outside_are_escaped(void **state)
{
    (void)state;
    html h = { .size = 0 };
    html_text(&h, "<script>\"'&</script>\x01\n\xff\xe2\x80\xae caf\xc3\xa9 %s");
    html_name(&h, "<b>");
    assert_string_equal(text_of(&h), "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;\\x01\\n\\xff"
                                     "\\u202e caf\xc3\xa9 %s<bdi>&lt;b&gt;</bdi>");
    html_free(&h);
}

/* The vectors of RFC 4648. */
static void bytes_become_base64(void **state)
{
    (void)state;
    static const char *const pairs[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" },
                                            { "\xfb\xff\xbf", "+/+/" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        html h = { .size = 0 };
        html_base64(&h, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(text_of(&h), pairs[i][1]);
        html_free(&h);
    }
}

static void a_page_without_memory_is_not_written(void **state)
{
    (void)state;
    html h = { .incomplete = true };
    html_text(&h, "more");
    assert_false(html_write(&h, at("page.html")));
    assert_failed_with(CD_ERR_MEMORY, "page.html: out of memory for the page");
    assert_false(exists("page.html"));
    html_free(&h);
}

/* A shell gives back each word as it was. */
static void words_are_quoted_for_a_shell(void **state)
{
    (void)state;
    static const char *const words[] = { "plain-1.2_/:,@%+",
                                         "",
                                         "two words",
                                         "it's",
                                         "$HOME `id` \"$(id)\" \\ !",
                                         "~",
                                         "a=b",
                                         "*?[a]{b,c};&|<>#",
                                         "tab\there",
                                         "line\nend",
                                         "\x01\x7f'\\",
                                         "\xff\xfe",
                                         "caf\xc3\xa9",
                                         "\xe2\x80\xae"
                                         "evil",
                                         "\x01"
                                         "1",
                                         "-x" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *quoted = shell_quoted(words[i]), script[512];
        (void)snprintf(script, sizeof script, "printf %%s %s", quoted);
        const ran *r = run_words((const char *const[]){ "/bin/bash", "-c", script, NULL });
        assert_int_equal(r->status, 0);
        assert_string_equal(r->out, words[i]);
        free(quoted);
    }
    char *quoted = shell_quoted("plain-1.2_/:,@%+");
    assert_string_equal(quoted, "plain-1.2_/:,@%+");
    free(quoted);
    static char *const argv[] = { "candela", "eval", "my model", "a'b\n" };
    remember_command_line(4, argv);
    char *line = command_line();
    assert_string_equal(line, "candela eval 'my model' $'a\\'b\\012'");
    free(line);
}

static void shares_and_durations_are_readable(void **state)
{
    (void)state;
    char text[PERCENT_BYTES], time[SECONDS_BYTES];
    assert_string_equal(report_percent(0.9125, 2, text), "91.25\u00a0%");
    assert_string_equal(report_percent(1, 2, text), "100.00\u00a0%");
    assert_string_equal(report_percent(0.99999, 2, text), "&gt; 99.99\u00a0%");
    assert_string_equal(report_percent(0.9999, 2, text), "99.99\u00a0%");
    assert_string_equal(report_percent(0, 1, text), "0.0\u00a0%");
    assert_string_equal(report_percent(0.0004, 1, text), "&lt; 0.1\u00a0%");
    assert_string_equal(report_percent((double)NAN, 1, text), "-");
    assert_string_equal(report_seconds(0.0031, time), "3.1 ms");
    assert_string_equal(report_seconds(0.4249, time), "0.42 s");
    assert_string_equal(report_seconds(59.94, time), "59.9 s");
    assert_string_equal(report_seconds(59.96, time), "1 min 0 s");
    assert_string_equal(report_seconds(200, time), "3 min 20 s");
    assert_string_equal(report_seconds(3599.6, time), "1 h 0 min");
    assert_string_equal(report_seconds(7500, time), "2 h 5 min");
}

/* --- predictions ------------------------------------------------------------------------------ */

static void probabilities_are_the_softmax(void **state)
{
    (void)state;
    notable n = { .worst_count = 0 };
    const float logits[] = { 1, 3, 2 };
    notable_add(&n, 7, 0, logits, 3);
    assert_int_equal(n.worst_count, 1);
    assert_int_equal(n.unsure_count, 1);
    const prediction *p = &n.worst[0];
    assert_int_equal(p->index, 7);
    assert_int_equal(p->label, 0);
    assert_int_equal(p->predicted, 1);
    assert_int_equal(p->next, 2);
    /* torch.softmax(torch.tensor([1., 3., 2.], dtype=torch.float64), 0) */
    assert_close(p->probability, 0.6652409557748219, 1e-14, 0);
    assert_close(p->next_probability, 0.24472847105479764, 1e-14, 0);
    assert_close(p->label_probability, 0.09003057317038046, 1e-14, 0);
}

/* Of equal logits the first class is predicted, as by argmax; large ones do not overflow. */
static void equal_and_large_logits_are_taken_as_they_are(void **state)
{
    (void)state;
    notable n = { .worst_count = 0 };
    const float equal[] = { 2, 2, 2 }, large[] = { -3e38f, 3e38f, 0 };
    notable_add(&n, 0, 0, equal, 3);
    assert_int_equal(n.worst_count, 0);
    assert_int_equal(n.unsure[0].predicted, 0);
    assert_int_equal(n.unsure[0].next, 1);
    assert_close(n.unsure[0].probability, 1.0 / 3, 1e-15, 0);
    notable_add(&n, 1, 0, large, 3);
    assert_int_equal(n.worst_count, 1);
    assert_close(n.worst[0].probability, 1, 0, 0);
    assert_close(n.worst[0].label_probability, 0, 0, 0);
}

static void the_most_notable_are_kept_in_order(void **state)
{
    (void)state;
    notable n = { .worst_count = 0 };
    enum { COUNT = 50 };
    for (int i = 0; i < COUNT; i++) { /* margins in a mixed order; each second is a mistake */
        const float logits[] = { (float)(i * 7 % COUNT) / 10, 0 };
        notable_add(&n, i, i % 2, logits, 2);
    }
    assert_int_equal(n.worst_count, NOTABLE);
    assert_int_equal(n.unsure_count, NOTABLE);
    for (int k = 0; k < NOTABLE; k++) {
        assert_int_equal(n.unsure[k].index * 7 % COUNT, k);
        /* i is odd where i * 7 % 50 is, and the largest odd number is 49. */
        assert_int_equal(n.worst[k].index * 7 % COUNT, COUNT - 1 - 2 * k);
    }
    const float same[] = { 0, 0 };
    notable_add(&n, 99, 0, same, 2); /* as sure as sample 0, and later */
    assert_int_equal(n.unsure[0].index, 0);
    assert_int_equal(n.unsure[1].index, 99);
}

/* --- thumbnails ------------------------------------------------------------------------------- */

/* Writes the thumbnail to a file, and reads its pixels back as 0 to 255. */
static cd_tensor *pixels_of(const thumbnail *t, int channels)
{
    (void)test_write("t.jpg", t->jpeg, t->bytes);
    const cd_preprocess plain = { .resize = 0,
                                  .crop_width = t->width,
                                  .crop_height = t->height,
                                  .channels = channels,
                                  .std = { 1.0 / 255, 1.0 / 255, 1.0 / 255 } };
    return cd_load_image(at("t.jpg"), &plain);
}

/* Of a normalised picture each pixel is what it was before; what is outside of 0 to 1 is cut. */
static void small_pictures_keep_their_pixels(void **state)
{
    (void)state;
    enum { H = 5, W = 4 };
    for (int channels = 1; channels <= 3; channels += 2) {
        float x[3 * H * W];
        const cd_preprocess p = { .mean = { 0.4, 0.5, 0.6 }, .std = { 0.2, 0.25, 0.3 } };
        for (int i = 0; i < channels * H * W; i++) {
            double value = i == 0 ? -20 : i == 1 ? 400 : 60 + 9 * (i % (H * W));
            int c = i / (H * W);
            x[i] = (float)((value / 255 - p.mean[c]) / p.std[c]);
        }
        thumbnail t;
        assert_true(thumbnail_make(&t, x, CD_SHAPE(channels, H, W), &p));
        assert_int_equal(t.width, W);
        assert_int_equal(t.height, H);
        const float *value = cd_data(pixels_of(&t, channels));
        assert_non_null(value);
        for (int i = 2; i < channels * H * W; i++) {
            assert_close((double)value[i], 60 + 9 * (i % (H * W)), 0, channels == 1 ? 3 : 8);
        }
        if (channels == 1) {
            assert_close((double)value[0], 0, 0, 6);
            assert_close((double)value[1], 255, 0, 6);
        }
        thumbnail_free(&t);
    }
}

static void large_pictures_become_smaller(void **state)
{
    (void)state;
    enum { H = 700, W = 513 };
    float *x = calloc((size_t)3 * H * W, sizeof *x);
    assert_non_null(x);
    for (int i = 0; i < H * W; i++) x[i] = i % W < 258 ? 1 : 0; /* red on the left */
    const cd_preprocess p = { .std = { 1, 1, 1 } };
    thumbnail t;
    assert_true(thumbnail_make(&t, x, CD_SHAPE(3, H, W), &p));
    assert_int_equal(t.width, 171);
    assert_int_equal(t.height, 234); /* the last row is of one row of the picture */
    const float *value = cd_data(pixels_of(&t, 3));
    assert_non_null(value);
    assert_close((double)value[234 * 171 / 2 / 171 * 171 + 10], 255, 0, 8);
    assert_close((double)value[234 * 171 / 2 / 171 * 171 + 160], 0, 0, 8);
    thumbnail_free(&t);
    free(x);
}

static void other_samples_have_no_thumbnail(void **state)
{
    (void)state;
    const float x[8] = { 0 };
    const cd_preprocess p = { .std = { 1, 1, 1 } };
    thumbnail t;
    assert_false(thumbnail_make(&t, x, CD_SHAPE(2, 2, 2), &p));
    assert_failed_with(CD_ERR_UNSUPPORTED, "1 or 3 channels x height x width, not of 2x2x2");
    assert_false(thumbnail_make(&t, x, CD_SHAPE(8), &p));
    assert_failed_with(CD_ERR_UNSUPPORTED, "not of 8");
    assert_null(t.jpeg);
}

/* --- curves ----------------------------------------------------------------------------------- */

typedef struct numbers {
    double loss, validation_loss;
} numbers;

/* The markup of the curves; the caller frees the page. */
static const char *curves_of(html *h, const numbers *n, int64_t epochs, int64_t best,
                             const char *unit)
{
    const report r = { .curve = { { "Loss",
                                    unit,
                                    { "train", &n->loss, sizeof *n },
                                    { "val", &n->validation_loss, sizeof *n } } },
                       .curves = 1,
                       .epochs = epochs,
                       .best = best,
                       .best_by = "lowest loss on val",
                       .saved = epochs };
    *h = (html){ .size = 0 };
    report_curves(h, &r);
    return text_of(h);
}

static void axes_have_round_ticks(void **state)
{
    (void)state;
    html h;
    const numbers n[] = { { 0.52, 0.43 }, { 0.31, 0.40 }, { 0.12, (double)NAN }, { 0.1, 0.37 } };
    const char *page = curves_of(&h, n, 4, 2, "nats");
    for (int tick = 1; tick <= 6; tick++) {
        char label[64];
        (void)snprintf(label, sizeof label, "top:%.1f%%\">0.%d</span>", 100 - 20.0 * (tick - 1),
                       tick);
        assert_says(page, label);
    }
    assert_null(strstr(page, ">0.7<"));
    assert_says(page, "left:0.0%\">1</span>");
    assert_says(page, "left:100.0%\">4</span>");
    /* y = 1000 (0.6 - loss) / 0.5 */
    assert_says(page,
                "class=\"line train\" d=\"M0.0 160.0L333.3 580.0L666.7 960.0L1000.0 1000.0\"");
    assert_says(page, "class=\"line val\" d=\"M0.0 340.0L333.3 400.0M1000.0 460.0\"");
    assert_says(page, "epoch 3\ntrain 0.1200\nval -</title>");
    assert_says(page, "left:33.3%\">best: epoch 2</span>");
    assert_says(page, "Epoch 2 has the lowest loss on val. The saved model is that of epoch 4");
    assert_says(page, "<th scope=\"row\" class=\"n\">best: 2</th><td class=\"n\">0.3100</td><td "
                      "class=\"n\">0.4000</td>");
    html_free(&h);
}

static void shares_are_shown_in_percent(void **state)
{
    (void)state;
    html h;
    const numbers n[] = { { 0.5, 0.72 }, { 0.9, 1 } };
    const char *page = curves_of(&h, n, 2, 2, "%");
    assert_says(page, "top:0.0%\">100 %</span>");
    assert_says(page, "top:100.0%\">50 %</span>");
    assert_says(page, "<b>90.00\u00a0%</b>");
    assert_says(page, "and is the one that was saved.");
    html_free(&h);
}

/* One epoch, equal numbers, huge ones, none at all. */
static void odd_curves_are_drawn_too(void **state)
{
    (void)state;
    html h;
    const numbers one[] = { { 1, 1 } };
    const char *page = curves_of(&h, one, 1, 1, "%");
    assert_says(page, "M500.0 0.0");
    assert_says(page, ">100 %</span>");
    assert_null(strstr(page, "nan"));
    html_free(&h);
    const numbers huge[] = { { 1e300, 1e12 }, { 1e12, 5 } };
    page = curves_of(&h, huge, 2, 2, "nats");
    assert_says(page, "1e+300");
    html_free(&h);
    const numbers none[] = { { (double)NAN, (double)INFINITY } };
    page = curves_of(&h, none, 1, 1, "nats");
    assert_null(strstr(page, "<svg"));
    assert_says(page, "<td class=\"n\">-</td>");
    html_free(&h);
    const numbers extreme[] = { { 1.7e308, -1.7e308 }, { 0, 0 } };
    page = curves_of(&h, extreme, 2, 2, "nats");
    assert_null(strstr(page, "inf"));
    html_free(&h);
}

static void many_epochs_take_little_room(void **state)
{
    (void)state;
    enum { EPOCHS = 100000, BEST = 61803 };
    numbers *n = calloc(EPOCHS, sizeof *n);
    assert_non_null(n);
    for (int i = 0; i < EPOCHS; i++) n[i] = (numbers){ 1.0 / (i + 1), i + 1 == BEST ? 0.25 : 0.5 };
    html h;
    const char *page = curves_of(&h, n, EPOCHS, BEST, "nats");
    assert_that(h.size < 400000, "the page has %zu bytes", h.size);
    assert_says(page, "<title>epoch 61803\ntrain 0.0000\nval 0.2500</title>");
    assert_says(page, "<title>epoch 100000\n");
    assert_says(page, ">best: 61803</th>");
    assert_says(page, ">100000</th>");
    assert_says(page, "Each 100th of 100000 epochs");
    html_free(&h);
    free(n);
}

/* --- the whole page --------------------------------------------------------------------------- */

static const command bare_command = { .name = "eval", .operands = "" };

static char *read_page(const char *name)
{
    static char page[1 << 21];
    FILE *file = fopen(at(name), "rb");
    assert_non_null(file);
    size_t size = fread(page, 1, sizeof page - 1, file);
    page[size] = '\0';
    (void)fclose(file);
    return page;
}

static void parts_without_contents_are_left_out(void **state)
{
    (void)state;
    const report r = { .command = &bare_command };
    assert_true(report_write(&r, at("bare.html"), at("model")));
    const char *page = read_page("bare.html");
    static const char *const left_out[] = { "curves", "confusion", "classes",
                                            "worst",  "unsure",    "settings" };
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        char id[64];
        (void)snprintf(id, sizeof id, "id=\"%s\"", left_out[i]);
        assert_null(strstr(page, id));
        (void)snprintf(id, sizeof id, "#%s", left_out[i]);
        assert_null(strstr(page, id));
    }
    assert_says(page, "<h2>Times and machine</h2>");
    assert_says(page, "<h2>How to repeat it</h2>");
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "http"));
}

/* A photograph that has gone since it was evaluated does not stop the page. */
static void a_picture_that_has_gone_is_said_to_be(void **state)
{
    (void)state;
    write_photographs("photos", 2);
    char data[512];
    (void)snprintf(data, sizeof data, "%s", at("photos"));
    cd_dataset *set = cd_dataset_open(data);
    assert_non_null(set);
    (void)unlink(at("photos/dark/1.bmp"));
    const notable n = { .worst = { { .index = 1, .label = 0, .predicted = 1, .probability = 0.9 },
                                   { .index = 0, .label = 0, .predicted = 1, .probability = 0.8 } },
                        .worst_count = 2 };
    const report r = { .command = &bare_command, .data = data, .set = set, .notable = &n };
    assert_true(report_write(&r, at("gone.html"), at("model")));
    assert_ok();
    const char *page = read_page("gone.html");
    assert_says(page, "<div class=\"nopicture\">cannot be read any more</div>");
    assert_says(page, "<bdi>dark/1.bmp</bdi>");
    assert_says(page, "<img width=\"224\" height=\"224\" alt=\"");
    assert_null(strstr(page, "Least sure"));
}

/* Adds `count` samples of a class that are predicted to be of another one. */
static void add_samples(cd_meter *confusion, int64_t classes, int64_t label, int64_t predicted,
                        int64_t count)
{
    CD_SCOPE();
    cd_tensor *truth = cd_full(CD_SHAPE(count), (double)label, .dtype = CD_I64);
    cd_tensor *guess = cd_full(CD_SHAPE(count), (double)predicted, .dtype = CD_I64);
    assert_true(cd_meter_update(confusion, cd_to(cd_one_hot(guess, classes), CD_F32), truth));
}

/* The matrix of 40 classes shows the 30 with the most mistakes, and the rest of a row as one
 * number. Class k has k mistakes, all of them predicted as class 0. */
static void of_many_classes_the_worst_are_shown(void **state)
{
    (void)state;
    enum { MANY = 40 };
    char name[64];
    make_folder("many");
    for (int k = 0; k < MANY; k++) {
        (void)snprintf(name, sizeof name, "many/c%02d", k);
        make_folder(name);
        (void)snprintf(name, sizeof name, "many/c%02d/1.bmp", k);
        write_bmp(name, k, k, k, 1);
    }
    score s;
    cd_meter *confusion = cd_meter_new(&cd_confusion);
    for (int k = 0; k < MANY; k++) {
        add_samples(confusion, MANY, k, k, 100);
        if (k > 0) add_samples(confusion, MANY, k, 0, k);
    }
    add_samples(confusion, MANY, 39, 1, 7); /* class 1 is not shown */
    assert_true(score_of(&s, confusion, 1));
    const report r = { .command = &bare_command, .set = cd_dataset_open(at("many")), .score = &s };
    html h = { .size = 0 };
    report_matrix(&h, &r);
    const char *page = text_of(&h);
    assert_says(page, "Of 40 classes, these are the 30 with the most mistakes");
    assert_non_null(strstr(page, "<bdi>c00</bdi>"));
    assert_non_null(strstr(page, "<bdi>c11</bdi>"));
    assert_null(strstr(page, "<bdi>c10</bdi>"));
    assert_null(strstr(page, "<bdi>c01</bdi></span></th>"));
    assert_says(page, "<span>other classes</span>");
    assert_says(page, "title=\"26.7\u00a0% of c39 predicted as c00\">39</td>");
    assert_says(page, "<td class=\"e2\">7</td></tr>"); /* 7 of 146: between 1/36 and 4/36 */
    assert_says(page, "<tbody>\n<tr><td><bdi>c39</bdi></td><td><bdi>c00</bdi></td><td "
                      "class=\"n\">39</td><td class=\"n\">26.7\u00a0%</td></tr>");
    html_free(&h);
    h = (html){ .size = 0 };
    report_classes(&h, &r);
    page = text_of(&h);
    assert_says(page, "The 30 of 40 classes with the lowest recall");
    assert_says(page, "<tbody>\n<tr><th scope=\"row\"><bdi>c39</bdi></th>");
    assert_says(page, "All 40 classes");
    html_free(&h);
    score_free(&s);
}

/* --- colours ---------------------------------------------------------------------------------- */

/* The relative luminance of WCAG 2 of the colour "#rrggbb" or "#rgb" at `hex`. */
static double luminance(const char *hex)
{
    static const double weight[] = { 0.2126, 0.7152, 0.0722 };
    size_t digits = strspn(hex + 1, "0123456789abcdef") / 3;
    double sum = 0;
    assert_true(*hex == '#' && (digits == 1 || digits == 2));
    for (size_t i = 0; i < 3; i++) {
        char one[3] = { hex[1 + i * digits], hex[1 + i * digits + digits - 1], '\0' };
        double c = (double)strtol(one, NULL, 16) / 255;
        sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

/* The colour called `name` in the style, after the text `from`. */
static double colour(const char *from, const char *name)
{
    char key[32];
    (void)snprintf(key, sizeof key, "--%s:#", name);
    const char *found = strstr(from, key);
    assert_that(found != NULL, "no colour %s", name);
    return luminance(found + strlen(key) - 1);
}

static void assert_contrast(const char *style, const char *text, const char *behind)
{
    double a = colour(style, text), b = colour(style, behind);
    double ratio = (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
    assert_that(ratio >= 4.5, "%s on %s has a contrast of %.2f", text, behind, ratio);
}

static void every_text_has_enough_contrast(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "ink", "bg" },    { "soft", "bg" },  { "link", "bg" },   { "ink", "card" },
        { "soft", "card" }, { "ink", "tint" }, { "soft", "tint" }, { "train", "bg" },
        { "val", "bg" },    { "low", "d1" },   { "low", "d2" },    { "low", "d3" },
        { "low", "e1" },    { "low", "e2" },   { "low", "e3" },    { "mid", "d4" },
        { "mid", "e4" },    { "high", "d5" },  { "high", "e5" },   { "high", "d6" },
        { "high", "e6" },
    };
    html h = { .size = 0 };
    for (int i = 0; report_style[i]; i++) html_markup(&h, "%s", report_style[i]);
    const char *light = text_of(&h), *dark = strstr(light, "prefers-color-scheme:dark");
    assert_non_null(dark);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_contrast(light, pairs[i][0], pairs[i][1]);
        assert_contrast(dark, pairs[i][0], pairs[i][1]);
    }
    html_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_from_outside_are_escaped),
        TEST(bytes_become_base64),
        TEST(a_page_without_memory_is_not_written),
        TEST(words_are_quoted_for_a_shell),
        TEST(shares_and_durations_are_readable),
        TEST(probabilities_are_the_softmax),
        TEST(equal_and_large_logits_are_taken_as_they_are),
        TEST(the_most_notable_are_kept_in_order),
        TEST(small_pictures_keep_their_pixels),
        TEST(large_pictures_become_smaller),
        TEST(other_samples_have_no_thumbnail),
        TEST(axes_have_round_ticks),
        TEST(shares_are_shown_in_percent),
        TEST(odd_curves_are_drawn_too),
        TEST(many_epochs_take_little_room),
        TEST(parts_without_contents_are_left_out),
        TEST(a_picture_that_has_gone_is_said_to_be),
        TEST(of_many_classes_the_worst_are_shown),
        TEST(every_text_has_enough_contrast),
    };
    return RUN(tests);
}
