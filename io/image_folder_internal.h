/* A data set as a folder with a sub-folder per class: root/CLASS/picture.jpg. */
#ifndef CANDELA_IO_IMAGE_FOLDER_INTERNAL_H
#define CANDELA_IO_IMAGE_FOLDER_INTERNAL_H

#include "core/api.h"

/* All arrays and strings are owned by the struct. */
typedef struct cd_image_folder {
    int64_t class_count, file_count;
    int64_t ignored;      /* files below the classes that are hidden or have another ending */
    int64_t unread_count; /* of these, pictures of formats that are not read, by their endings */
    int64_t nested;       /* classes whose pictures all lie in folders of theirs */
    int64_t first_nested; /* the first such class, if there is one */
    char **classes;       /* class_count names, sorted by their bytes; the label is the index */
    char **paths;         /* file_count paths that begin with the root as it was given */
    char **unread;        /* unread_count paths, likewise */
    int64_t *labels;      /* file_count labels, ascending */
} cd_image_folder;

/* Lists in the order of torchvision's ImageFolder: classes are the sub-folders of root sorted by
 * their bytes; a class's files are those of it and of the folders below it, folders by their whole
 * path, then files by name. Files count by their ending, in any case of letters: .jpg, .jpeg, .png,
 * .bmp (torchvision takes .ppm, .pgm, .tif, .tiff and .webp too, which are not read here). Symbolic
 * links are followed, a folder that was met already in the same class is not entered again. Unlike
 * torchvision, names that begin with a dot (.ipynb_checkpoints, ._photo.jpg) are no classes, no
 * folders and no pictures, and folders that systems leave behind (__MACOSX, @eaDir, ...) are none
 * either. Time grows with the number of files and folders, n log n.
 *
 * CD_ERR_IO when a folder cannot be read; CD_ERR_FORMAT when there is no class, or a class without
 * a picture or whose name is not UTF-8 (it is named). On failure *out is as it was. */
bool cd_image_folder_list(const char *root, cd_image_folder *out);

/* Zeroes the struct; a zeroed one is allowed. */
void cd_image_folder_free(cd_image_folder *folder);

#endif
