/* candela predict: predicts the classes of pictures, from files or from a data set, and the rows of
 * tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/eval_split.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/logits.h"
#include "apps/model_file.h"
#include "apps/names.h"
#include "apps/picture.h"
#include "apps/predict_table.h"
#include "apps/same_file.h"
#include "apps/samples.h"
#include "apps/tabular.h"

typedef struct predict_options {
    common_options common;
    const char *data, *model, *classes, *key;
    const char *out; /* where the predictions of a table go; NULL: to standard output */
    int64_t top, count;
    bool invert;
} predict_options;

/* The model, what its outputs mean, and what has been predicted so far. */
typedef struct predictor {
    const predict_options *o;
    const char *file;
    cd_module *model;
    cd_preprocess preprocess;
    const char *const *classes; /* their names; NULL: they have numbers */
    int64_t class_count;        /* 0: not known */
    names listed;               /* from the file of --classes */
    json_t *pictures;           /* with --json: the pictures done so far; else NULL */
    int64_t failures;           /* pictures that could not be read */
    const char *split;          /* with --data: the name of the split that is used; else NULL */
} predictor;

/* --- opening ---------------------------------------------------------------------------------- */

/* Opens bare weights: --model, and --classes for the names of its classes. */
static bool open_bare(predictor *p)
{
    const predict_options *o = p->o;
    p->model = open_bare_model(o->model, p->file, o->key, &p->class_count);
    p->preprocess = cd_preprocess_imagenet;
    if (!p->model) return false;
    if (!o->classes) return true;
    if (!names_read(&p->listed, o->classes)) return false;
    p->classes = (const char *const *)p->listed.name;
    if (p->listed.count == p->class_count) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s has %lld names, a line each, and the model knows %lld classes", o->classes,
                   (long long)p->listed.count, (long long)p->class_count);
}

/* Whether the model is one of tables as it should be for what is to be predicted. */
static bool check_kind(const predictor *p, const cd_card *card)
{
    const predict_options *o = p->o;
    if (card->encoder) {
        return o->data || cd_fail(CD_ERR_ARGUMENT,
                                  "%s is a model of tables: it takes the rows of --data FILE.csv, "
                                  "and no pictures",
                                  p->file);
    }
    if (!o->out && (!o->data || !is_csv_name(o->data))) return true;
    return cd_fail(CD_ERR_ARGUMENT,
                   "%s is no model of tables: %s is for one that was trained on a CSV file",
                   p->file, o->out ? "--out" : o->data);
}

/* Opens a saved model, whose card has all that is needed. */
static bool open_saved(predictor *p, cd_card **card)
{
    p->model = open_model(p->file, card);
    if (!p->model || !check_kind(p, *card)) return false;
    if ((*card)->encoder) return true;
    p->classes = (*card)->classes;
    p->class_count = (*card)->class_count;
    p->preprocess = (*card)->preprocess;
    if (p->preprocess.channels != 0 || (p->o->data && !p->o->invert)) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s does not say how pictures are prepared for the model, so only --data can be "
                   "used with it, and not with --invert",
                   p->file);
}

/* --- predictions ------------------------------------------------------------------------------ */

/* The most probable classes of a picture, in falling order. */
typedef struct prediction {
    int64_t count;
    int64_t *label;     /* owned */
    float *probability; /* owned */
} prediction;

static void prediction_free(prediction *top)
{
    free(top->label);
    free(top->probability);
}

/* The logits for a picture x, C x H x W or 1 x C x H x W, which is called `picture` in
 * sentences. */
static cd_tensor *logits_of(const predictor *p, cd_tensor *x, const char *picture)
{
    bool finite;
    int64_t row;
    cd_tensor *logits =
        model_logits(p->model, x && cd_ndim(x) == 3 ? cd_unsqueeze(x, 0) : x, p->class_count);
    if (!logits || !find_not_finite(logits, &finite, &row)) return NULL;
    return finite || fail_not_finite(picture) ? logits : NULL;
}

/* Predicts the classes of a picture. False with a library error. */
static bool predict(const predictor *p, cd_tensor *x, const char *picture, prediction *out)
{
    CD_SCOPE();
    CD_NO_GRAD();
    *out = (prediction){ .count = 0 };
    cd_tensor *probabilities = cd_softmax(logits_of(p, x, picture), 1), *indices = NULL;
    if (!probabilities) return false;
    int64_t classes = cd_size(probabilities, 1), count = p->o->top < classes ? p->o->top : classes;
    cd_tensor *best = cd_topk(probabilities, count, .indices = &indices);
    out->label = calloc((size_t)count, sizeof *out->label);
    out->probability = calloc((size_t)count, sizeof *out->probability);
    if (!out->label || !out->probability) (void)cd_fail(CD_ERR_MEMORY, "out of memory");
    out->count = count;
    if (best && cd_read(best, out->probability, (size_t)count * sizeof *out->probability) &&
        cd_read(indices, out->label, (size_t)count * sizeof *out->label)) {
        return true;
    }
    prediction_free(out);
    return false;
}

