/* Checkpoints of a run: a run that goes on from one equals a straight run bit for bit, with every
 * optimizer and every schedule; and everything that loading refuses leaves the run as it was. */
#include "runs.h"

#include "core/memory_internal.h"
#include "io/atomic_file_internal.h"
#include "io/safetensors_internal.h"
#include "models/run_internal.h"

#include <errno.h>

/* The system, but for waiting for the disk, which no test here is about. */
static cd_file_calls quick;

static int no_sync(int fd)
{
    (void)fd;
    return 0;
}

/* --- straight and resumed --------------------------------------------------------------------- */

static void resumed_equals_straight(int optimizer, make_schedule *schedule, int before)
{
    CD_SCOPE();
    char what[128];
    const char *path = in_folder("run.safetensors");
    cd_run straight = make_run(optimizer, schedule, 3);
    (void)snprintf(what, sizeof what, "%s %d, %s, %d steps", straight.optimizer->class_->name,
                   optimizer, straight.schedule->class_->name, before);
    step_times(&straight, before);
    assert_true(cd_save_checkpoint_with(path, straight));
    recorded saved = record_run(&straight);
    step_times(&straight, 6 - before);
    recorded end = record_run(&straight);

    cd_run resumed = make_run(optimizer, schedule, 99);
    step_times(&resumed, 1); /* it has state of its own */
    recorded other = record_run(&resumed);
    assert_true(other.size == saved.size && memcmp(other.bytes, saved.bytes, saved.size) != 0);
    assert_true(cd_load_checkpoint_with(path, resumed));
    recorded loaded = record_run(&resumed);
    assert_same_run(&loaded, &saved, what);
    step_times(&resumed, 6 - before);
    recorded resumed_end = record_run(&resumed);
    assert_same_run(&resumed_end, &end, what);
    assert_close(cd_lr(resumed.optimizer), cd_lr(straight.optimizer), 0, 0);
    free(saved.bytes), free(end.bytes), free(other.bytes);
    free(loaded.bytes), free(resumed_end.bytes);
}

static void every_optimizer_and_schedule_goes_on(void **state)
{
    (void)state;
    const int optimizers = optimizer_count();
    for (int o = 0; o < optimizers; o++) {
        for (int s = 0; s < SCHEDULES; s++) resumed_equals_straight(o, schedule_makers[s], 3);
    }
    assert_true(optimizers * SCHEDULES >= 16 * 16);
}

static void every_loader_goes_on(void **state)
{
    (void)state;
    for (int kind = 0; kind < LOADERS; kind++) {
        for (int before = 0; before <= 6; before++) {
            resumed_equals_straight(kind, make_cosine, before);
        }
    }
}

static void a_run_goes_on_from_its_start_and_its_end(void **state)
{
    (void)state;
    for (int o = 0; o < optimizer_count(); o++) {
        resumed_equals_straight(o, make_sequential, 0);
        resumed_equals_straight(o, make_sequential, 6);
    }
}

/* Saving takes part in nothing: a run that is saved after each step is the same run. */
static void saving_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    recorded end[2];
    for (int saves = 0; saves < 2; saves++) {
        cd_run r = make_run(0, make_cosine, 3);
        for (int i = 0; i < 4; i++) {
            step_run(&r);
            if (saves) assert_true(cd_save_checkpoint_with(in_folder("r"), r));
        }
        end[saves] = record_run(&r);
    }
    assert_same_run(&end[0], &end[1], "saved after each step");
    free(end[0].bytes), free(end[1].bytes);
}

/* --- parts and texts -------------------------------------------------------------------------- */

static void one_part_may_be_loaded(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_run a = make_run(0, make_cosine, 3), b = make_run(0, make_cosine, 4);
    assert_true(cd_save_checkpoint_with(path, a));
    const cd_run rest = { .average = b.average,
                          .optimizer = b.optimizer,
                          .schedule = b.schedule,
                          .loader = b.loader,
                          .generator = b.generator };
    const cd_run model_a = { .model = a.model }, model_b = { .model = b.model };
    recorded before = record_run(&rest);
    assert_true(cd_load_checkpoint(path, .model = b.model, .no_default_generator = true));
    assert_unchanged(&rest, &before);
    recorded one = record_run(&model_a), other = record_run(&model_b);
    assert_same_run(&one, &other, "the model");
    /* cd_load takes the model too, by the prefix of its part. */
    cd_run c = make_run(0, make_cosine, 5);
    assert_true(cd_load(c.model, path, .prefix = "model."));
    cd_tensor *mine = cd_module_tensor(a.model, "5.weight");
    assert_true(cd_equal(cd_module_tensor(c.model, "5.weight"), mine));
    free(before.bytes), free(one.bytes), free(other.bytes);
}

