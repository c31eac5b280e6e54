/* Opens any bytes as a file of tensors, and reads its tensors as every dtype. The library does not
 * compare CRCs here, so that a changed byte reaches the code behind that check.
 *
 * Checked besides crashes: a file that does not open gives an error. */
#include <stdlib.h>

#include "io/archive_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 20 };

static void read_entry(cd_archive *archive, const cd_archive_entry *entry)
{
    static double out[OUT_MAX / sizeof(double)];
    static const cd_dtype dtypes[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8, CD_BOOL };
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        size_t bytes;
        if (cd_archive_read_size(archive, entry, dtypes[i], &bytes) && bytes <= sizeof out) {
            (void)cd_archive_read(archive, entry, dtypes[i], out);
        }
        cd_clear_error();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cd_archive_limits limits = { .crc = CD_CRC_OFF };
    cd_archive *archive = cd_archive_open_memory("fuzz", data, size, &limits);
    if (!archive && cd_ok()) abort(); /* a failure without a reason */
    for (size_t i = 0; archive && i < archive->count && i < 16; i++) {
        read_entry(archive, &archive->entries[i]);
    }
    cd_archive_close(archive);
    cd_clear_error();
    return 0;
}
