/* The hash in the name of a file of weights: resnet18-5c106cde.pth has a SHA-256 that begins with
 * 5c106cde. torchvision, timm and torch.hub name files so. */
#ifndef CANDELA_IO_NAME_HASH_INTERNAL_H
#define CANDELA_IO_NAME_HASH_INTERNAL_H

#include "io/source_internal.h"

/* The hash in the name of the file at `path`: between its last '-' and the next '.' 8 to 64 digits
 * of lower-case hexadecimal, with a letter among them: 20240131 is a date, and 00001000 counts
 * steps. The last group of a UUID is none either. Returns where it begins, and its length in *size;
 * NULL if there is none. */
const char *cd_name_hash(const char *path, size_t *size);

/* Whether the file has the hash that its name says, or its name says none. Reads the whole file.
 * False with CD_ERR_FORMAT, and when reading fails. */
bool cd_name_hash_fits(const cd_source *source, const char *path);

#endif