static void texts_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_module *m = cd_nn_linear(2, 1);
    const cd_text_pair texts[] = { { "epoch", "12" }, { "best", "0.25" } };
    assert_true(cd_save_checkpoint(path, .model = m, .texts = texts, .text_count = 2));
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_string_equal(cd_tensor_file_text(f, "epoch"), "12");
    assert_string_equal(cd_tensor_file_text(f, "best"), "0.25");
    assert_string_equal(cd_tensor_file_text(f, "candela.checkpoint"), "1");
    assert_string_equal(cd_tensor_file_text(f, "format"), "pt");
    assert_true(cd_load_checkpoint(NULL, .model = m, .file = f));
}

static void classes_are_written_down(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_run r = make_run(0, make_sequential, 3);
    assert_true(cd_save_checkpoint_with(path, r));
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_string_equal(cd_tensor_file_text(f, "candela.class.optimizer"), "SGD");
    assert_string_equal(cd_tensor_file_text(f, "candela.class.schedule"),
                        "SequentialLR(LinearLR, CosineAnnealingLR, StepLR)");
    assert_null(cd_tensor_file_text(f, "candela.class.model"));
}

/* --- tensors of other kinds ------------------------------------------------------------------- */

/* Tensors that share elements, and one whose elements do not lie in a row. */
static cd_module *woven(double first)
{
    cd_module *m = cd_nn_parameter_dict_n(NULL, 0);
    cd_tensor *whole = cd_view(cd_arange(first + 12, .start = first), CD_SHAPE(4, 3));
    cd_tensor *turned = cd_transpose(cd_clone(whole), 0, 1);
    assert_true(cd_register_buffer(m, "again", NULL, whole));
    assert_true(cd_register_buffer(m, "part", NULL, cd_slice(whole, 0, 1, 3, 1)));
    assert_true(cd_register_buffer(m, "whole", NULL, whole));
    assert_true(cd_register_buffer(m, "turned", NULL, turned));
    assert_true(cd_register_buffer(m, "empty", NULL, cd_zeros(CD_SHAPE(0, 2))));
    assert_ok();
    return m;
}

static void shared_and_turned_tensors_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    const cd_run a = { .model = woven(0.5) }, b = { .model = woven(100) };
    recorded saved = record_run(&a);
    assert_true(cd_save_checkpoint_with(path, a) && cd_load_checkpoint_with(path, b));
    assert_unchanged(&b, &saved);
    cd_tensor *turned = cd_module_tensor(b.model, "turned");
    assert_false(cd_is_contiguous(turned));
    assert_close(cd_item(cd_index(turned, 2, 1)), 5.5, 0, 0);
    free(saved.bytes);
}

static void every_dtype_comes_back(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_dtype dtypes[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8, CD_BOOL };
    const char *path = in_folder("run.safetensors");
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        cd_module *a = cd_nn_parameter_dict_n(NULL, 0), *b = cd_nn_parameter_dict_n(NULL, 0);
        cd_tensor *x = cd_to(cd_sub(cd_arange(5.0), 2), dtypes[i]);
        assert_true(cd_register_buffer(a, "x", NULL, x));
        assert_true(cd_register_buffer(b, "x", NULL, cd_zeros(CD_SHAPE(5), .dtype = dtypes[i])));
        assert_true(cd_save_checkpoint(path, .model = a) && cd_load_checkpoint(path, .model = b));
        assert_true(cd_equal(cd_module_tensor(b, "x"), x));
    }
}

/* --- forged files ----------------------------------------------------------------------------- */

/* How a checkpoint is changed; its sums are made anew. */
typedef struct forgery {
    const char *key, *value;   /* this text becomes this, or goes if the value is NULL */
    const char *drop, *rename; /* this tensor goes; or gets the name `rename` */
    const char *tensor;        /* this one gets these bytes */
    const void *bytes;
    size_t size;
} forgery;

