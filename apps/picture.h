/* Small pictures on a terminal, drawn in block characters. */
#ifndef CANDELA_APPS_PICTURE_H
#define CANDELA_APPS_PICTURE_H

#include <candela.h>

/* Whether standard output is a terminal with UTF-8, which has block characters. */
bool can_show_pictures(void);

/* Draws a picture `x`, 1 x height x width and prepared by `preprocess`, a character for each two
 * pixels that are one above the other. Draws nothing for a picture that is larger than 64 x 64,
 * wider than the terminal, or in colour. */
void show_picture(const float *x, const cd_preprocess *preprocess);

#endif
