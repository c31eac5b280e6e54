/* Small pictures in a terminal, in block characters. */
#ifndef CANDELA_APPS_PICTURE_H
#define CANDELA_APPS_PICTURE_H

#include <candela.h>

/* Whether standard output is a terminal whose locale has block characters. */
bool can_show_pictures(void);

/* Shows a picture of 1 x height x width, prepared by the recipe, as rows of characters that stand
 * for two pixels each; nothing, when it is larger than 64 x 64, wider
 * than the terminal, or has colours. */
void show_picture(const float *x, const cd_preprocess *recipe);

#endif