static void forge(const char *from, const char *to, forgery how)
{
    CD_SCOPE();
    enum { MOST = 200 };
    static cd_file_item items[MOST];
    static cd_text_pair pairs[MOST];
    static char sums[MOST][CD_RUN_SUM_BYTES];
    size_t count = 0, texts = 0;
    cd_tensor_file *f = cd_tensor_file_open(from);
    assert_ok();
    uint64_t text_sum = 0;
    for (int64_t i = 0; i < cd_tensor_file_text_count(f); i++) {
        cd_text_pair p = cd_tensor_file_text_at(f, i);
        if (how.key && strcmp(p.key, how.key) == 0) p.value = how.value;
        if (p.value) pairs[texts++] = p;
    }
    for (size_t i = 0; i < texts; i++) text_sum += cd_run_text_sum(&pairs[i]);
    uint64_t part_sum[MOST] = { 0 };
    for (int64_t i = 0; i < cd_tensor_file_count(f); i++) {
        const char *name = cd_tensor_file_name(f, i);
        cd_tensor *t = cd_tensor_file_read(f, name);
        if (how.drop && strcmp(name, how.drop) == 0) {
            if (!how.rename) continue;
            name = how.rename;
        }
        if (how.tensor && strcmp(name, how.tensor) == 0)
            memcpy(cd_data_mut(t), how.bytes, how.size);
        items[count++] = (cd_file_item){ .name = name,
                                         .dtype = cd_file_dtype_of(cd_dtype_of(t)),
                                         .shape = cd_shape_of(t),
                                         .data = cd_data(t) };
        for (size_t k = 0; k < texts; k++) {
            const size_t head = strlen(CD_KEY_CHECK);
            const char *part = pairs[k].key + head;
            if (strncmp(pairs[k].key, CD_KEY_CHECK, head) != 0) continue;
            if (strncmp(part, name, strlen(part)) != 0 || name[strlen(part)] != '.') continue;
            part_sum[k] += cd_run_tensor_sum(name + strlen(part) + 1, t);
        }
    }
    for (size_t k = 0; k < texts; k++) {
        if (strncmp(pairs[k].key, CD_KEY_CHECK, strlen(CD_KEY_CHECK)) != 0) continue;
        const bool is_texts = strcmp(pairs[k].key, CD_KEY_CHECK CD_KEY_TEXTS) == 0;
        (void)snprintf(sums[k], sizeof sums[k], "%016llx",
                       (unsigned long long)(is_texts ? text_sum : part_sum[k]));
        pairs[k].value = sums[k];
    }
    assert_true(cd_safetensors_write(to, items, count, pairs, texts));
}

/* A run whose state is known, and its checkpoint. */
typedef struct known {
    cd_run run;
    recorded before;
    char path[512];
} known;

static known known_run(void)
{
    known k;
    (void)snprintf(k.path, sizeof k.path, "%s", in_folder("known.safetensors"));
    cd_run saved = make_run(1, make_sequential, 3);
    step_times(&saved, 2);
    assert_true(cd_save_checkpoint_with(k.path, saved));
    k.run = make_run(1, make_sequential, 4);
    step_run(&k.run);
    k.before = record_run(&k.run);
    return k;
}

/* Loading the forged file fails with this error, and changes nothing. */
static void refused(const known *k, forgery how, cd_code code, const char *text)
{
    const char *path = in_folder("forged.safetensors");
    forge(k->path, path, how);
    assert_false(cd_load_checkpoint_with(path, k->run));
    assert_unchanged(&k->run, &k->before);
    assert_failed_with(code, text);
}

/* Each of these is refused by the part itself, after parts before it were set. */
static void what_a_part_refuses_is_taken_back(void **state)
{
    (void)state;
    CD_SCOPE();
    known k = known_run();
    static unsigned char junk[CD_RNG_STATE_BYTES];
    memset(junk, 0xff, sizeof junk);
    const double nan = NAN, less = -1;
    const int64_t below = -1;
    refused(&k, (forgery){ .tensor = "optimizer.rate", .bytes = &nan, .size = 8 }, CD_ERR_FORMAT,
            "an optimizer's rate of nan");
    refused(&k, (forgery){ .tensor = "optimizer.3.step", .bytes = &below, .size = 8 },
            CD_ERR_FORMAT, "3.step is -1");
    refused(&k, (forgery){ .tensor = "schedule.base", .bytes = &less, .size = 8 }, CD_ERR_FORMAT,
            "begins with a rate of -1");
    refused(&k, (forgery){ .tensor = "schedule.2.step", .bytes = &below, .size = 8 }, CD_ERR_FORMAT,
            "a schedule at step -1");
    refused(&k, (forgery){ .tensor = "generator.state", .bytes = junk, .size = sizeof junk },
            CD_ERR_FORMAT, "");
    refused(&k,
            (forgery){ .tensor = "default_generator.state", .bytes = junk, .size = sizeof junk },
            CD_ERR_FORMAT, "");
    /* The run still works, and the file without the forgery loads. */
    forge(k.path, in_folder("same"), (forgery){ .key = NULL });
    assert_true(cd_load_checkpoint_with(in_folder("same"), k.run));
    step_run(&k.run);
    free(k.before.bytes);
}

/* The same with tensors that share elements: these cannot be put back one by one. */
static void shared_tensors_are_taken_back(void **state)
{
    (void)state;
    CD_SCOPE();
    static unsigned char junk[CD_RNG_STATE_BYTES];
    memset(junk, 0xff, sizeof junk);
    known k = { .run = { .model = woven(100) } };
    (void)snprintf(k.path, sizeof k.path, "%s", in_folder("known.safetensors"));
    assert_true(cd_save_checkpoint(k.path, .model = woven(0.5)));
    k.before = record_run(&k.run);
    refused(&k,
            (forgery){ .tensor = "default_generator.state", .bytes = junk, .size = sizeof junk },
            CD_ERR_FORMAT, "");
    free(k.before.bytes);
}

