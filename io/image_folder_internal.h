/* Listing the photographs of a folder with one sub-folder per class: root/CLASS/picture.jpg. */
#ifndef CANDELA_IO_IMAGE_FOLDER_INTERNAL_H
#define CANDELA_IO_IMAGE_FOLDER_INTERNAL_H

#include "core/api.h"

/* All arrays and strings are owned by the struct. */
typedef struct cd_image_folder {
    int64_t class_count, file_count;
    int64_t ignored;      /* files below the classes that are not listed */
    int64_t unread_count; /* those of them with a cd_unread_format */
    int64_t nested;       /* classes with pictures only in folders below the class folder */
    int64_t first_nested; /* the label of the first of them; 0 without */
    char **classes;  /* class_count names, sorted by their bytes; a label is an index of these */
    char **paths;    /* file_count paths, which begin with the root as it was given */
    char **unread;   /* unread_count paths, likewise */
    int64_t *labels; /* file_count of them, ascending */
} cd_image_folder;

/* Lists the photographs in the order of torchvision's ImageFolder. The classes are the sub-folders
 * of root, sorted by their bytes. The files of a class are those in its folder and in all folders
 * below, ordered by the path of their folder, then by name. A file is listed if cd_is_picture
 * (torchvision also lists .ppm, .pgm, .tif, .tiff and .webp). Symbolic links are followed; within a
 * class no folder is entered twice. Unlike in torchvision, folders and files whose names begin with
 * a dot (.ipynb_checkpoints, ._photo.jpg) and folders that systems leave behind (__MACOSX, @eaDir,
 * ...) are left out. Time is n log n in the number of files and folders.
 *
 * False, with *out as it was: CD_ERR_IO when a folder cannot be read; CD_ERR_FORMAT when there is
 * no class, a class has no picture, or a class's name is not UTF-8; CD_ERR_MEMORY. */
bool cd_image_folder_list(const char *root, cd_image_folder *out);

/* Zeroes the struct. A zeroed struct and NULL are allowed. */
void cd_image_folder_free(cd_image_folder *folder);

#endif
