/* SHA-256, and the hash in the name of a file of weights. */
#include "pth_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <candela.h>

#include "io/name_hash_internal.h"
#include "io/sha256_internal.h"

/* --- SHA-256 ---------------------------------------------------------------------------------- */

/* The hash of a text that is given in pieces of `piece` bytes. */
static const char *hash_of(const void *text, size_t size, size_t piece)
{
    static char hex[2 * CD_SHA256_BYTES + 1];
    unsigned char out[CD_SHA256_BYTES];
    cd_sha256 hash;
    cd_sha256_begin(&hash);
    for (size_t at = 0; at < size; at += piece) {
        cd_sha256_add(&hash, (const char *)text + at, size - at < piece ? size - at : piece);
    }
    cd_sha256_end(&hash, out);
    for (int i = 0; i < CD_SHA256_BYTES; i++) (void)snprintf(hex + 2 * i, 3, "%02x", out[i]);
    return hex;
}

/* The examples of NIST's "Secure Hashing", and the empty text. */
static void the_examples_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hash;
    } cases[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
          "lm"
          "nopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = strlen(cases[i].text);
        assert_string_equal(hash_of(cases[i].text, size, 200), cases[i].hash);
        for (size_t piece = 1; piece < 70; piece += 13) {
            assert_string_equal(hash_of(cases[i].text, size, piece), cases[i].hash);
        }
    }
}

static void a_million_letters(void **state)
{
    (void)state;
    enum { MILLION = 1000000 };
    char *text = malloc(MILLION);
    memset(text, 'a', MILLION);
    static const char hash[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_string_equal(hash_of(text, MILLION, MILLION), hash);
    assert_string_equal(hash_of(text, MILLION, 1021), hash);
    free(text);
}

/* Lengths about those where a block more is needed; the hashes are Python's. */
static void lengths_around_a_block(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *start;
    } cases[] = {
        { 1, "2d711642" },   { 54, "45f316e1" },  { 55, "d5e28568" },  { 56, "04c26261" },
        { 57, "ae14a256" },  { 63, "75220b47" },  { 64, "7ce10097" },  { 65, "9537c5fd" },
        { 119, "000b48d4" }, { 120, "13f05a0b" }, { 127, "70156a14" }, { 128, "24da1b81" }
    };
    char text[200];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(strncmp(hash_of(text, cases[i].size, 7), cases[i].start, 8) == 0);
    }
}

/* --- names ------------------------------------------------------------------------------------ */

static void names_with_a_hash(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t size;
    } cases[] = {
        { "resnet18-5c106cde.pth", 8 },
        { "/a-b/c/resnet18-5c106cde.pth", 8 },
        { "resnet20-12fca82f.th", 8 },
        { "alexnet-owt-7be5be79.pth", 8 },
        { "shufflenetv2_x1-5666bf0f80.pth", 10 },
        { "m-5c106cde.pth.tar", 8 },
        { "resnet18-5C106CDE.pth", 0 },
        { "resnet18-5c106cd.pth", 0 },
        { "resnet18-5c106cde", 0 },
        { "resnet18_5c106cde.pth", 0 },
        { "resnet18-5c106cde-2.pth", 0 },
        { "resnet18-5c106cdeg.pth", 0 },
        { "run-20240131.pth", 0 },
        { "model-00001000.pth", 0 },
        { "5c106cde.pth", 0 },
        { "a-5c106cde.d/m.pth", 0 },
        { "m-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.pth", 64 },
        { "m-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0.pth", 0 },
        { "run-1b4e28ba-2fa1-41d2-883f-0016d3cca427.ckpt", 0 }, /* a UUID */
        { "1b4e28ba-2fa1-41d2-883f-0016d3cca42.ckpt", 11 },
        { "m-883g-0016d3cca427.ckpt", 12 },
        { "m883f-0016d3cca427.ckpt", 12 },
        { "-883f-0016d3cca427.ckpt", 0 },
        { "883f-0016d3cca427.ckpt", 12 },
        { "", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 0;
        const char *hash = cd_name_hash(cases[i].path, &size);
        assert_that(!hash == !cases[i].size && (!hash || size == cases[i].size), "%s",
                    cases[i].path);
    }
}

/* --- files ------------------------------------------------------------------------------------ */

/* A state dict whose file is written under this name. Returns the path. */
static const char *write_as(const char *name)
{
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    return test_write(name, f.zip.file.at, f.zip.file.size);
}

static void a_file_is_compared_with_its_name(void **state)
{
    (void)state;
    CD_SCOPE();
    file f;
    char name[64];
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    (void)snprintf(name, sizeof name, "m-%.8s.pth", hash_of(f.zip.file.at, f.zip.file.size, 4096));
    if (strspn(name + 2, "0123456789") == 8) return; /* a date, by its looks */
    assert_non_null(cd_tensor_file_open(write_as(name)));
    const char *wrong = write_as("m-5c106cde.pth");
    assert_null(cd_tensor_file_open(wrong));
    assert_failed_with(CD_ERR_FORMAT, "its name says 5c106cde: it is damaged, or another file");
    assert_non_null(cd_tensor_file_open(wrong, .any_hash = true));
    cd_module *m = cd_nn_module_dict({ "x", cd_nn_relu() });
    assert_false(cd_load(m, wrong));
    assert_failed_with(CD_ERR_FORMAT, "its name says 5c106cde");
    assert_false(cd_load(m, wrong, .any_hash = true));
    assert_failed_with(CD_ERR_FORMAT, "does not fit the module");
    /* what is wrong with a file that cannot be read is said first */
    assert_null(cd_tensor_file_open(test_write("m-5c106cdf.pth", "<html>", 6)));
    assert_failed_with(CD_ERR_FORMAT, "this is an HTML or XML page");
}

/* A name is no word of honour for what comes from a pipe. */
static void a_pipe_is_not_compared(void **state)
{
    (void)state;
    CD_SCOPE();
    file f;
    char path[512];
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    (void)snprintf(path, sizeof path, "%s/m-5c106cde.pipe", test_folder());
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(path, O_WRONLY);
        _exit(write(fd, f.zip.file.at, f.zip.file.size) != (ssize_t)f.zip.file.size);
    }
    assert_non_null(cd_tensor_file_open(path));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_changed_bit_is_found(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_shared("weights/resnet20-12fca82f.th"), SIZE_MAX));
    assert_non_null(cd_tensor_file_open(test_shared("weights/resnet20-12fca82f.th")));
    unsigned char *copy = malloc(bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size - 5] ^= 4; /* an element of the last storage, which has no CRC */
    assert_null(cd_tensor_file_open(test_write("resnet20-12fca82f.th", copy, bytes.size)));
    assert_failed_with(CD_ERR_FORMAT, "its name says 12fca82f");
    assert_non_null(cd_tensor_file_open(test_write("resnet20.th", copy, bytes.size)));
    free(copy);
    cd_bytes_close(&bytes);
}

static bool open_one(void *path)
{
    CD_SCOPE();
    return cd_tensor_file_open(path) != NULL;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    char path[512], name[64];
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    (void)snprintf(name, sizeof name, "m-%.12s.pth", hash_of(f.zip.file.at, f.zip.file.size, 4096));
    (void)snprintf(path, sizeof path, "%s", write_as(name));
    assert_true(sweep_memory(open_one, path) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_examples_of_the_standard),     TEST(a_million_letters),
        TEST(lengths_around_a_block),           TEST(names_with_a_hash),
        TEST(a_file_is_compared_with_its_name), TEST(a_pipe_is_not_compared),
        TEST(a_changed_bit_is_found),           TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