static void other_formats_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    known k = known_run();
    refused(&k, (forgery){ .key = "candela.checkpoint", .value = "2" }, CD_ERR_UNSUPPORTED,
            "is a checkpoint of format 2, written by Candela 0.");
    refused(&k, (forgery){ .key = "candela.checkpoint", .value = "10" }, CD_ERR_UNSUPPORTED,
            "of format 10");
    refused(&k, (forgery){ .key = "candela.format", .value = "2" }, CD_ERR_UNSUPPORTED,
            "file format 2");
    static const char *const wrong[] = { "0", "", "01", "1 ", "-1", "1e0", "one", "9999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refused(&k, (forgery){ .key = "candela.checkpoint", .value = wrong[i] }, CD_ERR_FORMAT,
                "must be a whole number from 1");
    }
    refused(&k, (forgery){ .key = "candela.checkpoint", .value = NULL }, CD_ERR_FORMAT,
            "is no checkpoint of a run: cd_save_checkpoint writes those");
    /* Texts that a later program adds are no reason to refuse a file. */
    const cd_text_pair more = { "later", "1" };
    cd_run with = k.run;
    with.texts = &more;
    with.text_count = 1;
    assert_true(cd_save_checkpoint_with(k.path, with) && cd_load_checkpoint_with(k.path, k.run));
    free(k.before.bytes);
}

static void other_parts_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    known k = known_run();
    refused(&k, (forgery){ .key = "candela.class.optimizer", .value = "AdamW" }, CD_ERR_FORMAT,
            "forged.safetensors is AdamW, and that of this run is Adam");
    refused(&k, (forgery){ .key = "candela.class.schedule", .value = "SequentialLR(LinearLR)" },
            CD_ERR_FORMAT,
            "is SequentialLR(LinearLR), and that of this run is SequentialLR(LinearLR, CosineAnn");
    refused(&k, (forgery){ .key = "candela.class.optimizer", .value = NULL }, CD_ERR_FORMAT,
            "is of no class");
    refused(&k, (forgery){ .key = "candela.check.schedule", .value = NULL }, CD_ERR_FORMAT,
            "has no schedule: the run was saved without one");
    refused(&k, (forgery){ .key = "candela.check.texts", .value = NULL }, CD_ERR_FORMAT,
            "nothing of it");
    refused(&k, (forgery){ .key = "candela.check.default_generator", .value = NULL }, CD_ERR_FORMAT,
            "has no default generator: the run was saved without one; .no_default_generator");
    refused(&k, (forgery){ .drop = "model.5.bias" }, CD_ERR_FORMAT,
            "has no \"model.5.bias\": it is the checkpoint of another model");
    refused(&k, (forgery){ .drop = "model.5.bias", .rename = "model.5.bios" }, CD_ERR_FORMAT,
            "has no \"model.5.bias\"");
    refused(&k, (forgery){ .drop = "average.n_averaged", .rename = "generator.more" },
            CD_ERR_FORMAT, "has no \"average.n_averaged\"");
    free(k.before.bytes);
}

/* Other runs, as a program that was changed would have them. */
static void other_runs_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run");
    cd_module *m = cd_nn_linear(3, 2), *narrow = cd_nn_linear(2, 2);
    cd_module *wide = cd_nn_linear(3, 2, .dtype = CD_F64), *two = cd_nn_sequential(m, narrow);
    assert_true(cd_save_checkpoint(path, .model = m, .optimizer = cd_optim_adam(m)));
    assert_false(cd_load_checkpoint(path, .model = narrow));
    assert_failed_with(CD_ERR_SHAPE, "\"model.weight\" is 2x3 in ");
    assert_false(cd_load_checkpoint(path, .model = cd_nn_linear(2, 3)));
    assert_failed_with(CD_ERR_SHAPE, "\"model.weight\" is 2x3 in ");
    assert_false(cd_load_checkpoint(path, .model = wide));
    assert_failed_with(CD_ERR_DTYPE, "\"model.weight\" is F32 in ");
    assert_false(cd_load_checkpoint(path, .model = two));
    assert_failed_with(CD_ERR_FORMAT, "has no \"model.0.weight\": it is the checkpoint of another "
                                      "model");
    assert_false(cd_load_checkpoint(path, .model = cd_nn_linear(3, 2, .no_bias = true)));
    assert_failed_with(CD_ERR_FORMAT,
                       "has \"model.bias\", and the model of this run has not: it is the");
    assert_false(cd_load_checkpoint(path, .optimizer = cd_optim_adamw(m)));
    assert_failed_with(CD_ERR_FORMAT, "is Adam, and that of this run is AdamW");
    assert_false(cd_load_checkpoint(path, .optimizer = cd_optim_adam(m, .amsgrad = true)));
    assert_failed_with(CD_ERR_FORMAT, "has no \"optimizer.0.max_exp_avg_sq\": it is the checkpoint "
                                      "of another optimizer");
    assert_false(cd_load_checkpoint(path, .optimizer = cd_optim_adam(two)));
    assert_failed_with(CD_ERR_FORMAT, "has no \"optimizer.2.step\"");
    cd_tensor *weight = cd_module_tensor(m, "weight");
    assert_false(
        cd_load_checkpoint(path, .optimizer = cd_optim_adam(NULL, .tensors = &weight, .count = 1)));
    assert_failed_with(CD_ERR_FORMAT, "has \"optimizer.1.");
    assert_false(cd_load_checkpoint(path, .schedule = cd_schedule_step(cd_optim_adam(m), 1)));
    assert_failed_with(CD_ERR_FORMAT, "has no schedule: the run was saved without one");
    assert_true(cd_save_checkpoint(path, .model = m, .no_default_generator = true));
    assert_false(cd_load_checkpoint(path, .model = m));
    assert_failed_with(CD_ERR_FORMAT, "has no default generator");
    assert_true(cd_save(m, path));
    assert_false(cd_load_checkpoint(path, .model = m));
    assert_failed_with(CD_ERR_FORMAT, "is no checkpoint of a run");
}

