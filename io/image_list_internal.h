/* Reading a text file that lists pictures and their classes. */
#ifndef CANDELA_IO_IMAGE_LIST_INTERNAL_H
#define CANDELA_IO_IMAGE_LIST_INTERNAL_H

#include "io/image_folder_internal.h"

/* The most bytes of a list, and the highest number of a class. */
enum { CD_IMAGE_LIST_MAX = 1 << 28, CD_IMAGE_LIST_CLASS_MAX = 65535 };

/* Reads the list at `path`: a line for each picture, with its path and its class.
 *
 *     cats/1.jpg 0              separated by blanks: the class is behind the last of them (Caffe's
 *                               and torchvision's lists)
 *     cats/1.jpg,cat            separated by commas, or by tabs: two fields
 *     label,path,size           with a first line that has the names path and label, the fields
 *     cat,cats/1.jpg,17         below them, and others are ignored
 *
 * The first line says what separates: tabs if it has one, else commas if it has one, else blanks.
 * Every line must have as many fields as the first. A field of commas or tabs may be in double
 * quotes, in which a double quote is written twice. Empty lines are skipped; a line ends with \n or
 * \r\n. Paths are relative to the list's folder.
 *
 * If all classes are whole numbers, a picture's label is that number, and the classes are called
 * "0", "1", ... up to the highest. Else the classes are the names that occur, sorted by their
 * bytes.
 *
 * Pictures keep the order of the list. False, with *out as it was: CD_ERR_IO when the list or a
 * picture is missing; CD_ERR_FORMAT; CD_ERR_MEMORY. Sentences have the number of the line. */
bool cd_image_list_read(const char *path, cd_image_folder *out);

#endif
