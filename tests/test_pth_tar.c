/* The TAR container of PyTorch 0.1: files that are wrong, byte by byte. Right ones are in
 * test_pth_forms. */
#include "pth_file.h"

/* --- making one ------------------------------------------------------------------------------- */

/* A member of type `type`. Its header has a right sum. */
static void tar_add_as(buffer *b, const char *name, const void *data, size_t size, char type)
{
    unsigned char header[512] = { 0 };
    (void)snprintf((char *)header, 100, "%s", name);
    memcpy(header + 100, "0000644", 7);
    (void)snprintf((char *)header + 124, 12, "%011o", (unsigned)size);
    header[156] = (unsigned char)type;
    memcpy(header + 257, "ustar\00000", 8);
    unsigned sum = 8 * ' ';
    for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0 : header[i];
    (void)snprintf((char *)header + 148, 8, "%06o", sum);
    add(b, header, 512);
    add(b, data, size);
    while (b->size % 512) add(b, "", 1);
}

static void tar_add(buffer *b, const char *name, const void *data, size_t size)
{
    tar_add_as(b, name, data, size, '0');
}

static void tar_end(buffer *b)
{
    for (int i = 0; i < 1024; i++) add(b, "", 1);
}

/* Writes the sum of a header anew, after a change to it. */
static void fix_sum(buffer *b, size_t at)
{
    unsigned sum = 8 * ' ';
    for (int i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0 : b->at[at + (size_t)i];
    (void)snprintf((char *)b->at + at + 148, 8, "%06o", sum);
}

/* The members of a file with the tensor w, 0 to 5 as float32 of 2x3, whose key is 1, over the
 * storage 2. */
#define INFO             "\x80\x02}U\x0Dlittle_endian\x88s."
#define PICKLE           "\x80\x02}U\1wU\0011Qs."
#define N(n_)            "\x80\x02K" n_ "."
#define I64(n_)          n_ "\0\0\0\0\0\0\0"
#define CLASS            "ctorch\nFloatTensor\n"
#define LAYOUT           I64("\2") I64("\2") I64("\3") I64("\3") I64("\1") I64("\0")
#define TENSORS          N("\1") "\x80\x02K\1K\2" CLASS "\x87." LAYOUT
#define FLOATS           "\0\0\0\0\0\0\x80\x3F\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xA0\x40"
#define STORED           "\x80\x02K\2U\3cpuctorch\nFloatStorage\n\x87." I64("\6") FLOATS
#define NO_VIEW          "\x80\x02]."
#define STORES           N("\1") STORED NO_VIEW

#define MEMBER(literal_) literal_, sizeof(literal_) - 1

static void make_tar(buffer *b, const void *info, size_t info_size, const void *pickle,
                     size_t pickle_size, const void *tensors, size_t tensors_size,
                     const void *storages, size_t storages_size)
{
    b->size = 0;
    tar_add(b, "sys_info", info, info_size);
    tar_add(b, "pickle", pickle, pickle_size);
    tar_add(b, "tensors", tensors, tensors_size);
    tar_add(b, "storages", storages, storages_size);
    tar_end(b);
}

static buffer bytes;

static cd_archive *open_tar(void)
{
    return cd_archive_open_memory("t.pth", bytes.at, bytes.size, NULL);
}

static void refuses_tar(cd_code code, const char *text)
{
    assert_null(open_tar());
    assert_failed_with(code, text);
}

/* Checks that a file with these members is refused. */
#define REFUSES_TAR(code_, text_, info_, pickle_, tensors_, storages_)                             \
    do {                                                                                           \
        make_tar(&bytes, MEMBER(info_), MEMBER(pickle_), MEMBER(tensors_), MEMBER(storages_));     \
        refuses_tar(code_, text_);                                                                 \
    } while (0)

static void make_right(void)
{
    make_tar(&bytes, MEMBER(INFO), MEMBER(PICKLE), MEMBER(TENSORS), MEMBER(STORES));
}

static void is_right(void)
{
    cd_archive *a = open_tar();
    assert_ok();
    assert_string_equal(a->kind, "PyTorch TAR");
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void a_tar_is_read(void **state)
{
    (void)state;
    make_right();
    is_right();
}

/* --- headers ---------------------------------------------------------------------------------- */

enum { HEADERS_AT = 0, PICKLE_AT = 1024, TENSORS_AT = 2048, STORAGES_AT = 3072 };

static void sums_are_compared(void **state)
{
    (void)state;
    make_right();
    bytes.at[TENSORS_AT + 300] ^= 1;
    refuses_tar(CD_ERR_FORMAT, "byte 2048: TAR: the sum of this header is wrong");
    make_right();
    bytes.at[STORAGES_AT] = 's' ^ 1;
    refuses_tar(CD_ERR_FORMAT, "byte 3072: TAR: the sum of this header is wrong");
}

static void sizes_that_lie(void **state)
{
    (void)state;
    static const struct {
        const char *size, *text;
        cd_code code;
    } cases[] = {
        { "00000007777", "the member \"storages\" is said to have 4095 bytes, and 1536 are left",
          CD_ERR_FORMAT },
        { "77777777777", "is said to have 8589934591 bytes", CD_ERR_FORMAT },
        { "777777777777", "is said to have 68719476735 bytes", CD_ERR_FORMAT },
        { "0000000012x", "byte 3196: TAR: the size of a member is not an octal number",
          CD_ERR_UNSUPPORTED },
        { "00000000089", "is not an octal number", CD_ERR_UNSUPPORTED },
        { "-0000000010", "is not an octal number", CD_ERR_UNSUPPORTED },
        { "\x80\0\0\0\0\0\0\0\0\0\1\0", "is not an octal number", CD_ERR_UNSUPPORTED },
        { "10 10", "is not an octal number", CD_ERR_UNSUPPORTED },
        { "00000000010", "it ends within an opcode", CD_ERR_FORMAT },
        { "00000000000", "byte 3584: TAR: the sum of this header is wrong", CD_ERR_FORMAT },
        { "", "byte 3584: TAR: the sum of this header is wrong", CD_ERR_FORMAT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_right();
        size_t size = cases[i].size[0] == '\x80' ? 12 : strlen(cases[i].size);
        memset(bytes.at + STORAGES_AT + 124, 0, 12);
        memcpy(bytes.at + STORAGES_AT + 124, cases[i].size, size);
        fix_sum(&bytes, STORAGES_AT);
        refuses_tar(cases[i].code, cases[i].text);
    }
}

static void spaces_around_octal_numbers(void **state)
{
    (void)state;
    make_right();
    char size[13];
    (void)snprintf(size, sizeof size, "%10lo ", (unsigned long)sizeof(STORES) - 1);
    memcpy(bytes.at + STORAGES_AT + 124, size, 11);
    fix_sum(&bytes, STORAGES_AT);
    is_right();
}

static void members_that_are_wrong(void **state)
{
    (void)state;
    static const char *const names[] = { "sys_info", "pickle", "tensors", "storages" };
    for (size_t i = 0; i < 4; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "it has no member \"%s\"", names[i]);
        make_right();
        memcpy(bytes.at + 1024 * i, "other\0\0\0", 8);
        fix_sum(&bytes, 1024 * i);
        refuses_tar(CD_ERR_FORMAT, text);
        make_right();
        bytes.at[1024 * i + 156] = '2'; /* a link */
        fix_sum(&bytes, 1024 * i);
        (void)snprintf(text, sizeof text, "the member \"%s\" is no file", names[i]);
        refuses_tar(CD_ERR_FORMAT, text);
        make_right();
        bytes.size -= 1024;
        tar_add(&bytes, names[i], "x", 1);
        tar_end(&bytes);
        (void)snprintf(text, sizeof text, "byte %d: TAR: there are two members \"%s\"", 4096,
                       names[i]);
        refuses_tar(CD_ERR_FORMAT, text);
    }
}

/* Names with folders are other names: nothing is unpacked, and none of them is one of the four. */
static void paths_are_no_members(void **state)
{
    (void)state;
    make_right();
    bytes.size -= 1024;
    tar_add(&bytes, "../pickle", "x", 1);
    tar_add(&bytes, "/pickle", "x", 1);
    tar_add(&bytes, "a/pickle", "x", 1);
    tar_add_as(&bytes, "folder", "", 0, '5');
    tar_end(&bytes);
    is_right();
    make_right();
    memcpy(bytes.at + PICKLE_AT, "./pickle", 8);
    fix_sum(&bytes, PICKLE_AT);
    refuses_tar(CD_ERR_FORMAT, "it has no member \"pickle\"");
    make_right();
    memcpy(bytes.at + PICKLE_AT + 345, "..", 2); /* what comes before the name */
    fix_sum(&bytes, PICKLE_AT);
    refuses_tar(CD_ERR_FORMAT, "it has no member \"pickle\"");
}

/* --- PAX -------------------------------------------------------------------------------------- */

/* The right file, with a PAX header of these records in front of its last member, which has this
 * octal size. */
static void make_pax(const char *records, const char *octal)
{
    bytes.size = 0;
    tar_add(&bytes, "sys_info", MEMBER(INFO));
    tar_add(&bytes, "pickle", MEMBER(PICKLE));
    tar_add(&bytes, "tensors", MEMBER(TENSORS));
    tar_add_as(&bytes, "././@PaxHeader", records, strlen(records), 'x');
    size_t at = bytes.size;
    tar_add(&bytes, "storages", MEMBER(STORES));
    if (octal) memcpy(bytes.at + at + 124, octal, 11);
    fix_sum(&bytes, at);
    tar_end(&bytes);
}

static void pax_headers(void **state)
{
    (void)state;
    char records[64];
    make_pax("28 mtime=1484123456.1234567\n", NULL);
    is_right();
    make_pax("28 mtime=1484123456.1234567\n6 a=b\n", NULL);
    is_right();
    (void)snprintf(records, sizeof records, "12 size=%03zu\n", sizeof(STORES) - 1);
    make_pax(records, "00000000001"); /* the PAX header's size counts */
    is_right();
    make_pax("17 path=otherxxx\n", NULL);
    refuses_tar(CD_ERR_FORMAT, "it has no member \"storages\"");
    static const char *const damaged[] = { "9 a=b\n",  "5 a=b\n", "x a=b\n",       "6 a=b",
                                           "6  ab\n",  "0 a=b\n", "12 size=-12\n", "12 size=1x2\n",
                                           " 6 a=b\n", "6a=b\n\n" };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        make_pax(damaged[i], NULL);
        assert_null(open_tar());
        assert_failed_with(CD_ERR_FORMAT, "a PAX header whose records are damaged");
    }
    make_pax("20 size=99999999999\n", NULL);
    refuses_tar(CD_ERR_FORMAT, "\"storages\" is said to have 99999999999 bytes");
}

static void a_long_pax_header(void **state)
{
    (void)state;
    char *records = malloc(9001);
    memset(records, 'x', 9000);
    memcpy(records, "9000 a=", 7);
    records[8999] = '\n';
    records[9000] = '\0';
    make_pax(records, NULL);
    refuses_tar(CD_ERR_UNSUPPORTED, "a PAX header of 9000 bytes; up to 8192 are read");
    free(records);
}

/* --- the member "storages" -------------------------------------------------------------------- */

static void storages_that_are_wrong(void **state)
{
    (void)state;
#define REFUSES_STORES(text_, storages_)                                                           \
    REFUSES_TAR(CD_ERR_FORMAT, text_, INFO, PICKLE, TENSORS, storages_)
    REFUSES_STORES("does not begin with how many", "\x80\x02N.");
    REFUSES_STORES("does not begin with how many", "\x80\x02J\xFF\xFF\xFF\xFF.");
    REFUSES_STORES("begin with a protocol number", N("\2") STORED);
    REFUSES_STORES("the views of storages are no list", N("\0") STORED NO_VIEW);
    REFUSES_STORES("a storage must be (key, location, class)", N("\1") "\x80\x02K\2.");
    REFUSES_STORES("a storage must be (key, location, class)",
                   N("\1") "\x80\x02U\0012U\3cpuctorch\nFloatStorage\n\x87.");
    REFUSES_STORES("class is no storage class",
                   N("\1") "\x80\x02K\2U\3cpu" CLASS "\x87." I64("\6") FLOATS NO_VIEW);
    REFUSES_STORES("the storage 2 is said to have 8 elements of 4 bytes, and the member has 28",
                   N("\1") "\x80\x02K\2U\3cpuctorch\nFloatStorage\n\x87." I64("\x08")
                       FLOATS NO_VIEW);
    REFUSES_STORES("a size, stride or offset is negative",
                   N("\1") "\x80\x02K\2U\3cpuctorch\nFloatStorage\n\x87."
                           "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    REFUSES_STORES("is said to have 4611686018427387910 elements",
                   N("\1") "\x80\x02K\2U\3cpuctorch\nFloatStorage\n\x87."
                           "\6\0\0\0\0\0\0\x40" FLOATS NO_VIEW);
    REFUSES_STORES("the member ends within a number",
                   N("\1") "\x80\x02K\2U\3cpuctorch\nFloatStorage\n\x87.\6\0\0");
    REFUSES_STORES("the member \"storages\" has the key 2 twice", N("\2") STORED STORED NO_VIEW);
    REFUSES_STORES("a persistent id where there is none", "\x80\x02NQ.");
    REFUSES_TAR(CD_ERR_UNSUPPORTED, "it names os.system", INFO, PICKLE, TENSORS,
                "\x80\x02"
                "cos\nsystem\n.");
}

static void views_that_are_wrong(void **state)
{
    (void)state;
#define VIEW(root_, offset_, count_)                                                               \
    N("\1") STORED "\x80\x02](K\3K" root_ "K" offset_ "K" count_ "ta."
#define OVER_3 N("\1") "\x80\x02K\1K\3" CLASS "\x87." LAYOUT
    make_tar(&bytes, MEMBER(INFO), MEMBER(PICKLE), MEMBER(OVER_3), MEMBER(VIEW("\2", "\0", "\6")));
    is_right();
    REFUSES_TAR(CD_ERR_FORMAT, "leave its storage", INFO, PICKLE, OVER_3, VIEW("\2", "\0", "\5"));
    REFUSES_STORES("a view leaves its storage", VIEW("\2", "\1", "\6"));
    REFUSES_STORES("a view leaves its storage", VIEW("\2", "\7", "\0"));
    REFUSES_STORES("a view of a storage that is not there", VIEW("\3", "\0", "\6")); /* itself */
    REFUSES_STORES("a view must be (key, key of its storage",
                   N("\1") STORED "\x80\x02](K\3K\2Nta.");
    REFUSES_STORES("a view leaves its storage",
                   N("\1") STORED "\x80\x02](K\3K\2J\xFF\xFF\xFF\xFFK\1ta.");
    REFUSES_STORES("has the key 2 twice", N("\1") STORED "\x80\x02](K\2K\2K\0K\1ta.");
}

/* --- the member "tensors" --------------------------------------------------------------------- */

static void tensors_that_are_wrong(void **state)
{
    (void)state;
#define REFUSES_TENSORS(text_, tensors_)                                                           \
    REFUSES_TAR(CD_ERR_FORMAT, text_, INFO, PICKLE, tensors_, STORES)
#define TUPLE "\x80\x02K\1K\2" CLASS "\x87."
    REFUSES_TENSORS("a tensor must be (key, key of its storage, class)", N("\1") "\x80\x02N.");
    REFUSES_TENSORS("a tensor of a storage that is not there",
                    N("\1") "\x80\x02K\1K\7" CLASS "\x87." LAYOUT);
    REFUSES_TENSORS("the key of a storage is no integer",
                    N("\1") "\x80\x02K\1U\0012" CLASS "\x87." LAYOUT);
    REFUSES_TENSORS("a tensor of 65 dimensions", N("\1") TUPLE I64("\x41"));
    REFUSES_TENSORS("a tensor of -1 dimensions", N("\1") TUPLE "\xFF\xFF\xFF\xFF\0\0\0\0");
    REFUSES_TENSORS("the member ends within a tensor", N("\1") TUPLE "\2\0\0\0");
    REFUSES_TENSORS("the member ends within a number", N("\1") TUPLE I64("\2") I64("\2"));
    REFUSES_TENSORS("a size, stride or offset is negative",
                    N("\1") TUPLE I64("\1") "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF" I64("\1") I64("\0"));
    REFUSES_TENSORS("the member \"tensors\" has the key 1 twice",
                    N("\2") TUPLE LAYOUT TUPLE LAYOUT);
    REFUSES_TENSORS("a tensor's offset, size and stride leave its storage",
                    N("\1") TUPLE I64("\2") I64("\2") I64("\3") I64("\3") I64("\1") I64("\1"));
    REFUSES_TENSORS("leave its storage",
                    N("\1") "\x80\x02K\1N" CLASS "\x87." LAYOUT); /* no storage, six elements */
    REFUSES_TENSORS("begin with a protocol number", N("\2") TUPLE LAYOUT);
}

/* PyTorch 0.1 had no tensors of 0 dimensions: one without any was empty, and had no storage. */
static void empty_tensors_without_storage(void **state)
{
    (void)state;
#define EMPTY N("\1") "\x80\x02K\1N" CLASS "\x87." I64("\0") I64("\0")
    make_tar(&bytes, MEMBER(INFO), MEMBER(PICKLE), MEMBER(EMPTY), MEMBER(STORES));
    cd_archive *a = open_tar();
    assert_ok();
    values_count_up(a, "w", CD_SHAPE(0));
    cd_archive_close(a);
    make_tar(&bytes, MEMBER(INFO), MEMBER(PICKLE), MEMBER(N("\1") TUPLE I64("\0") I64("\0")),
             MEMBER(STORES));
    a = open_tar();
    assert_ok();
    values_count_up(a, "w", CD_SCALAR);
    cd_archive_close(a);
}

/* --- the members "pickle" and "sys_info" ------------------------------------------------------ */

static void pickles_that_are_wrong(void **state)
{
    (void)state;
#define REFUSES_PICKLE(text_, pickle_)                                                             \
    REFUSES_TAR(CD_ERR_FORMAT, text_, INFO, pickle_, TENSORS, STORES)
    REFUSES_PICKLE("the key 7 is that of no tensor and no storage", "\x80\x02}U\1wU\0017Qs.");
    static const char decimal[] = "a persistent id must be the decimal key";
    REFUSES_PICKLE(decimal, "\x80\x02}U\1wU\1xQs.");
    REFUSES_PICKLE(decimal, "\x80\x02}U\1wU\0Qs.");
    REFUSES_PICKLE(decimal, "\x80\x02}U\1wNQs.");
    REFUSES_PICKLE(decimal, "\x80\x02}U\1wU\2-1Qs.");
    REFUSES_PICKLE(decimal, "\x80\x02}U\1wU\0231000000000000000001Qs.");
    REFUSES_TAR(CD_ERR_UNSUPPORTED, "it names posix.system", INFO,
                "\x80\x02"
                "cposix\nsystem\nU\2ls\x85R.",
                TENSORS, STORES);
    REFUSES_TAR(CD_ERR_UNSUPPORTED, "it holds a storage, and not", INFO, "\x80\x02U\0012Q.",
                TENSORS, STORES);
    make_tar(&bytes, MEMBER(INFO), MEMBER("\x80\x02}U\1wK\1Qs."), MEMBER(TENSORS), MEMBER(STORES));
    is_right(); /* an integer serves as well */
    make_tar(&bytes, MEMBER(INFO), MEMBER("\x80\x02}(U\1wU\0011QU\1cca\nB\nNN\x87Qu."),
             MEMBER(TENSORS), MEMBER(STORES));
    is_right(); /* a class with its source */
}

static void machines(void **state)
{
    (void)state;
    REFUSES_TAR(CD_ERR_UNSUPPORTED, "was written on a big-endian machine",
                "\x80\x02}U\x0Dlittle_endian\x89s.", PICKLE, TENSORS, STORES);
    REFUSES_TAR(CD_ERR_FORMAT, "it ends without STOP", "\x80\x02}", PICKLE, TENSORS, STORES);
    make_tar(&bytes, MEMBER("\x80\x02}."), MEMBER(PICKLE), MEMBER(TENSORS), MEMBER(STORES));
    is_right();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tar_is_read),
        TEST(sums_are_compared),
        TEST(sizes_that_lie),
        TEST(spaces_around_octal_numbers),
        TEST(members_that_are_wrong),
        TEST(paths_are_no_members),
        TEST(pax_headers),
        TEST(a_long_pax_header),
        TEST(storages_that_are_wrong),
        TEST(views_that_are_wrong),
        TEST(tensors_that_are_wrong),
        TEST(empty_tensors_without_storage),
        TEST(pickles_that_are_wrong),
        TEST(machines),
    };
    return RUN(tests);
}