/* A loader of other data refuses the state by itself, when parts before it are set already. */
static void another_loader_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run");
    cd_run r = make_run(1, make_cosine, 3), other = make_run(1, make_cosine, 4);
    step_times(&r, 2);
    assert_true(cd_save_checkpoint_with(path, r));
    cd_tensor *x = cd_zeros(CD_SHAPE(11, 1, 4, 4)), *y = cd_zeros(CD_SHAPE(11, 2));
    other.loader = cd_loader_new(cd_dataset_from_tensors(x, y), .batch_size = 3, .shuffle = true);
    recorded before = record_run(&other);
    assert_false(cd_load_checkpoint_with(path, other));
    assert_unchanged(&other, &before);
    assert_failed_with(CD_ERR_FORMAT, "the state is of a loader with 10 samples");
    other.loader = make_loader(0, NULL); /* in the order of the set */
    assert_false(cd_load_checkpoint_with(path, other));
    assert_failed_with(CD_ERR_FORMAT, "has \"loader.order\", and the loader of this run has not");
    free(before.bytes);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 1);
    const char *path = in_folder("r");
    assert_false(cd_save_checkpoint(NULL, .model = m));
    assert_failed_with(CD_ERR_ARGUMENT, "save_checkpoint: the path is NULL");
    assert_false(cd_load_checkpoint(NULL, .model = m));
    assert_failed_with(CD_ERR_ARGUMENT, "load_checkpoint: the path is NULL, and no opened file");
    assert_false(cd_save_checkpoint_with(path, (cd_run){ .model = NULL }));
    assert_failed_with(CD_ERR_ARGUMENT, "the run has no part: give at least one, such as .model");
    assert_false(cd_load_checkpoint_with(path, (cd_run){ .model = NULL }));
    assert_failed_with(CD_ERR_ARGUMENT, "load_checkpoint: the run has no part");
    assert_false(cd_save_checkpoint(path, .model = m, .text_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".texts is NULL and .text_count is 1");
    static const cd_text_pair wrong[][2] = { { { "candela.step", "1" } },
                                             { { "format", "tf" } },
                                             { { NULL, "1" } },
                                             { { "a", NULL } },
                                             { { "a", "1" }, { "a", "2" } } };
    static const char *const why[] = { "the library's own", "\"format\" and keys that begin with",
                                       "the key of text 0 is NULL", "the value of text 0 is NULL",
                                       "\"a\" twice" };
    for (size_t i = 0; i < sizeof why / sizeof *why; i++) {
        assert_false(cd_save_checkpoint(path, .model = m, .texts = wrong[i],
                                        .text_count = wrong[i][1].key ? 2 : 1));
        assert_failed_with(CD_ERR_ARGUMENT, why[i]);
    }
    assert_false(cd_save_checkpoint(in_folder("r.pth"), .model = m));
    assert_failed_with(CD_ERR_UNSUPPORTED, "");
    cd_module *nowhere = cd_nn_linear(2, 1, .device = CD_META);
    assert_false(cd_save_checkpoint(path, .model = nowhere));
    assert_failed_with(CD_ERR_STATE, "\"model.weight\" is on the meta device");
    assert_true(cd_save_checkpoint(path, .model = m));
    assert_false(cd_load_checkpoint(path, .model = nowhere));
    assert_failed_with(CD_ERR_STATE, "\"model.weight\" is on the meta device");
    assert_false(cd_load_checkpoint(in_folder("none"), .model = m));
    assert_failed_with(CD_ERR_IO, "none: ");
    (void)cd_fail(CD_ERR_IO, "from before");
    assert_false(cd_save_checkpoint(in_folder("later"), .model = m));
    assert_false(cd_load_checkpoint(path, .model = m));
    assert_failed_with(CD_ERR_IO, "from before");
    assert_int_equal(access(in_folder("later"), F_OK), -1);
}

/* --- damaged files ---------------------------------------------------------------------------- */

