/* cd_save and cd_load: every dtype there and back, files that do not fit, and that a call that
 * fails leaves the module, or the old file, as it was. Names and prefixes are in
 * test_checkpoint_names.c. */
#include "hostile.h"

#include <errno.h>

#include "goldens.h"

#include "io/atomic_file_internal.h"
#include "io/checkpoint.h"
#include "models/models.h"
#include "nn/init.h"

/* --- a module of every dtype ------------------------------------------------------------------ */

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class holder_class = {
    .name = "Holder", .size = sizeof(cd_module), .inputs = 1, .forward = pass
};

static const cd_dtype every_dtype[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8, CD_BOOL };
enum { DTYPES = sizeof every_dtype / sizeof *every_dtype };

/* A module with a buffer of each dtype, named after it and filled with `value`, and a parameter
 * that is a transpose, so that it is not contiguous. */
static cd_module *holder_new(double value)
{
    cd_module *m = cd_module_new(&holder_class);
    for (int i = 0; i < DTYPES; i++) {
        cd_tensor *t = cd_full(CD_SHAPE(2, 3), value, .dtype = every_dtype[i]);
        assert_true(cd_register_buffer(m, cd_dtype_name(every_dtype[i]), NULL, t));
    }
    CD_NO_GRAD();
    cd_tensor *across =
        cd_mul(cd_t(cd_reshape(cd_to(cd_arange(6), CD_F32), CD_SHAPE(2, 3))), value);
    if (value == 0) across = cd_t(cd_zeros(CD_SHAPE(2, 3)));
    assert_true(cd_register_parameter(m, "across", NULL, across));
    return m;
}

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

typedef struct copy {
    unsigned char at[1 << 16];
    size_t used;
} copy;

static bool append_bytes(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    copy *c = user;
    size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    assert_true(size <= sizeof c->at - c->used);
    assert_true(cd_read(t, c->at + c->used, size));
    c->used += size;
    return true;
}

static void take_copy(cd_module *m, copy *c)
{
    c->used = 0;
    assert_true(cd_visit(m, append_bytes, c));
}

/* The module has the same bytes as when the copy was taken. Leaves the pending error pending. */
static void is_as_before(cd_module *m, const copy *before)
{
    static copy now;
    cd_error pending;
    cd_error_take(&pending);
    take_copy(m, &now);
    assert_int_equal(now.used, before->used);
    assert_memory_equal(now.at, before->at, now.used);
    if (pending.code) (void)cd_fail(pending.code, "%s", pending.message);
}

/* --- there and back --------------------------------------------------------------------------- */

static void every_dtype_goes_there_and_back(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy saved, loaded;
    cd_module *from = holder_new(1), *to = holder_new(0);
    take_copy(from, &saved);
    assert_true(cd_save(from, in_folder("m.safetensors")));
    int64_t count = 0;
    assert_true(cd_load(to, in_folder("m.safetensors"), .loaded = &count));
    assert_int_equal(count, DTYPES + 1);
    take_copy(to, &loaded);
    assert_int_equal(saved.used, loaded.used);
    assert_memory_equal(saved.at, loaded.at, saved.used);
}

static void layout_of_the_module_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *from = holder_new(1), *to = holder_new(0);
    assert_false(cd_is_contiguous(cd_module_tensor(to, "across")));
    assert_true(cd_save(from, in_folder("m.safetensors")));
    assert_true(cd_load(to, in_folder("m.safetensors")));
    assert_false(cd_is_contiguous(cd_module_tensor(to, "across")));
    assert_close(element(cd_module_tensor(to, "across"), 1), 3, 0, 0);
}

static void trained_network_goes_there_and_back(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *from = cd_nn_sequential(cd_nn_conv2d(1, 2, 3), cd_nn_batch_norm2d(2));
    cd_tensor *x = cd_randn(CD_SHAPE(2, 1, 5, 5));
    assert_non_null(cd_forward(from, x));
    assert_true(cd_save(from, in_folder("m.safetensors")));
    cd_module *to = cd_nn_sequential(cd_nn_conv2d(1, 2, 3), cd_nn_batch_norm2d(2));
    assert_true(cd_load(to, in_folder("m.safetensors")));
    assert_int_equal(cd_item_int(cd_module_tensor(to, "1.num_batches_tracked")), 1);
    assert_true(cd_eval(from) && cd_eval(to));
    assert_near(cd_forward(to, x), cd_forward(from, x), 0, 0);
}

