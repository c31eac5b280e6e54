/* The orientation of a photograph, from its EXIF block.
 *
 * The block is a TIFF file: a header ("II*\0" or "MM\0*", for the byte order, then the offset of
 * the first directory), and directories of 12-byte entries: tag, type, count, value. The
 * orientation is tag 0x0112, one SHORT (type 3), in the first directory. Exif 2.32, 4.6.4; TIFF
 * 6.0, section 2. */
#include "io/image_format_internal.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

static uint32_t read_16(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t read_32(const unsigned char *p, bool big)
{
    return big ? read_16(p, big) << 16 | read_16(p + 2, big)
               : read_16(p + 2, big) << 16 | read_16(p, big);
}

int cd_exif_orientation(const unsigned char *tiff, size_t size)
{
    if (size < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 0;
    bool big = tiff[0] == 'M';
    if (read_16(tiff + 2, big) != 42) return 0;
    size_t directory = read_32(tiff + 4, big);
    if (directory > size - 2) return 0;
    uint32_t entries = read_16(tiff + directory, big);
    size_t at = directory + 2;
    for (uint32_t i = 0; i < entries && size - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        const unsigned char *entry = tiff + at;
        if (read_16(entry, big) != TAG_ORIENTATION) continue;
        if (read_16(entry + 2, big) != TYPE_SHORT || read_32(entry + 4, big) != 1) return 0;
        uint32_t orientation = read_16(entry + 8, big);
        return orientation >= 1 && orientation <= 8 ? (int)orientation : 0;
    }
    return 0;
}
