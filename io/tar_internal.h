/* The headers of a TAR archive (step 4 of cd_load, see checkpoint.c). An archive is a row of
 * members, each a header of 512 bytes and then its data, filled up to a multiple of 512:
 *
 *   0    name, up to 100 bytes      148  sum of the header's bytes, octal, its own taken as spaces
 *   124  size in bytes, octal       156  type: '0' or NUL a file, 'x' a PAX header for the next one
 *   257  "ustar"                    345  what comes before the name and a slash
 *
 * Nothing is ever unpacked to the disk: a member is a range of bytes with a name. */
#ifndef CANDELA_IO_TAR_INTERNAL_H
#define CANDELA_IO_TAR_INTERNAL_H

#include "io/source_internal.h"

/* Bytes of a name with its NUL; a longer one, which only PAX can give, is cut. */
enum { CD_TAR_NAME = 155 + 1 + 100 + 1 };

typedef struct cd_tar_member {
    char name[CD_TAR_NAME];
    uint64_t header, offset, size; /* where its header and its data begin; bytes of the data */
    bool is_file;                  /* no link, no folder, no device */
} cd_tar_member;

/* Reads the member whose headers begin at *at, and moves *at behind it. *end is set to whether
 * there are no more, and no member was read. A PAX header in front of the member gives it another
 * name or size. False with CD_ERR_FORMAT, and for a size that is not octal with
 * CD_ERR_UNSUPPORTED. */
bool cd_tar_next(const cd_source *source, uint64_t *at, cd_tar_member *member, bool *end);

/* Whether the sum of a header's 512 bytes is the one that it has. */
bool cd_tar_sum_fits(const unsigned char header[512]);

#endif