typedef struct small {
    cd_run run;
    recorded before;
    unsigned char *bytes;
    size_t size, header; /* of the file, and of what comes before its data */
} small;

static small small_run(void)
{
    static const cd_text_pair text = { "epoch", "12" };
    small s = { .size = 0 };
    const char *path = in_folder("small");
    cd_module *m = cd_nn_linear(2, 1);
    cd_optimizer *o = cd_optim_sgd(m, .momentum = 0.5);
    assert_true(cd_save_checkpoint(path, .model = m, .optimizer = o,
                                   .schedule = cd_schedule_exponential(o, 0.5), .texts = &text,
                                   .text_count = 1));
    s.bytes = file_bytes(path, &s.size);
    s.header = 8 + s.bytes[0] + 256U * s.bytes[1];
    cd_module *other = cd_nn_linear(2, 1);
    s.run = (cd_run){ .model = other, .optimizer = cd_optim_sgd(other, .momentum = 0.5) };
    s.run.schedule = cd_schedule_exponential(s.run.optimizer, 0.5);
    s.before = record_run(&s.run);
    return s;
}

static void damaged(const small *s, size_t size, const char *what, size_t at)
{
    CD_SCOPE();
    const char *path = test_write("damaged", s->bytes, size);
    const bool done = cd_load_checkpoint_with(path, s->run);
    assert_that(!done, "%s at byte %zu was not noticed", what, at);
    cd_error error;
    assert_true(cd_error_take(&error));
    assert_that(error.code == CD_ERR_FORMAT || error.code == CD_ERR_UNSUPPORTED ||
                    error.code == CD_ERR_SHAPE || error.code == CD_ERR_DTYPE ||
                    error.code == CD_ERR_MEMORY,
                "%s at byte %zu: %s", what, at, error.message);
    assert_unchanged(&s->run, &s->before);
}

static void a_file_cut_off_at_any_byte_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    small s = small_run();
    for (size_t size = 0; size < s.header + 64; size++) damaged(&s, size, "an end", size);
    for (size_t size = s.header + 64; size < s.size; size += 97) damaged(&s, size, "an end", size);
    damaged(&s, s.size - 1, "an end", s.size - 1);
    free(s.bytes), free(s.before.bytes);
}

/* One bit in each byte of the file. */
static void every_changed_bit_is_noticed(void **state)
{
    (void)state;
    CD_SCOPE();
    small s = small_run();
    for (size_t i = 0; i < s.size; i++) {
        const unsigned char bit = (unsigned char)(1U << i * 5 % 8);
        s.bytes[i] ^= bit;
        damaged(&s, s.size, "a changed bit", i);
        s.bytes[i] ^= bit;
    }
    free(s.bytes), free(s.before.bytes);
}

/* Two changes that a weak sum would not tell from none, and bytes in the order of the file. */
static void sums_tell_tensors_apart(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { COUNT = 40 };
    int64_t values[COUNT];
    for (int i = 0; i < COUNT; i++) values[i] = i;
    const uint64_t sum =
        cd_run_tensor_sum("x", cd_from_array(values, CD_SHAPE(COUNT), .dtype = CD_I64));
    assert_true(sum == UINT64_C(0x10063C1B311ABC93));
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < i; k++) {
            const int64_t top = INT64_MIN, a = values[i], b = values[k];
            values[i] ^= top; /* both top bits */
            values[k] ^= top;
            cd_tensor *t = cd_from_array(values, CD_SHAPE(COUNT), .dtype = CD_I64);
            assert_true(cd_run_tensor_sum("x", t) != sum);
            values[i] = b; /* exchanged */
            values[k] = a;
            t = cd_from_array(values, CD_SHAPE(COUNT), .dtype = CD_I64);
            assert_true(cd_run_tensor_sum("x", t) != sum);
            values[i] = a;
            values[k] = b;
        }
    }
    cd_tensor *t = cd_from_array(values, CD_SHAPE(COUNT), .dtype = CD_I64);
    assert_true(cd_run_tensor_sum("x", t) == sum && cd_run_tensor_sum("y", t) != sum);
    t = cd_zeros(CD_SHAPE(3));
    assert_true(cd_run_tensor_sum("x", t) != cd_run_tensor_sum("x", cd_zeros(CD_SHAPE(4))));
    const cd_text_pair ab = { "ab", "c" }, a = { "a", "bc" }, c = { "ab", "d" };
    assert_true(cd_run_text_sum(&ab) != cd_run_text_sum(&a));
    assert_true(cd_run_text_sum(&ab) != cd_run_text_sum(&c));
}

/* --- failures of the system ------------------------------------------------------------------- */

static size_t disk_left;

static ssize_t write_to_full_disk(int fd, const void *bytes, size_t size)
{
    if (size > disk_left) size = disk_left;
    if (size == 0) {
        errno = ENOSPC;
        return -1;
    }
    disk_left -= size;
    return cd_file_calls_system.write(fd, bytes, size);
}

