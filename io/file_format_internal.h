/* The format of the files that Candela saves: a number among a file's texts.
 *
 * It goes up when a program that reads the formats so far would misread a file. What such a program
 * can do without comes under a key of its own, and keys that are not known are ignored. (Fields
 * that are not known within a model's options or its preprocessing are refused: numbers that come
 * out without them would be others.)
 *
 *   0   There is no such text: files from before there were formats, and those of other programs.
 *   1   As 0, and the two texts below. */
#ifndef CANDELA_IO_FILE_FORMAT_INTERNAL_H
#define CANDELA_IO_FILE_FORMAT_INTERNAL_H

#include "io/archive_internal.h"

#define CD_KEY_FORMAT  "candela.format"  /* "1" */
#define CD_KEY_VERSION "candela.version" /* of the library that wrote the file: "0.1.0" */

/* What cd_tensor_file_format returns, of an archive. */
int cd_archive_format(const cd_archive *archive);

/* Whether the text under this key says what wrote the file, so that a caller's would be untrue. */
bool cd_is_format_key(const char *key);

/* Those two texts, of the files that this library writes. They live as long as it. */
enum { CD_FORMAT_TEXTS = 2 };
void cd_format_texts(cd_text_pair texts[CD_FORMAT_TEXTS]);

#endif
