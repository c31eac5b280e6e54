/* The CRC-32 of zip archives, in every build of its kernel. */
#include "kernels.h"

#include <zlib.h>

#include "io/crc_internal.h"

/* The check value of CRC-32, and an empty message. */
static void the_published_value(void **state)
{
    (void)state;
    assert_int_equal(cd_crc(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(cd_crc(0, NULL, 0), 0);
    assert_int_equal(cd_crc(0x12345678, NULL, 0), 0x12345678);
    const unsigned char zeros[256] = { 0 };
    assert_int_equal(cd_crc(0, zeros, sizeof zeros), 0x0D968558); /* Python's zlib.crc32 */
}

/* All lengths about whole blocks, from any address, behind any other bytes. */
static void as_zlib_has_it(void **state)
{
    (void)state;
    enum { MOST = 1000 };
    static unsigned char bytes[MOST + 16];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(random >> 24);
    }
    for (size_t build = 0; build < BUILDS; build++) {
        if (!cd_cpu_force(every_build[build])) continue;
        for (size_t size = 0; size <= MOST; size++) {
            const unsigned char *at = bytes + size % 16;
            uint32_t before = size % 3 == 0 ? 0 : (uint32_t)size * 0x9E3779B1;
            assert_int_equal(cd_crc(before, at, size), crc32_z(before, at, size));
        }
        const uint32_t first = cd_crc(0, bytes, 333);
        assert_int_equal(cd_crc(first, bytes + 333, 600), crc32_z(0, bytes, 933));
    }
    (void)cd_cpu_force(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_published_value),
        TEST(as_zlib_has_it),
    };
    return RUN(tests);
}
