/* candela predict: what a model says of pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/model_file.h"
#include "apps/names.h"
#include "apps/part.h"
#include "apps/picture.h"
#include "apps/samples.h"

typedef struct predict_options {
    common_options common;
    const char *data, *model, *classes;
    int64_t top, count;
    bool invert;
} predict_options;

/* The model and what is needed to speak of its answers. */
typedef struct speaker {
    const predict_options *o;
    const char *file;
    cd_module *model;
    cd_preprocess preprocess;
    const char *const *classes; /* NULL: numbers */
    int64_t class_count;        /* 0: not known before the first answer */
    names listed;               /* of --classes */
    json_t *pictures;           /* with --json: what was said so far */
    int64_t failures;
    const char *part; /* of --data, as eval calls it; NULL: pictures from files */
} speaker;

/* --- opening ---------------------------------------------------------------------------------- */

static bool open_bare(speaker *s)
{
    const predict_options *o = s->o;
    s->model = open_bare_model(o->model, s->file, &s->class_count);
    s->preprocess = cd_preprocess_imagenet;
    if (!s->model) return false;
    if (!o->classes) return true;
    if (!names_read(&s->listed, o->classes)) return false;
    s->classes = (const char *const *)s->listed.name;
    if (s->listed.count == s->class_count) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s has %lld names, a line each, and the model knows %lld classes", o->classes,
                   (long long)s->listed.count, (long long)s->class_count);
}

static bool open_saved(speaker *s, cd_card **card)
{
    s->model = open_model(s->file, card);
    if (!s->model) return false;
    s->classes = (*card)->classes;
    s->class_count = (*card)->class_count;
    s->preprocess = (*card)->preprocess;
    if (s->preprocess.channels != 0 || (s->o->data && !s->o->invert)) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s does not say how pictures are prepared for the model, so only --data can be "
                   "used with it, and not with --invert",
                   s->file);
}

/* --- answers ---------------------------------------------------------------------------------- */

typedef struct answer {
    int64_t count;
    int64_t *label; /* owned, as is probability */
    float *probability;
} answer;

static void answer_free(answer *a)
{
    free(a->label);
    free(a->probability);
}

/* The model's outputs for one picture, C x H x W or 1 x C x H x W. */
static cd_tensor *outputs_for(const speaker *s, cd_tensor *x, const char *picture)
{
    bool finite;
    int64_t row;
    cd_tensor *logits = cd_forward(s->model, x && cd_ndim(x) == 3 ? cd_unsqueeze(x, 0) : x);
    if (!logits || !find_not_finite(logits, &finite, &row)) return NULL;
    return finite || fail_not_finite(picture) ? logits : NULL;
}

/* The likeliest classes for it. */
static bool ask(const speaker *s, cd_tensor *x, const char *picture, answer *out)
{
    CD_SCOPE();
    CD_NO_GRAD();
    *out = (answer){ .count = 0 };
    cd_tensor *p = cd_softmax(outputs_for(s, x, picture), 1), *which = NULL;
    if (!p) return false;
    int64_t classes = cd_size(p, 1), count = s->o->top < classes ? s->o->top : classes;
    if (s->class_count > 0 && classes != s->class_count) {
        return cd_fail(CD_ERR_SHAPE, "the model gives %lld numbers for %lld classes",
                       (long long)classes, (long long)s->class_count);
    }
    cd_tensor *best = cd_topk(p, count, .indices = &which);
    out->label = calloc((size_t)count, sizeof *out->label);
    out->probability = calloc((size_t)count, sizeof *out->probability);
    if (!out->label || !out->probability) (void)cd_fail(CD_ERR_MEMORY, "out of memory");
    out->count = count;
    if (best && cd_read(best, out->probability, (size_t)count * sizeof *out->probability) &&
        cd_read(which, out->label, (size_t)count * sizeof *out->label)) {
        return true;
    }
    answer_free(out);
    return false;
}

static const char *class_name(const speaker *s, int64_t label, char *number, size_t bytes)
{
    if (s->classes) return s->classes[label];
    (void)snprintf(number, bytes, "class %lld", (long long)label);
    return number;
}

static void show_answer(const speaker *s, const answer *a)
{
    enum { BEFORE = 12 };
    char number[32], name[SHOWN_BYTES];
    for (int64_t k = 0; k < a->count; k++) {
        const char *text = class_name(s, a->label[k], number, sizeof number);
        print_line("  %6.2f %%  %s", 100 * (double)a->probability[k],
                   shown(text, columns_left(BEFORE), name));
    }
}

static json_t *answer_to_json(const speaker *s, const answer *a)
{
    char number[32];
    json_t *list = json_array();
    for (int64_t k = 0; k < a->count; k++) {
        json_t *one = json_object();
        put_text(one, "class", class_name(s, a->label[k], number, sizeof number));
        put_whole(one, "index", a->label[k]);
        put_number(one, "probability", (double)a->probability[k]);
        append_json(list, one);
    }
    return list;
}

/* --- which classes there are ------------------------------------------------------------------ */