/* The name of a class, or "class 3", written to `number`. */
static const char *class_name(const predictor *p, int64_t label, char *number, size_t bytes)
{
    if (p->classes) return p->classes[label];
    (void)snprintf(number, bytes, "class %lld", (long long)label);
    return number;
}

static void show_prediction(const predictor *p, const prediction *top)
{
    enum { BEFORE = 12 };
    char number[32], name[SHOWN_BYTES];
    for (int64_t k = 0; k < top->count; k++) {
        const char *text = class_name(p, top->label[k], number, sizeof number);
        print_line_in(k == 0 && top->count > 1 ? STYLE_STRONG : STYLE_PLAIN, "  %6.2f %%  %s",
                      100 * (double)top->probability[k], shown(text, columns_left(BEFORE), name));
    }
}

static json_t *prediction_to_json(const predictor *p, const prediction *top)
{
    char number[32];
    json_t *list = json_array();
    for (int64_t k = 0; k < top->count; k++) {
        json_t *one = json_object();
        put_text(one, "class", class_name(p, top->label[k], number, sizeof number));
        put_integer(one, "index", top->label[k]);
        put_number(one, "probability", (double)top->probability[k]);
        append_json(list, one);
    }
    return list;
}

/* --- the classes ------------------------------------------------------------------------------ */

/* Writes "ant, bee, cat" to `list`, and returns it; of many classes only the first and the last. */
static const char *list_classes(const predictor *p, char *list, size_t bytes)
{
    enum { FEW = 10, FIRST = 5, LONGEST = 24, BYTES = LONGEST * LONGEST_CHARACTER };
    size_t used = 0;
    list[0] = '\0';
    for (int64_t k = 0; k < p->class_count && used < bytes; k++) {
        char name[SHOWN_BYTES], shorter[BYTES];
        bool left_out = p->class_count > FEW && k == FIRST;
        if (left_out) k = p->class_count - 1;
        used += (size_t)snprintf(
            list + used, bytes - used, "%s%s%s", k ? ", " : "", left_out ? "..., " : "",
            cd_escape_text(shorter, sizeof shorter, shown(p->classes[k], LONGEST, name)));
    }
    return list;
}

/* Says which classes the model has, because it predicts one of them for any picture, and with a
 * high probability too. On standard error, so that standard output has the predictions alone. */
static void show_classes(const predictor *p)
{
    static const char always[] = "every picture is given one of them, whatever it shows";
    char list[2048];
    if (p->class_count == 0) return;
    if (p->classes) {
        note("%s knows %lld classes (%s); %s", p->file, (long long)p->class_count,
             list_classes(p, list, sizeof list), always);
    } else {
        note("%s knows %lld classes (numbers 0 to %lld); %s", p->file, (long long)p->class_count,
             (long long)p->class_count - 1, always);
    }
}

static json_t *classes_to_json(const predictor *p)
{
    if (!p->classes) return json_null();
    json_t *list = json_array();
    for (int64_t k = 0; k < p->class_count; k++) append_text(list, p->classes[k]);
    return list;
}

/* A path: whole in a log, shortened to one line on a terminal. */
static const char *fitted(const char *path, char name[SHOWN_BYTES])
{
    return columns_of(stdout) > 0 ? shown(path, columns_left(0), name) : path;
}

/* --- pictures from files ---------------------------------------------------------------------- */

/* Reports a picture that cannot be read, with the library's pending error; the others are done. */
static void refuse_image(predictor *p, const char *path)
{
    cd_error error;
    (void)cd_error_take(&error);
    p->failures++;
    (void)failed("%s", error.message);
    if (!p->pictures) return;
    json_t *one = json_object();
    put_text(one, "file", path);
    put_text(one, "error", error.message);
    append_json(p->pictures, one);
}

static void predict_image(predictor *p, const char *path)
{
    CD_SCOPE();
    prediction top;
    if (!predict(p, cd_load_image(path, &p->preprocess), path, &top)) {
        refuse_image(p, path);
        return;
    }
    if (p->pictures) {
        json_t *one = json_object();
        put_text(one, "file", path);
        put_json(one, "predictions", prediction_to_json(p, &top));
        append_json(p->pictures, one);
    } else {
        char name[SHOWN_BYTES];
        print_line("%s", fitted(path, name));
        show_prediction(p, &top);
    }
    prediction_free(&top);
}

static bool predict_images(predictor *p, char *const *paths, int count)
{
    for (int i = 0; i < count && !interrupted(); i++) predict_image(p, paths[i]);
    return !interrupted();
}

