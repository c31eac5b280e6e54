/* IDX files: element types, gzip, lengths, and damaged headers. */
#include "hostile.h"

#include "io/idx_internal.h"

static void header(buffer *b, int type, int rank, const uint32_t *sizes)
{
    add_le(b, 0, 2);
    add_le(b, (uint64_t)type, 1);
    add_le(b, (uint64_t)rank, 1);
    for (int i = 0; i < rank; i++) add_be(b, sizes[i], 4);
}

static bool open_buffer(cd_idx *idx, const buffer *b)
{
    return cd_idx_open_memory(idx, "set.idx", b->at, b->size);
}

static void refuses(const buffer *b, cd_code code, const char *text)
{
    cd_idx idx;
    assert_false(open_buffer(&idx, b));
    assert_null(idx.data);
    assert_failed_with(code, text);
}

/* Appends the bytes, compressed, as a gzip member. */
static void pack(const buffer *plain, buffer *packed)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)plain->at, .avail_in = (uInt)plain->size };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = packed->at + packed->size;
    z.avail_out = (uInt)(BUFFER_MAX - packed->size);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed->size += z.total_out;
    assert_int_equal(deflateEnd(&z), Z_OK);
}

static void bytes_2x3(buffer *b)
{
    header(b, 0x08, 2, (const uint32_t[]){ 2, 3 });
    ADD(b, "\1\2\3\4\5\6");
}

static void bytes_are_read(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    bytes_2x3(&b);
    cd_idx idx;
    assert_true(open_buffer(&idx, &b));
    assert_int_equal(idx.dtype, CD_FILE_U8);
    assert_true(cd_shape_equal(idx.shape, CD_SHAPE(2, 3)));
    assert_int_equal(idx.bytes, 6);
    assert_memory_equal(idx.data, "\1\2\3\4\5\6", 6);
    cd_idx_free(&idx);
    cd_idx_free(&idx);
}

static void every_type_is_turned_to_the_hosts_order(void **state)
{
    (void)state;
    static const struct {
        int code, width;
        cd_file_dtype dtype;
        uint64_t bits;
    } types[] = {
        { 0x08, 1, CD_FILE_U8, 0xFE },        { 0x09, 1, CD_FILE_I8, 0xFE },
        { 0x0B, 2, CD_FILE_I16, 0xFEDC },     { 0x0C, 4, CD_FILE_I32, 0xFEDCBA98 },
        { 0x0D, 4, CD_FILE_F32, 0x3FC00000 }, { 0x0E, 8, CD_FILE_F64, 0x3FF8000000000000 },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        buffer b = { .size = 0 };
        header(&b, types[i].code, 1, (const uint32_t[]){ 2 });
        add_be(&b, 0, types[i].width);
        add_be(&b, types[i].bits, types[i].width);
        cd_idx idx;
        assert_true(open_buffer(&idx, &b));
        assert_int_equal(idx.dtype, types[i].dtype);
        uint64_t bits = 0;
        memcpy(&bits, (char *)idx.data + types[i].width, (size_t)types[i].width);
        assert_true(bits == types[i].bits);
        cd_idx_free(&idx);
    }
}

static void gzip_is_unpacked(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    pack(&b, &packed);
    cd_idx idx;
    assert_true(open_buffer(&idx, &packed));
    assert_memory_equal(idx.data, "\1\2\3\4\5\6", 6);
    cd_idx_free(&idx);
}

static void gzip_may_have_several_members(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, first = { .size = 0 }, second = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    add(&first, b.at, 7);
    add(&second, b.at + 7, b.size - 7);
    pack(&first, &packed);
    pack(&second, &packed);
    cd_idx idx;
    assert_true(open_buffer(&idx, &packed));
    assert_memory_equal(idx.data, "\1\2\3\4\5\6", 6);
    cd_idx_free(&idx);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    pack(&b, &packed);
    buffer damaged = packed;
    damaged.at[damaged.size - 6] ^= 1; /* the CRC */
    refuses(&damaged, CD_ERR_FORMAT, "gzip");
    damaged = packed;
    damaged.at[damaged.size - 1] ^= 1; /* the length */
    refuses(&damaged, CD_ERR_FORMAT, "gzip");
    damaged = packed;
    damaged.size -= 3;
    refuses(&damaged, CD_ERR_FORMAT, "gzip");
    damaged = packed;
    ADD(&damaged, "rest");
    refuses(&damaged, CD_ERR_FORMAT, "gzip");
}

/* Zeros and other members may follow a member, as gzip reads them. Other bytes are refused, as
 * Python's gzip module does; gzip itself ignores them. */