/* "ant, bee, cat", or of many classes the first ones and the last. */
static const char *list_classes(const speaker *s, char *list, size_t bytes)
{
    enum { FEW = 10, FIRST = 5, LONGEST = 24, BYTES = LONGEST * LONGEST_CHARACTER };
    size_t used = 0;
    list[0] = '\0';
    for (int64_t k = 0; k < s->class_count && used < bytes; k++) {
        char name[SHOWN_BYTES], shorter[BYTES];
        bool left_out = s->class_count > FEW && k == FIRST;
        if (left_out) k = s->class_count - 1;
        used += (size_t)snprintf(
            list + used, bytes - used, "%s%s%s", k ? ", " : "", left_out ? "..., " : "",
            cd_escape_text(shorter, sizeof shorter, shown(s->classes[k], LONGEST, name)));
    }
    return list;
}

/* A network gives a class to every picture, however sure it says it is. Said on standard error, so
 * that standard output has the answers alone. */
static void show_classes(const speaker *s)
{
    static const char always[] = "every picture is given one of them, whatever it shows";
    char list[2048];
    if (s->class_count == 0) return;
    if (s->classes) {
        note("%s knows %lld classes (%s); %s", s->file, (long long)s->class_count,
             list_classes(s, list, sizeof list), always);
    } else {
        note("%s knows %lld classes (numbers 0 to %lld); %s", s->file, (long long)s->class_count,
             (long long)s->class_count - 1, always);
    }
}

static json_t *classes_to_json(const speaker *s)
{
    if (!s->classes) return json_null();
    json_t *list = json_array();
    for (int64_t k = 0; k < s->class_count; k++) append_text(list, s->classes[k]);
    return list;
}

/* A path, whole in a log, and on a terminal on one line. */
static const char *fitted(const char *path, char name[SHOWN_BYTES])
{
    return columns_of(stdout) > 0 ? shown(path, columns_left(0), name) : path;
}

/* --- pictures from files ---------------------------------------------------------------------- */

/* One that cannot be read is said so, and the others go on. */
static void refuse_image(speaker *s, const char *path)
{
    cd_error error;
    (void)cd_error_take(&error);
    s->failures++;
    (void)failed("%s", error.message);
    if (!s->pictures) return;
    json_t *one = json_object();
    put_text(one, "file", path);
    put_text(one, "error", error.message);
    append_json(s->pictures, one);
}

static void predict_image(speaker *s, const char *path)
{
    CD_SCOPE();
    answer a;
    if (!ask(s, cd_load_image(path, &s->preprocess), path, &a)) {
        refuse_image(s, path);
        return;
    }
    if (s->pictures) {
        json_t *one = json_object();
        put_text(one, "file", path);
        put_json(one, "predictions", answer_to_json(s, &a));
        append_json(s->pictures, one);
    } else {
        char name[SHOWN_BYTES];
        print_line("%s", fitted(path, name));
        show_answer(s, &a);
    }
    answer_free(&a);
}

static bool predict_images(speaker *s, char *const *paths, int count)
{
    for (int i = 0; i < count && !interrupted(); i++) predict_image(s, paths[i]);
    return !interrupted();
}

/* --- pictures from a data set ----------------------------------------------------------------- */

static void show_sample(const speaker *s, const cd_dataset *set, int64_t i, cd_tensor *x,
                        const answer *a)
{
    cd_preprocess recipe = cd_dataset_preprocess(set);
    char picture[48], name[SHOWN_BYTES], number[32];
    const char *path = cd_dataset_path(set, i);
    const char *truth = cd_dataset_class_name(set, cd_dataset_label(set, i));
    const char *taken = class_name(s, a->label[0], number, sizeof number);
    (void)snprintf(picture, sizeof picture, "picture %lld", (long long)i);
    print_line("%s is %s, taken for %s: %s", fitted(path ? path : picture, name), truth, taken,
               strcmp(truth, taken) == 0 ? "right" : "wrong");
    if (can_show_pictures()) show_picture(cd_data(x), &recipe);
    show_answer(s, a);
}

static json_t *sample_to_json(const speaker *s, const cd_dataset *set, int64_t i, const answer *a)
{
    json_t *one = json_object();
    put_whole(one, "number", i);
    put_text(one, "file", cd_dataset_path(set, i));
    put_text(one, "true", cd_dataset_class_name(set, cd_dataset_label(set, i)));
    put_json(one, "predictions", answer_to_json(s, a));
    return one;
}

static bool predict_sample(speaker *s, cd_dataset *set, int64_t i)
{
    CD_SCOPE();
    cd_tensor *x;
    answer a;
    char name[SAMPLE_NAME_BYTES];
    if (!cd_dataset_batch(set, &i, 1, .x = &x) ||
        !ask(s, x, sample_name(set, i, s->o->data, name), &a)) {
        return false;
    }
    if (s->pictures) {
        append_json(s->pictures, sample_to_json(s, set, i, &a));
    } else {
        show_sample(s, set, i, x, &a);
    }
    answer_free(&a);
    return true;
}