/* --- pictures from a data set ----------------------------------------------------------------- */

static void show_sample(const predictor *p, const cd_dataset *set, int64_t i, cd_tensor *x,
                        const prediction *top)
{
    cd_preprocess preprocess = cd_dataset_preprocess(set);
    char picture[48], name[SHOWN_BYTES], number[32];
    const char *path = cd_dataset_path(set, i);
    const char *truth = cd_dataset_class_name(set, cd_dataset_label(set, i));
    const char *predicted = class_name(p, top->label[0], number, sizeof number);
    (void)snprintf(picture, sizeof picture, "picture %lld", (long long)i);
    print_line("%s is %s, predicted as %s: %s", fitted(path ? path : picture, name), truth,
               predicted, strcmp(truth, predicted) == 0 ? "right" : "wrong");
    if (can_show_pictures()) show_picture(cd_data(x), &preprocess);
    show_prediction(p, top);
}

static json_t *sample_to_json(const predictor *p, const cd_dataset *set, int64_t i,
                              const prediction *top)
{
    json_t *one = json_object();
    put_integer(one, "number", i);
    put_text(one, "file", cd_dataset_path(set, i));
    put_text(one, "true", cd_dataset_class_name(set, cd_dataset_label(set, i)));
    put_json(one, "predictions", prediction_to_json(p, top));
    return one;
}

static bool predict_sample(predictor *p, cd_dataset *set, int64_t i)
{
    CD_SCOPE();
    cd_tensor *x;
    prediction top;
    char name[SAMPLE_NAME_BYTES];
    if (!cd_dataset_batch(set, &i, 1, .x = &x) ||
        !predict(p, x, sample_name(set, i, p->o->data, name), &top)) {
        return false;
    }
    if (p->pictures) {
        append_json(p->pictures, sample_to_json(p, set, i, &top));
    } else {
        show_sample(p, set, i, x, &top);
    }
    prediction_free(&top);
    return true;
}

/* Predicts --count of the samples, drawn by --seed. */
static bool predict_some(predictor *p, const samples *list)
{
    cd_manual_seed((uint64_t)p->o->common.seed); /* splitting the data set draws numbers too */
    const int64_t *position = cd_data(cd_randperm(list->count));
    for (int64_t k = 0; position && k < p->o->count && k < list->count; k++) {
        int64_t i = list->index[position[k]];
        if (interrupted()) return false;
        if (predict_sample(p, list->set, i)) continue;
        const char *path = cd_dataset_path(list->set, i);
        if (!path || cd_error_code() != CD_ERR_FORMAT) return false;
        refuse_image(p, path);
    }
    warn_turned(list->set);
    return position != NULL;
}

/* Predicts samples of the split that eval uses without --split. */
static bool predict_samples(predictor *p, const cd_card *card)
{
    eval_split e;
    bool done =
        eval_split_open(&e, p->o->data, NULL, card, p->preprocess.channels ? &p->preprocess : NULL);
    p->split = e.name;
    if (done && !p->pictures) print_line("%s, %s", p->o->data, e.text);
    done = done && predict_some(p, e.samples);
    eval_split_free(&e);
    return done;
}

/* --- the command ------------------------------------------------------------------------------ */

static json_t *to_json(predictor *p)
{
    json_t *all = json_object();
    put_text(all, "model", p->file);
    if (p->split) put_text(all, "split", p->split);
    put_json(all, "classes", classes_to_json(p));
    put_json(all, "pictures", p->pictures);
    p->pictures = NULL;
    put_integer(all, "failed", p->failures);
    return all;
}

static int predict_all(predictor *p, char *const *images, int count)
{
    const predict_options *o = p->o;
    cd_card *card = NULL;
    if (!(o->model ? open_bare(p) : open_saved(p, &card)) || !check_tensors(p->model, p->file)) {
        return failed_in_library();
    }
    if (card && card->encoder) {
        const table_prediction table = { .file = p->file,
                                         .model = p->model,
                                         .card = card,
                                         .data = o->data,
                                         .out = o->out,
                                         .top = o->top,
                                         .json = o->common.json };
        return predict_table(&table);
    }
    if (o->invert) p->preprocess.invert = !p->preprocess.invert;
    p->pictures = o->common.json ? json_array() : NULL;
    if (!o->data && !o->common.json) show_classes(p);
    if (!(o->data ? predict_samples(p, card) : predict_images(p, images, count))) {
        return failed_or_stopped(NULL);
    }
    if (o->common.json && !print_json(to_json(p))) return 1;
    return p->failures > 0;
}