static void what_may_follow_a_gzip_member(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, first = { .size = 0 }, second = { .size = 0 };
    bytes_2x3(&b);
    buffer half = b, rest = { .size = 0 };
    half.size = 9; /* within the header */
    add(&rest, b.at + 9, b.size - 9);
    pack(&half, &first);
    pack(&rest, &second);
    for (size_t zeros = 0; zeros < 600; zeros += 299) {
        buffer both = first;
        for (size_t i = 0; i < zeros; i++) ADD(&both, "\0");
        add(&both, second.at, second.size);
        for (size_t i = 0; i < zeros; i++) ADD(&both, "\0");
        cd_idx idx;
        assert_true(open_buffer(&idx, &both));
        assert_int_equal(idx.bytes, 6);
        assert_memory_equal(idx.data, b.at + b.size - 6, 6);
        cd_idx_free(&idx);
        ADD(&both, "r");
        refuses(&both, CD_ERR_FORMAT, "the gzip data end here, and 1 byte follows that is none");
        ADD(&both, "est\0");
        refuses(&both, CD_ERR_FORMAT, "the gzip data end here, and 5 bytes follow that are none");
    }
}

/* Longer than the 65536 bytes that the reader has in memory at once, so that members and zeros meet
 * the edges of its buffer. */
static void gzip_longer_than_the_buffer(void **state)
{
    (void)state;
    enum { SIZE = 200000 };
    unsigned char *plain = malloc(SIZE + 8), *packed = malloc(2 * SIZE);
    assert_true(plain && packed);
    memcpy(plain, "\0\0\x08\1\0\3\x0D\x40", 8); /* 200,000 */
    for (size_t i = 0; i < SIZE; i++) plain[8 + i] = (unsigned char)(i * i >> 7);
    size_t used = 0, piece = 65500;
    for (size_t at = 0; at < SIZE + 8; at += piece) { /* members about as long as the buffer */
        if (piece > SIZE + 8 - at) piece = SIZE + 8 - at;
        z_stream z = { .next_in = plain + at, .avail_in = (uInt)piece };
        assert_int_equal(deflateInit2(&z, 0, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                         Z_OK);
        z.next_out = packed + used;
        z.avail_out = (uInt)(2 * SIZE - used);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        used += z.total_out;
        assert_int_equal(deflateEnd(&z), Z_OK);
    }
    for (int zeros = 0; zeros < 70000; zeros += 69999) {
        cd_idx idx;
        memset(packed + used, 0, (size_t)zeros);
        assert_true(cd_idx_open(&idx, test_write("long.gz", packed, used + (size_t)zeros)));
        assert_int_equal(idx.bytes, SIZE);
        assert_memory_equal(idx.data, plain + 8, SIZE);
        cd_idx_free(&idx);
    }
    free(plain);
    free(packed);
}

static void a_bomb_takes_no_memory(void **state)
{
    (void)state;
    /* A file of a few kB: a header that declares 4 GB, and 3 MB of zeros. */
    size_t size = 3 << 20;
    unsigned char *plain = calloc(1, size), *packed = malloc(BUFFER_MAX);
    memcpy(plain, "\0\0\x08\1\xFF\xFF\xFF\xFF", 8);
    z_stream z = { .next_in = plain, .avail_in = (uInt)size };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = packed;
    z.avail_out = BUFFER_MAX;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&z), Z_OK);
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_idx idx;
    assert_false(cd_idx_open_memory(&idx, "bomb", packed, z.total_out));
    assert_failed_with(CD_ERR_MEMORY, "it unpacks to 4294967295 bytes, and the limit is");
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 20);
    free(plain);
    free(packed);
}

static void a_length_inside_gzip_must_be_exact(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    b.size--;
    pack(&b, &packed);
    refuses(&packed, CD_ERR_FORMAT,
            "2x3 elements of U8 take 6 bytes from here on, and there are 5");
    b.size++;
    ADD(&b, "x");
    packed.size = 0;
    pack(&b, &packed);
    refuses(&packed, CD_ERR_FORMAT, "and there are 6 and more");
    b.size = 6;
    packed.size = 0;
    pack(&b, &packed);
    refuses(&packed, CD_ERR_FORMAT, "the list of sizes");
    b.size = 0;
    header(&b, 0x08, 1, (const uint32_t[]){ 1 << 29 });
    packed.size = 0;
    pack(&b, &packed);
    refuses(&packed, CD_ERR_FORMAT, "compressed ones");
    b.size = 0;
    header(&b, 0x08, 1, (const uint32_t[]){ 0 });
    packed.size = 0;
    pack(&b, &packed);
    cd_idx idx;
    assert_true(open_buffer(&idx, &packed));
    cd_idx_free(&idx);
}

static void the_length_must_be_exact(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    bytes_2x3(&b);
    b.size--;
    refuses(&b, CD_ERR_FORMAT,
            "byte 12: 2x3 elements of U8 take 6 bytes from here on, and there are 5");
    b.size++;
    ADD(&b, "x");
    refuses(&b, CD_ERR_FORMAT, "and there are 7");
}