static void loading_keeps_tensors_and_their_flags(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 2);
    cd_tensor *w = cd_module_tensor(m, "weight");
    uint32_t version = cd_version(w);
    assert_true(cd_save(m, in_folder("m.safetensors")));
    assert_true(cd_load(m, in_folder("m.safetensors")));
    assert_ptr_equal(cd_module_tensor(m, "weight"), w);
    assert_true(cd_requires_grad(w) && cd_is_leaf(w));
    assert_int_equal(cd_version(w), version + 1);
}

static void saving_twice_gives_the_same_bytes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = holder_new(1);
    assert_true(cd_save(m, in_folder("a")) && cd_save(m, in_folder("b")));
    char *a = read_text(in_folder("a")), *b = read_text(in_folder("b"));
    assert_memory_equal(a, b, 600);
    free(a);
    free(b);
}

static void module_without_tensors_can_be_saved(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_nn_relu(), in_folder("m.safetensors")));
    assert_true(cd_load(cd_nn_relu(), in_folder("m.safetensors")));
}

static void texts_are_saved_beside_the_tensors(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_text_pair pairs[] = { { "architecture", "mlp" },
                                   { "note", "\"gr\xC3\xBC\xC3\x9F\"\n" } };
    assert_true(cd_save(cd_nn_linear(1, 1), in_folder("m"), .texts = pairs, .text_count = 2));
    cd_tensor_file *f = cd_tensor_file_open(in_folder("m"));
    assert_int_equal(cd_tensor_file_text_count(f), 2 + 3); /* and the three of every file */
    assert_string_equal(cd_tensor_file_text(f, "architecture"), "mlp");
    assert_string_equal(cd_tensor_file_text(f, "note"), pairs[1].value);
}

static void dtypes_are_converted_to_the_modules(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *from = cd_nn_linear(2, 2), *to = cd_nn_linear(2, 2, .dtype = CD_F64);
    assert_true(cd_save(from, in_folder("m")));
    assert_true(cd_load(to, in_folder("m")));
    assert_int_equal(cd_dtype_of(cd_module_tensor(to, "weight")), CD_F64);
    assert_near(cd_module_tensor(to, "weight"), cd_module_tensor(from, "weight"), 0, 0);
}

/* --- files of others -------------------------------------------------------------------------- */

static cd_module *with_fc(int64_t in, int64_t out)
{
    cd_module *m = cd_module_new(&holder_class);
    assert_true(cd_register_child(m, "fc", NULL, cd_nn_linear(in, out)));
    return m;
}

static void prefix_of_data_parallel_is_taken_off(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = with_fc(2, 2);
    int64_t loaded = 0;
    assert_true(cd_load(m, test_path("golden/formats_wrapped.pth"), .loaded = &loaded));
    assert_int_equal(loaded, 2);
    assert_close(element(cd_module_tensor(m, "fc.weight"), 3), 3, 0, 0);
    assert_close(element(cd_module_tensor(m, "fc.bias"), 1), 1, 0, 0);
}

/* A batch norm as files before PyTorch 0.4.1 have it. */
static cd_module *old_batch_norm(void)
{
    cd_module *m = cd_module_new(&holder_class);
    assert_true(cd_register_parameter(m, "weight", NULL, cd_full(CD_SHAPE(2), 7)));
    assert_true(cd_register_parameter(m, "bias", NULL, cd_full(CD_SHAPE(2), 8)));
    assert_true(cd_register_buffer(m, "running_mean", NULL, cd_full(CD_SHAPE(2), 9)));
    assert_true(cd_register_buffer(m, "running_var", NULL, cd_full(CD_SHAPE(2), 10)));
    return m;
}