static void a_full_disk_leaves_the_checkpoint_before(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_run r = make_run(0, make_cosine, 3);
    assert_true(cd_save_checkpoint_with(path, r));
    recorded saved = record_run(&r);
    size_t size;
    free(file_bytes(path, &size));
    cd_file_calls calls = quick;
    calls.write = write_to_full_disk;
    step_run(&r);
    for (size_t room = 0; room < size; room += 97) {
        disk_left = room;
        cd_file_calls_used = &calls;
        const bool done = cd_save_checkpoint_with(path, r);
        cd_file_calls_used = &quick;
        assert_false(done);
        assert_failed_with(CD_ERR_IO, "run.safetensors: cannot write it: No space left");
    }
    cd_run again = make_run(0, make_cosine, 4);
    assert_true(cd_load_checkpoint_with(path, again));
    assert_unchanged(&again, &saved);
    assert_true(cd_save_checkpoint_with(path, r)); /* once there is room */
    free(saved.bytes);
}

static int64_t allowed;
static bool and_all_after;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return and_all_after ? allowed-- <= 0 : allowed-- == 0;
}

static void every_allocation_of_a_save_may_fail(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_run r = make_run(1, make_sequential, 3);
    assert_true(cd_save_checkpoint_with(path, r));
    size_t size, again;
    unsigned char *bytes = file_bytes(path, &size);
    step_run(&r);
    bool done = false;
    int64_t n = 0;
    for (; !done && n < 5000; n++) {
        allowed = n;
        and_all_after = n % 2;
        cd_memory_fault_hook = fail_after;
        done = cd_save_checkpoint_with(path, r);
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_failed_with(CD_ERR_MEMORY, "");
        unsigned char *now = file_bytes(path, &again);
        assert_true(size == again && memcmp(bytes, now, size) == 0);
        free(now);
    }
    assert_that(done && n > 100, "%lld allocations", (long long)n);
    free(bytes);
}

