/* The version of Candela's own files, which stands among a file's texts.
 *
 * It counts what a program has to understand of a file: it goes up when one that reads the versions
 * so far would misread it. What such a program can do without comes under a key of its own, and
 * keys that are not known are ignored.
 *
 *   0   No text says so: files from before there were versions, and those of other programs.
 *   1   The same, with the two texts below.
 */
#ifndef CANDELA_IO_FILE_FORMAT_INTERNAL_H
#define CANDELA_IO_FILE_FORMAT_INTERNAL_H

#include "io/archive_internal.h"

#define CD_KEY_FORMAT  "candela.format"  /* the version of the file: "1" */
#define CD_KEY_VERSION "candela.version" /* of the library that wrote it: "0.1.0" */

/* What cd_tensor_file_format returns, of an archive. */
int cd_archive_format(const cd_archive *archive);

/* Whether the text under this key says what wrote the file, so that a caller's would be untrue. */
bool cd_is_format_key(const char *key);

/* Those two texts, of the files that this library writes. They live as long as it. */
enum { CD_FORMAT_TEXTS = 2 };
void cd_format_texts(cd_text_pair texts[CD_FORMAT_TEXTS]);

#endif
