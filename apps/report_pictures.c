/* The pictures of a report: predictions that are worth a look, each with its picture, its name and
 * the probabilities. */
#include "apps/report_parts.h"

#include <math.h>
#include <string.h>

#include "apps/console.h"
#include "apps/samples.h"
#include "apps/thumbnail.h"

/* The picture as a data: URI, or where it cannot be made a sentence that says why. */
static void write_picture(html *h, const report *r, int64_t index, const char *name)
{
    thumbnail t;
    bool small, done = thumbnail_of_sample(&t, r->set, index);
    if (!done) {
        cd_error error;
        (void)cd_error_take(&error);
        if (error.code == CD_ERR_MEMORY) h->incomplete = true;
        html_markup(h, "<div class=\"nopicture\">%s</div>",
                    error.code == CD_ERR_UNSUPPORTED ? "no picture" : "cannot be read any more");
        return;
    }
    small = t.width <= THUMBNAIL_SMALL && t.height <= THUMBNAIL_SMALL;
    html_markup(h, "<img width=\"%d\" height=\"%d\"%s alt=\"", t.width, t.height,
                small ? " class=\"small\"" : "");
    html_text(h, name);
    html_markup(h, "\" src=\"data:image/jpeg;base64,");
    html_base64(h, t.jpeg, t.bytes);
    html_markup(h, "\">");
    thumbnail_free(&t);
}

/* A class with its probability, and what it is: "true", "predicted". */
static void write_class(html *h, const report *r, int64_t label, double probability,
                        const char *role, const char *kind)
{
    char percent[PERCENT_BYTES];
    html_markup(h, "<div class=\"guess %s\" style=\"--v:%.1f%%\"><span>", kind, 100 * probability);
    html_name(h, cd_dataset_class_name(r->set, label));
    html_markup(h, "</span> <b>%s</b><small>%s</small></div>",
                report_percent(probability, 2, percent), role);
}

/* The name of a sample without that of its data set: "val/ants/1.jpg", or "picture 12" as it is.
 * Returns `text`, or a part of `name`. */
static const char *short_name(const report *r, int64_t index, const char *name, char text[32])
{
    if (!cd_dataset_path(r->set, index)) {
        (void)snprintf(text, 32, "picture %lld", (long long)index);
        return text;
    }
    size_t length = r->data ? strlen(r->data) : 0;
    while (length > 0 && r->data[length - 1] == '/') length--;
    bool below = length > 0 && strncmp(name, r->data, length) == 0 && name[length] == '/';
    return below ? name + length + 1 : name;
}

static void write_prediction(html *h, const report *r, const prediction *p)
{
    char name[SAMPLE_NAME_BYTES], number[32];
    bool right = p->predicted == p->label;
    (void)sample_name(r->set, p->index, r->data ? r->data : "the data set", name);
    html_markup(h, "<figure class=\"tile\">");
    write_picture(h, r, p->index, name);
    html_markup(h, "<figcaption>");
    write_class(h, r, p->predicted, p->probability,
                right ? "&#10003; predicted, right" : "&#10007; predicted, wrong",
                right ? "right" : "wrong");
    /* A right prediction stands beside the class that was nearest to it. */
    int64_t second = right ? p->next : p->label;
    if (second >= 0) {
        write_class(h, r, second, right ? p->next_probability : p->label_probability,
                    right ? "next" : "true", "other");
    }
    html_markup(h, "<div class=\"file\" title=\"");
    html_text(h, name);
    html_markup(h, "\">");
    html_name(h, short_name(r, p->index, name, number));
    html_markup(h, "</div></figcaption></figure>\n");
}

/* Pictures are read a second time here, and what there was to warn of has been said the first
 * time. */
static void write_tiles(html *h, const report *r, const prediction *list, int count)
{
    if (r->rows) {
        report_row_predictions(h, r, list, count);
        return;
    }
    mute_warnings(true);
    html_markup(h, "<div class=\"tiles\">\n");
    for (int i = 0; i < count; i++) write_prediction(h, r, &list[i]);
    html_markup(h, "</div>\n");
    mute_warnings(false);
}

void report_worst(html *h, const report *r)
{
    html_markup(h,
                "<p class=\"note\">Wrong predictions with the highest probability. Some may be "
                "labelled wrongly in the data.%s</p>\n",
                r->rows ? "" : " Pictures are shown as the model reads them.");
    write_tiles(h, r, r->notable->worst, r->notable->worst_count);
}

void report_unsure(html *h, const report *r)
{
    html_markup(h,
                "<p class=\"note\">Predictions, right and wrong, whose two highest probabilities "
                "are nearest to each other.</p>\n");
    write_tiles(h, r, r->notable->unsure, r->notable->unsure_count);
}