/* `count` of these, drawn by the seed. */
static bool predict_some(speaker *s, const samples *list)
{
    cd_manual_seed((uint64_t)s->o->common.seed); /* choosing them may have drawn numbers too */
    const int64_t *place = cd_data(cd_randperm(list->count));
    for (int64_t k = 0; place && k < s->o->count && k < list->count; k++) {
        int64_t i = list->index[place[k]];
        if (interrupted()) return false;
        if (predict_sample(s, list->set, i)) continue;
        const char *path = cd_dataset_path(list->set, i);
        if (!path || cd_error_code() != CD_ERR_FORMAT) return false;
        refuse_image(s, path);
    }
    warn_turned(list->set);
    return place != NULL;
}

/* From the part of the set that eval judges without --split. */
static bool predict_samples(speaker *s, const cd_card *card)
{
    part p;
    bool done =
        part_choose(&p, s->o->data, NULL, card, s->preprocess.channels ? &s->preprocess : NULL);
    s->part = p.name;
    if (done && !s->pictures) print_line("%s, %s", s->o->data, p.text);
    done = done && predict_some(s, p.samples);
    part_free(&p);
    return done;
}

/* --- the command ------------------------------------------------------------------------------ */

static int predict(speaker *s, char *const *images, int count)
{
    const predict_options *o = s->o;
    cd_card *card = NULL;
    if (!(o->model ? open_bare(s) : open_saved(s, &card)) || !check_tensors(s->model, s->file)) {
        return failed_in_library();
    }
    if (o->invert) s->preprocess.invert = !s->preprocess.invert;
    s->pictures = o->common.json ? json_array() : NULL;
    if (!o->data && !o->common.json) show_classes(s);
    if (!(o->data ? predict_samples(s, card) : predict_images(s, images, count))) {
        return interrupted() ? stopped_reading() : failed_in_library();
    }
    if (o->common.json) {
        json_t *all = json_object();
        put_text(all, "model", s->file);
        if (s->part) put_text(all, "part", s->part);
        put_json(all, "classes", classes_to_json(s));
        put_json(all, "pictures", s->pictures);
        s->pictures = NULL;
        put_whole(all, "failed", s->failures);
        if (!print_json(all)) return 1;
    }
    return s->failures > 0;
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
                            "there is no picture to look at: candela predict %s IMAGE..., or "
                            "--data SET",
                            operands[0]);
    }
    if (o->classes && !o->model) {
        return used_wrongly(c,
                            "--classes is for bare weights, with --model resnet18; a saved model "
                            "names its classes itself");
    }
    if (o->model && o->data) {
        return used_wrongly(c,
                            "--data needs a saved model, and --model says that %s are bare "
                            "weights",
                            operands[0]);
    }
    catch_interrupts();
    speaker s = { .o = o, .file = operands[0] };
    int status = predict(&s, operands + 1, count - 1);
    json_free(s.pictures);
    names_free(&s.listed);
    return status;
}

#define AT(member_) offsetof(predict_options, member_)
static const option predict_option_list[] = {
    { .name = "top",
      .argument = "N",
      .initial = "5",
      .help = "how many classes to name for each picture",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 100000,
      .at = AT(top) },
    { .name = "invert",
      .help = "swap dark and light: for dark ink on paper, when the model learned light on dark",
      .type = OPTION_FLAG,
      .at = AT(invert) },
    { .name = "data",
      .argument = "SET",
      .help =
          "take pictures from this data set, from the part that eval judges by default, and show "
          "their true classes",
      .type = OPTION_TEXT,
      .at = AT(data) },
    { .name = "count",
      .argument = "N",
      .initial = "5",
      .help = "how many of them, drawn by --seed",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 1000000,
      .at = AT(count) },
    { .name = "model",
      .argument = "NAME",
      .help = "M holds bare weights of this network, and pictures are prepared as ImageNet's",
      .type = OPTION_CHOICE,
      .choices = "resnet18",
      .at = AT(model) },
    { .name = "classes",
      .argument = "names.txt",
      .help = "with --model: the names of its classes, a line each (default: their numbers)",
      .type = OPTION_TEXT,
      .at = AT(classes) },
};

const command predict_command = {
    .name = "predict",
    .does = "predicts the classes of pictures",
    .operands = "M IMAGE...",
    .least_operands = 1,
    .most_operands = 1000000,
    .options = predict_option_list,
    .option_count = sizeof predict_option_list / sizeof *predict_option_list,
    .values_bytes = sizeof(predict_options),
    .details =
        "The pictures are files, or some of the data set that --data names. M is a saved model, "
        "whose file says how a photograph is brought to its size and channels; or bare weights, "
        "with --model. A picture that cannot be decoded is said so, the others are done, and the "
        "exit status is 1. Control characters in names are shown as \\n or \\x1b; --json has the "
        "names as they are.",
    .example = "candela predict fashion.safetensors --data fashion-mnist --count 3\n"
               "candela predict mine.safetensors eagle.jpg samoyed.jpg\n"
               "candela predict resnet18-f37072fd.pth --model resnet18 --classes names.txt a.jpg",
    .run = run_predict,
};
