/* The format of the files that Candela saves: a number in the text "candela.format" of a
 * safetensors file's metadata.
 *
 * A new format is needed when a program that reads the formats so far would misread a file. New
 * texts that such a program can do without get keys of their own, and unknown keys are ignored.
 * (Unknown fields in a model's options or its preprocessing are errors, because a model that
 * ignores them computes other numbers.)
 *
 *   0   Without "candela.format": files older than formats, and those of other programs.
 *   1   As 0, and with the two texts below. */
#ifndef CANDELA_IO_FILE_FORMAT_INTERNAL_H
#define CANDELA_IO_FILE_FORMAT_INTERNAL_H

#include "io/archive_internal.h"

#define CD_KEY_FORMAT  "candela.format"  /* "1" */
#define CD_KEY_VERSION "candela.version" /* of the library that wrote the file: "0.1.0" */

/* cd_tensor_file_format for an archive: the format, or -1 with an error. */
int cd_archive_format(const cd_archive *archive);
/* The number of a format: a whole number from 1 to 999999999, which every int can hold; 0 for any
 * other text. */
int cd_format_number(const char *text);

/* Whether this is one of the two keys, which say what wrote the file, so that a caller of cd_save
 * may not set them. */
bool cd_is_format_key(const char *key);

/* The two texts of every file that this library writes. Their strings are static. */
enum { CD_FORMAT_TEXTS = 2 };
void cd_format_texts(cd_text_pair texts[CD_FORMAT_TEXTS]);

#endif