static void the_magic_is_checked(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    ADD(&b, "\0\1\x08\1\0\0\0\0");
    refuses(&b, CD_ERR_FORMAT, "not an IDX file");
    b.at[1] = 0;
    b.at[2] = 0x0A;
    refuses(&b, CD_ERR_FORMAT, "it begins with 00000a");
    b.size = 3;
    refuses(&b, CD_ERR_FORMAT, "takes 4 bytes");
}

static void ranks_from_one_to_eight(void **state)
{
    (void)state;
    static const uint32_t ones[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    buffer b = { .size = 0 };
    header(&b, 0x08, 8, ones);
    ADD(&b, "x");
    cd_idx idx;
    assert_true(open_buffer(&idx, &b));
    assert_int_equal(idx.shape.ndim, 8);
    cd_idx_free(&idx);
    b.size = 0;
    header(&b, 0x08, 9, ones);
    ADD(&b, "x");
    refuses(&b, CD_ERR_UNSUPPORTED, "9 dimensions");
    b.size = 0;
    ADD(&b, "\0\0\x08\0x");
    refuses(&b, CD_ERR_FORMAT, "no dimensions");
    b.size = 0;
    ADD(&b, "\0\0\x08\3\0\0\0\1\0\0\0\1");
    refuses(&b, CD_ERR_FORMAT, "the list of sizes");
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    header(&b, 0x08, 3, (const uint32_t[]){ UINT32_MAX, UINT32_MAX, UINT32_MAX });
    refuses(&b, CD_ERR_FORMAT, "overflows");
    b.size = 0;
    header(&b, 0x0E, 2, (const uint32_t[]){ UINT32_MAX, UINT32_MAX });
    refuses(&b, CD_ERR_FORMAT, "overflows");
}

static void a_size_of_zero_is_allowed(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    header(&b, 0x0D, 2, (const uint32_t[]){ 0, 5 });
    cd_idx idx;
    assert_true(open_buffer(&idx, &b));
    assert_int_equal(idx.bytes, 0);
    cd_idx_free(&idx);
}

static void missing_files_are_errors(void **state)
{
    (void)state;
    cd_idx idx;
    assert_false(cd_idx_open(&idx, "/nowhere/x"));
    assert_failed_with(CD_ERR_IO, "No such file");
    assert_null(idx.data);
}

static void a_file_is_read_by_its_path(void **state)
{
    (void)state;
    buffer b = { .size = 0 };
    bytes_2x3(&b);
    cd_idx idx;
    assert_true(cd_idx_open(&idx, test_write("a.idx", b.at, b.size)));
    assert_int_equal(idx.bytes, 6);
    cd_idx_free(&idx);
}

static void mnist_is_read(void **state)
{
    (void)state;
    cd_idx images, labels;
    assert_true(cd_idx_open(&images, test_shared("data/mnist/t10k-images-idx3-ubyte.gz")));
    assert_true(cd_idx_open(&labels, test_shared("data/mnist/t10k-labels-idx1-ubyte.gz")));
    assert_true(cd_shape_equal(images.shape, CD_SHAPE(10000, 28, 28)));
    assert_true(cd_shape_equal(labels.shape, CD_SHAPE(10000)));
    assert_memory_equal(labels.data, "\7\2\1\0\4\1\4\11\5\11", 10);
    cd_idx_free(&images);
    cd_idx_free(&labels);
}

static void read_idx(const unsigned char *data, size_t size)
{
    cd_idx idx;
    (void)cd_idx_open_memory(&idx, "m", data, size);
    cd_idx_free(&idx);
}

static void mutants_do_no_harm(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    pack(&b, &packed);
    read_truncations(read_idx, b.at, b.size);
    read_mutants(read_idx, b.at, b.size);
    read_truncations(read_idx, packed.at, packed.size);
    read_mutants(read_idx, packed.at, packed.size);
}

static bool run(void *b)
{
    cd_idx idx;
    bool right = open_buffer(&idx, b);
    cd_idx_free(&idx);
    return right;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    buffer b = { .size = 0 }, packed = { .size = 0 };
    bytes_2x3(&b);
    pack(&b, &packed);
    assert_true(sweep_memory(run, &b) >= 1);
    assert_true(sweep_memory(run, &packed) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_are_read),
        TEST(every_type_is_turned_to_the_hosts_order),
        TEST(gzip_is_unpacked),
        TEST(gzip_may_have_several_members),
        TEST(damaged_gzip_is_refused),
        TEST(what_may_follow_a_gzip_member),
        TEST(gzip_longer_than_the_buffer),
        TEST(a_bomb_takes_no_memory),
        TEST(a_length_inside_gzip_must_be_exact),
        TEST(the_length_must_be_exact),
        TEST(the_magic_is_checked),
        TEST(ranks_from_one_to_eight),
        TEST(sizes_that_overflow_are_refused),
        TEST(a_size_of_zero_is_allowed),
        TEST(missing_files_are_errors),
        TEST(a_file_is_read_by_its_path),
        TEST(mnist_is_read),
        TEST(mutants_do_no_harm),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