static void batch_counter_may_be_absent(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(old_batch_norm(), in_folder("m")));
    cd_module *bn = cd_nn_batch_norm2d(2);
    int64_t loaded = 0;
    assert_true(cd_load(bn, in_folder("m"), .loaded = &loaded));
    assert_int_equal(loaded, 4);
    assert_close(element(cd_module_tensor(bn, "running_var"), 1), 10, 0, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(bn, "num_batches_tracked")), 0);
}

static void counter_of_the_file_must_be_the_modules(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_nn_batch_norm2d(2), in_folder("m")));
    assert_false(cd_load(old_batch_norm(), in_folder("m")));
    assert_failed_with(CD_ERR_FORMAT, "(num_batches_tracked)");
}

/* --- files that do not fit -------------------------------------------------------------------- */

static void missing_and_unexpected_names_are_listed(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    assert_true(
        cd_save(cd_mlp(2, 2, .hidden = (int64_t[]){ 2, 2, 2 }, .hidden_count = 3), in_folder("m")));
    cd_module *m = with_fc(2, 2);
    take_copy(m, &before);
    assert_false(cd_load(m, in_folder("m")));
    is_as_before(m, &before);
    assert_failed_with(CD_ERR_FORMAT, "of the module's 2 tensors it lacks 2 (fc.weight, fc.bias), "
                                      "and it holds 8 that the module lacks (");
}

static void long_list_of_names_is_cut(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_nn_linear(1, 1), in_folder("m")));
    assert_false(cd_load(cd_resnet18(.num_classes = 2), in_folder("m")));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 102 (conv1.weight, bn1.weight, bn1.bias, ...), and "
                                      "it holds 2 that the module lacks (bias, weight)");
}

static void wrong_shape_names_both(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2), cd_nn_linear(2, 2));
    assert_true(cd_save(cd_nn_sequential(cd_nn_linear(2, 2), cd_nn_linear(2, 3)), in_folder("m")));
    take_copy(m, &before);
    assert_false(cd_load(m, in_folder("m")));
    is_as_before(m, &before);
    assert_failed_with(CD_ERR_SHAPE, "load: \"1.weight\" is 3x2 in");
    assert_false(cd_load(m, in_folder("m"), .partial = true));
    is_as_before(m, &before);
    assert_failed_with(CD_ERR_SHAPE, "and 2x2 in the module");
}