/* Checks --out before the work; returns the exit status. */
static int check_out(const command *c, const predict_options *o, const char *model)
{
    if (!o->out) return 0;
    if (!o->data) {
        return used_wrongly(c, "--out is for the rows of --data FILE.csv, and there is no --data");
    }
    if (same_file(o->out, model) || same_file(o->out, o->data)) {
        return used_wrongly(c, "--out would replace another file of this run: %s", o->out);
    }
    return cd_csv_writable(o->out) ? 0 : failed_in_library();
}

static int run_predict(const command *c, const void *values, char *const *operands, int count)
{
    const predict_options *o = values;
    if (o->data && count > 1) {
        return used_wrongly(c, "pictures come from --data or are named, not both: \"%s\" is named",
                            operands[1]);
    }
    if (!o->data && count == 1) {
        return used_wrongly(c,
                            "there is no picture to predict: candela predict %s IMAGE..., or "
                            "--data SET",
                            operands[0]);
    }
    if (o->classes && !o->model) {
        return used_wrongly(c,
                            "--classes is for bare weights, with --model resnet18; a saved model "
                            "names its classes itself");
    }
    if (o->key && !o->model) {
        return used_wrongly(c, "--key is for bare weights, with --model resnet18; a saved model "
                               "has one set of tensors");
    }
    if (o->model && o->data) {
        return used_wrongly(c,
                            "--data needs a saved model, and --model says that %s are bare "
                            "weights",
                            operands[0]);
    }
    int status = check_out(c, o, operands[0]);
    if (status != 0) return status;
    catch_interrupts();
    predictor p = { .o = o, .file = operands[0] };
    status = predict_all(&p, operands + 1, count - 1);
    json_free(p.pictures);
    names_free(&p.listed);
    return status;
}

static const option predict_option_list[] = {
    { .name = "top",
      .argument = "N",
      .default_value = "5",
      .help = "how many classes to name for each picture",
      .type = OPTION_INTEGER,
      .min = 1,
      .max = 100000,
      .offset = offsetof(predict_options, top) },
    { .name = "invert",
      .help =
          "swap dark and light: for dark ink on paper, where the model was trained on light ink "
          "on a dark ground",
      .type = OPTION_FLAG,
      .offset = offsetof(predict_options, invert) },
    { .name = "data",
      .argument = "SET",
      .help =
          "take pictures from this data set, from the split that eval uses by default, and show "
          "their true classes; for a model of tables a CSV file, all of whose rows are predicted",
      .type = OPTION_TEXT,
      .offset = offsetof(predict_options, data) },
    { .name = "out",
      .argument = "FILE.csv",
      .help = "of a table: write its columns and the predictions to this file (default: show them)",
      .type = OPTION_TEXT,
      .offset = offsetof(predict_options, out) },
    { .name = "count",
      .argument = "N",
      .default_value = "5",
      .help = "with --data: how many pictures, drawn by --seed; of a table all rows are predicted",
      .type = OPTION_INTEGER,
      .min = 1,
      .max = 1000000,
      .offset = offsetof(predict_options, count) },
    { .name = "model",
      .argument = "NAME",
      .help = "M has bare weights of this network, and pictures are prepared as for ImageNet",
      .type = OPTION_CHOICE,
      .choices = "resnet18",
      .offset = offsetof(predict_options, model) },
    { .name = "classes",
      .argument = "names.txt",
      .help = "with --model: the names of its classes, a line each (default: their numbers)",
      .type = OPTION_TEXT,
      .offset = offsetof(predict_options, classes) },
    KEY_OPTION(predict_options, key)
};

const command predict_command = {
    .name = "predict",
    .summary = "predicts the classes of pictures, and the rows of tables",
    .operands = "M IMAGE...",
    .min_operands = 1,
    .max_operands = 1000000,
    .options = predict_option_list,
    .option_count = sizeof predict_option_list / sizeof *predict_option_list,
    .values_bytes = sizeof(predict_options),
    .details =
        "The pictures are files, or some of the data set that --data names. M is a saved model, "
        "whose file says how pictures are prepared for it; or bare weights, with --model. Where a "
        "picture cannot be decoded, an error says so, the others are predicted, and the exit "
        "status is 1. Control characters in names are shown as \\n or \\x1b; --json has the names "
        "as they are. A model that was trained on a CSV file takes another one with the same "
        "columns, in any order and with others beside them; its label is not needed. Where a field "
        "is wrong the error says its line and column, and nothing is written.",
    .example = "candela predict fashion.safetensors --data fashion-mnist --count 3\n"
               "candela predict mine.safetensors eagle.jpg samoyed.jpg\n"
               "candela predict houses.safetensors --data new.csv --out predictions.csv\n"
               "candela predict resnet18-f37072fd.pth --model resnet18 --classes names.txt a.jpg",
    .draws_numbers = true,
    .run = run_predict,
};
