/* Runs models of tables on CSV files. */
#include "apps/tabular.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/logits.h"
#include "apps/progress.h"

enum { BATCH = 1024 }; /* rows that are run through the model at a time */

bool is_csv_name(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && strncmp(path, "list:", 5) != 0 &&
           (strcasecmp(dot, ".csv") == 0 || strcasecmp(dot, ".tsv") == 0);
}

bool tabular_is_regression(const tabular *t)
{
    return cd_encoder_task(t->encoder) == CD_TABLE_REGRESSION;
}

const char *tabular_task(const cd_encoder *e, char text[TASK_BYTES])
{
    char name[80];
    (void)snprintf(text, TASK_BYTES, "%s of %s",
                   cd_encoder_task(e) == CD_TABLE_REGRESSION ? "regression" : "classes",
                   cd_escape_text(name, sizeof name, cd_encoder_label(e)));
    return text;
}

/* The outputs for some rows; an output that is not finite is an error with the row's line. */
static cd_tensor *run_batch(const tabular *t, cd_module *model, cd_tensor *x, int64_t first)
{
    bool finite;
    int64_t row;
    char name[320], path[280];
    cd_tensor *outputs = model_logits(model, x, cd_encoder_output_count(t->encoder));
    if (!outputs || !find_not_finite(outputs, &finite, &row)) return NULL;
    if (finite) return outputs;
    (void)snprintf(name, sizeof name, "%s: line %lld", cd_escape_text(path, sizeof path, t->path),
                   (long long)cd_table_line(t->table, first + row));
    (void)fail_not_finite(name);
    return NULL;
}

/* Runs the model on all rows of x. */
static bool run_all(tabular *t, cd_module *model, cd_tensor *x)
{
    const int64_t rows = cd_size(x, 0), width = cd_encoder_output_count(t->encoder);
    float *to = cd_data_mut(t->outputs);
    for (int64_t first = 0; to && first < rows && !interrupted(); first += BATCH) {
        CD_SCOPE();
        CD_NO_GRAD();
        const int64_t count = rows - first < BATCH ? rows - first : BATCH;
        cd_tensor *outputs = run_batch(t, model, cd_narrow(x, 0, first, count), first);
        if (!cd_read(outputs, to + first * width, (size_t)(count * width) * sizeof *to)) {
            return false;
        }
        progress_at(first + count);
    }
    return to && !interrupted();
}

/* Reads and encodes the file. */
static cd_tensor *encode(tabular *t, bool labelled)
{
    char name[68];
    cd_tensor *x = NULL;
    t->table = cd_read_csv(t->path);
    if (!t->table || !cd_encoder_encode(t->encoder, t->table, &x, labelled ? &t->y : NULL)) {
        return NULL;
    }
    if (!labelled || t->y) return x;
    (void)cd_fail(CD_ERR_FORMAT, "%s has no column \"%s\", the label, to compare predictions with",
                  t->path, cd_escape_text(name, sizeof name, cd_encoder_label(t->encoder)));
    return NULL;
}

/* Whether the path may be that of a CSV file, and is not the name of a data set of pictures. */
static bool check_file(const tabular *t)
{
    struct stat info;
    if (is_csv_name(t->path)) return true;
    if (stat(t->path, &info) == 0 && !S_ISDIR(info.st_mode)) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "the model is one of tables: it takes the rows of a CSV file, and %s is none",
                   t->path);
}

bool tabular_open(tabular *t, cd_module *model, const cd_card *card, const char *path,
                  bool labelled, const char *task)
{
    *t = (tabular){ .encoder = cd_encoder_from_json(card->encoder), .path = path };
    return t->encoder && check_file(t) && tabular_run(t, model, encode(t, labelled), task);
}

bool tabular_run(tabular *t, cd_module *model, cd_tensor *x, const char *task)
{
    if (!x) return false;
    t->outputs = cd_empty(CD_SHAPE(cd_size(x, 0), cd_encoder_output_count(t->encoder)));
    if (!t->outputs) return false;
    progress_begin(task, "rows", cd_size(x, 0));
    bool done = run_all(t, model, x);
    progress_end();
    return done;
}

cd_tensor *tabular_logits(const tabular *t)
{
    if (cd_encoder_task(t->encoder) != CD_TABLE_BINARY) return t->outputs;
    return cd_cat(CD_TENSORS(cd_zeros_like(t->outputs), t->outputs), 1);
}

cd_dataset *tabular_samples(const tabular *t)
{
    return cd_dataset_from_tensors(tabular_logits(t), cd_to(cd_flatten(t->y, 0, -1), CD_I64),
                                   .classes = cd_encoder_classes(t->encoder),
                                   .class_count = cd_encoder_class_count(t->encoder));
}