static void what_is_no_module_is_refused_by_the_call_that_got_it(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *tensor = (cd_module *)(void *)cd_ones(CD_SCALAR);
    assert_false(cd_save(NULL, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "save: the module is NULL");
    assert_false(cd_load(NULL, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "load: the module is NULL");
    assert_false(cd_save(tensor, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "save: the module is a tensor, not a module");
    assert_false(cd_load(tensor, in_folder("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "load: the module is a tensor, not a module");
}

static void floats_do_not_become_integers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *from = cd_module_new(&holder_class), *to = cd_module_new(&holder_class);
    assert_true(cd_register_buffer(from, "t", NULL, cd_ones(CD_SHAPE(2))));
    assert_true(cd_register_buffer(to, "t", NULL, cd_arange(2)));
    assert_true(cd_save(from, in_folder("m")));
    assert_false(cd_load(to, in_folder("m")));
    assert_int_not_equal(cd_error_code(), CD_OK);
    cd_clear_error();
    assert_close(element(cd_module_tensor(to, "t"), 1), 1, 0, 0);
    assert_close(element(cd_module_tensor(to, "t"), 0), 0, 0, 0);
}

static void partial_load_takes_what_there_is(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *from = cd_nn_sequential(cd_nn_linear(2, 2), cd_nn_relu(), cd_nn_linear(2, 3));
    cd_module *to = cd_nn_sequential(cd_nn_linear(2, 2), cd_nn_relu());
    assert_true(cd_save(from, in_folder("m")));
    int64_t loaded = -1;
    assert_false(cd_load(to, in_folder("m"), .loaded = &loaded));
    assert_int_equal(cd_error_code(), CD_ERR_FORMAT);
    cd_clear_error();
    assert_int_equal(loaded, -1);
    assert_true(cd_load(to, in_folder("m"), .partial = true, .loaded = &loaded));
    assert_int_equal(loaded, 2);
    assert_near(cd_module_tensor(to, "0.weight"), cd_module_tensor(from, "0.weight"), 0, 0);
}

/* --- damaged files ---------------------------------------------------------------------------- */

static void truncated_file_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    cd_module *m = cd_nn_linear(3, 3);
    assert_true(cd_save(m, in_folder("m")));
    assert_non_null(cd_init_constant_(cd_module_tensor(m, "weight"), 5));
    take_copy(m, &before);
    FILE *file = fopen(in_folder("m"), "rb");
    unsigned char bytes[4096];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(size > 48 && size < sizeof bytes);
    for (size_t cut = 1; cut < size; cut += 7) {
        assert_false(cd_load(m, test_write("cut", bytes, size - cut)));
        is_as_before(m, &before);
        assert_int_not_equal(cd_error_code(), CD_OK);
        cd_clear_error();
    }
}

/* The damage is in the last tensor. Its CRC is compared when all others have been read. */
static void damage_in_the_middle_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    static const unsigned char bias[] = { 0, 0, 0, 0, 0, 0, 0x80, 0x3F };
    static unsigned char bytes[1 << 16];
    FILE *file = fopen(test_path("golden/formats_wrapped.pth"), "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file), last = 0;
    fclose(file);
    for (size_t i = 0; i + sizeof bias <= size; i++) {
        if (memcmp(bytes + i, bias, sizeof bias) == 0) last = i;
    }
    assert_true(last > 0);
    bytes[last + 7] ^= 1;
    cd_module *m = with_fc(2, 2);
    take_copy(m, &before);
    assert_false(cd_load(m, test_write("damaged.pth", bytes, size)));
    is_as_before(m, &before);
    assert_failed_with(CD_ERR_FORMAT, "CRC");
}

/* --- saving that fails ------------------------------------------------------------------------ */

static int64_t writes_left;

static ssize_t failing_write(int fd, const void *bytes, size_t size)
{
    if (writes_left-- > 0) return cd_file_calls_system.write(fd, bytes, size > 10 ? 10 : size);
    errno = ENOSPC;
    return -1;
}

static void failing_save_leaves_the_old_file(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = test_write("m", "what was there", 14);
    cd_file_calls calls = cd_file_calls_system;
    calls.write = failing_write;
    writes_left = 3;
    cd_file_calls_used = &calls;
    bool done = cd_save(cd_nn_linear(2, 2), path);
    cd_file_calls_used = &cd_file_calls_system;
    assert_false(done);
    assert_failed_with(CD_ERR_IO, "No space left");
    char *text = read_text(path);
    assert_string_equal(text, "what was there");
    free(text);
}

static ssize_t fail_one_write(int fd, const void *bytes, size_t size)
{
    if (writes_left-- != 0) return cd_file_calls_system.write(fd, bytes, size);
    errno = ENOSPC;
    return -1;
}

/* Any one of the writes fails, and the writes after it succeed. */
static void one_failing_write_leaves_the_old_file(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(200, 300), cd_nn_linear(300, 200));
    const char *path = test_write("m", "what was there", 14);
    cd_file_calls calls = cd_file_calls_system;
    calls.write = fail_one_write;
    int failed = 0;
    for (bool done = false; !done; failed++) {
        writes_left = failed;
        cd_file_calls_used = &calls;
        done = cd_save(m, path);
        cd_file_calls_used = &cd_file_calls_system;
        if (done) break;
        assert_failed_with(CD_ERR_IO, "No space left");
        char *text = read_text(path);
        assert_string_equal(text, "what was there");
        free(text);
    }
    assert_true(failed >= 3); /* the header, and each large tensor */
    assert_true(cd_load(m, path));
}

static void misuse_of_save_leaves_the_old_file(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = test_write("m", "what was there", 14);
    const cd_text_pair twice[] = { { "a", "1" }, { "a", "2" } };
    cd_module *m = cd_nn_linear(1, 1);
    assert_false(cd_save(m, path, .texts = twice, .text_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "\"a\" twice");
    assert_false(cd_save(m, path, .text_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "save: .texts is NULL and .text_count is 2");
    assert_false(cd_save(m, path, .texts = twice, .text_count = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".text_count is -1");
    assert_false(cd_save(m, path, .texts = twice));
    assert_failed_with(CD_ERR_ARGUMENT, "save: .texts is given and .text_count is 0");
    assert_false(cd_save(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "save: the path is NULL");
    assert_false(cd_save(NULL, path));
    assert_failed_with(CD_ERR_ARGUMENT, "the module is NULL");
    char *text = read_text(path);
    assert_string_equal(text, "what was there");
    free(text);
}

static void load_names_what_is_missing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(1, 1);
    assert_false(cd_load(m, "/no/such/model.pth"));
    assert_failed_with(CD_ERR_IO, "/no/such/model.pth");
    assert_false(cd_load(m, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "load: the path is NULL");
    assert_false(cd_load(NULL, "x"));
    assert_failed_with(CD_ERR_ARGUMENT, "the module is NULL");
}

static void nothing_is_done_while_an_error_is_pending(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    cd_module *m = cd_nn_linear(2, 2);
    assert_true(cd_save(cd_nn_linear(2, 2), in_folder("m")));
    take_copy(m, &before);
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_load(m, in_folder("m")));
    assert_false(cd_save(m, in_folder("n")));
    assert_failed_with(CD_ERR_STATE, "before");
    is_as_before(m, &before);
    assert_int_not_equal(access(in_folder("n"), F_OK), 0);
}

typedef struct attempt {
    cd_module *module;
    const char *path;
    copy *before;
} attempt;

static bool try_load(void *user)
{
    const attempt *a = user;
    bool done = cd_load(a->module, a->path);
    cd_memory_fault_hook = NULL;
    if (!done) {
        is_as_before(a->module, a->before);
    } else {
        take_copy(a->module, a->before); /* sweep_memory succeeds twice */
    }
    return done;
}

static void loading_survives_every_failing_allocation(void **state)
{
    (void)state;
    CD_SCOPE();
    static copy before;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", in_folder("m"));
    cd_module *m = holder_new(0);
    assert_true(cd_save(holder_new(1), path));
    take_copy(m, &before);
    attempt a = { m, path, &before };
    int asked = sweep_memory(try_load, &a);
    assert_true(asked > 10);
    assert_close(element(cd_module_tensor(m, "float32"), 0), 1, 0, 0);
}

static bool try_save(void *user)
{
    const attempt *a = user;
    return cd_save(a->module, a->path);
}

static void saving_survives_every_failing_allocation(void **state)
{
    (void)state;
    CD_SCOPE();
    char path[512];
    (void)snprintf(path, sizeof path, "%s", in_folder("m"));
    attempt a = { holder_new(1), path, NULL };
    assert_true(sweep_memory(try_save, &a) > 5);
    assert_true(cd_load(holder_new(0), path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_dtype_goes_there_and_back),
        TEST(layout_of_the_module_stays),
        TEST(trained_network_goes_there_and_back),
        TEST(loading_keeps_tensors_and_their_flags),
        TEST(saving_twice_gives_the_same_bytes),
        TEST(module_without_tensors_can_be_saved),
        TEST(texts_are_saved_beside_the_tensors),
        TEST(dtypes_are_converted_to_the_modules),
        TEST(prefix_of_data_parallel_is_taken_off),
        TEST(batch_counter_may_be_absent),
        TEST(counter_of_the_file_must_be_the_modules),
        TEST(missing_and_unexpected_names_are_listed),
        TEST(long_list_of_names_is_cut),
        TEST(wrong_shape_names_both),
        TEST(what_is_no_module_is_refused_by_the_call_that_got_it),
        TEST(floats_do_not_become_integers),
        TEST(partial_load_takes_what_there_is),
        TEST(truncated_file_changes_nothing),
        TEST(damage_in_the_middle_changes_nothing),
        TEST(failing_save_leaves_the_old_file),
        TEST(one_failing_write_leaves_the_old_file),
        TEST(misuse_of_save_leaves_the_old_file),
        TEST(load_names_what_is_missing),
        TEST(nothing_is_done_while_an_error_is_pending),
        TEST(loading_survives_every_failing_allocation),
        TEST(saving_survives_every_failing_allocation),
    };
    return RUN(tests);
}