/* Any one allocation fails, and those after it do not. */
static void every_allocation_of_a_load_may_fail(void **state)
{
    (void)state;
    CD_SCOPE();
    known k = known_run();
    bool done = false;
    int64_t n = 0;
    and_all_after = false;
    for (; !done && n < 5000; n++) {
        allowed = n;
        cd_memory_fault_hook = fail_after;
        done = cd_load_checkpoint_with(k.path, k.run);
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_unchanged(&k.run, &k.before);
        assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_that(done && n > 200, "%lld allocations", (long long)n);
    free(k.before.bytes);
}

/* With a limit on memory, of any size: what was read and not set makes room for putting back. */
static void a_load_beyond_the_limit_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    known k = known_run();
    bool done = false;
    const cd_memory_info info = cd_memory_stats();
    size_t room = info.bytes_in_use + info.bytes_headers;
    for (int i = 0; !done && i < 1000; i++, room += 512) {
        cd_memory_limit(room);
        done = cd_load_checkpoint_with(k.path, k.run);
        cd_memory_limit(0);
        if (done) break;
        assert_unchanged(&k.run, &k.before);
        assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_true(done);
    free(k.before.bytes);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Saving copies no large tensor; loading has the new values beside the old, and nothing more. */
static void memory_is_what_the_header_says(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = in_folder("run.safetensors");
    cd_module *m = cd_nn_linear(1000, 1000, .no_bias = true);
    cd_optimizer *o = cd_optim_adam(m);
    const size_t tensors = 3 * 4 * 1000 * 1000;
    assert_true(cd_save_checkpoint(path, .model = m, .optimizer = o)); /* makes Adam's state */
    cd_memory_trim();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    assert_true(cd_save_checkpoint(path, .model = m, .optimizer = o));
    assert_true(cd_memory_stats().bytes_peak - before < 300 * 1000);
    cd_memory_reset_peak();
    assert_true(cd_load_checkpoint(path, .model = m, .optimizer = o));
    const size_t more = cd_memory_stats().bytes_peak - before;
    assert_that(more > tensors && more < tensors + 1000 * 1000, "%zu bytes more", more);
}

/* --- files of earlier versions ---------------------------------------------------------------- */

/* Tensors of the program's own, which share elements or lie transposed like others. */
static void extra_tensors_go_with_the_run(void **state)
{
    (void)state;
    cd_run r = { .model = cd_nn_linear(1, 1),
                 .no_default_generator = true,
                 .extra = cd_dict_new() };
    cd_tensor *turned = cd_transpose(cd_view(cd_arange(6.0), CD_SHAPE(2, 3)), 0, 1);
    cd_tensor *counts = cd_from_array(((int64_t[]){ 4, 5 }), CD_SHAPE(2), .dtype = CD_I64);
    assert_true(cd_dict_set(r.extra, "turned", turned) && cd_dict_set(r.extra, "counts", counts) &&
                cd_dict_set(r.extra, "again", counts));
    const char *path = in_folder("extra.safetensors");
    assert_true(cd_save_checkpoint_with(path, r));
    assert_non_null(cd_fill_(turned, 9.0));
    assert_non_null(cd_fill_(counts, 9.0));
    assert_true(cd_load_checkpoint_with(path, r));
    for (int i = 0; i < 6; i++) {
        assert_close(cd_item(cd_select(cd_select(turned, 0, i % 3), 0, i / 3)), i, 0, 0);
    }
    assert_close(cd_item(cd_select(counts, 0, 1)), 5, 0, 0);
    assert_close(
        cd_item(cd_select(cd_tensor_file_read(cd_tensor_file_open(path), "extra.counts"), 0, 0)), 4,
        0, 0);
    /* Another number of them, and another shape. */
    assert_true(cd_dict_set(r.extra, "more", counts));
    assert_false(cd_load_checkpoint_with(path, r));
    assert_failed_with(CD_ERR_FORMAT,
                       "has no \"extra.more\": it is the checkpoint of another extra");
    assert_true(cd_dict_remove(r.extra, "more") && cd_dict_remove(r.extra, "again"));
    assert_false(cd_load_checkpoint_with(path, r));
    assert_failed_with(CD_ERR_FORMAT, "has \"extra.again\", and the extra of this run has not");
    assert_true(cd_dict_set(r.extra, "again", cd_ones(CD_SHAPE(3), .dtype = CD_I64)));
    assert_false(cd_load_checkpoint_with(path, r));
    assert_failed_with(CD_ERR_SHAPE, "\"extra.again\" is 2 in ");
    r.extra = NULL;
    assert_true(cd_load_checkpoint_with(path, r));
}

/* golden/run_1.safetensors was written by the first version that had checkpoints, after two steps
 * of this run, with the text { "epoch", "2" } and the seed 7. Every later version reads it. */
static void a_checkpoint_of_the_first_format_goes_on(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(123);
    cd_run r = { .model = cd_nn_linear(2, 1, .no_bias = true) };
    r.optimizer = cd_optim_sgd(r.model, .lr = 0.5, .momentum = 0.5);
    r.schedule = cd_schedule_exponential(r.optimizer, 0.5);
    r.file = cd_tensor_file_open(test_path("golden/run_1.safetensors"));
    assert_ok();
    assert_string_equal(cd_tensor_file_text(r.file, "epoch"), "2");
    assert_true(cd_load_checkpoint_with(NULL, r));
    float w[2];
    assert_true(cd_read(cd_module_tensor(r.model, "weight"), w, sizeof w));
    assert_true(w[0] == -0.169362068F && w[1] == -0.644706607F);
    assert_close(cd_lr(r.optimizer), 0.125, 0, 0);
    assert_true((float)cd_item(cd_rand(CD_SCALAR)) == 0.659211695F);
    /* The third step, with the momentum of those before: b = 0.5 * 0.375 + 0.25. */
    cd_tensor *x = cd_full(CD_SHAPE(1, 2), 0.25);
    assert_true(cd_backward(cd_sum(cd_forward(r.model, x))) && cd_step(r.optimizer));
    assert_true(cd_scheduler_step(r.schedule));
    assert_true(cd_read(cd_module_tensor(r.model, "weight"), w, sizeof w));
    assert_true(w[0] == -0.224049568F && w[1] == -0.699394107F);
    assert_close(cd_lr(r.optimizer), 0.0625, 0, 0);
}

int main(void)
{
    quick = cd_file_calls_system;
    quick.fsync = no_sync;
    cd_file_calls_used = &quick;
    const struct CMUnitTest tests[] = {
        TEST(every_optimizer_and_schedule_goes_on),
        TEST(every_loader_goes_on),
        TEST(a_run_goes_on_from_its_start_and_its_end),
        TEST(saving_changes_nothing),
        TEST(one_part_may_be_loaded),
        TEST(texts_come_back),
        TEST(classes_are_written_down),
        TEST(shared_and_turned_tensors_come_back),
        TEST(every_dtype_comes_back),
        TEST(what_a_part_refuses_is_taken_back),
        TEST(shared_tensors_are_taken_back),
        TEST(other_formats_are_refused),
        TEST(other_parts_are_refused),
        TEST(other_runs_are_refused),
        TEST(another_loader_is_refused),
        TEST(wrong_calls_are_refused),
        TEST(a_file_cut_off_at_any_byte_is_refused),
        TEST(every_changed_bit_is_noticed),
        TEST(sums_tell_tensors_apart),
        TEST(a_full_disk_leaves_the_checkpoint_before),
        TEST(every_allocation_of_a_save_may_fail),
        TEST(every_allocation_of_a_load_may_fail),
        TEST(a_load_beyond_the_limit_changes_nothing),
        TEST(memory_is_what_the_header_says),
        TEST(a_checkpoint_of_the_first_format_goes_on),
        TEST(extra_tensors_go_with_the_run),
    };
    return RUN(tests);
}
