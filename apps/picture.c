/* Draws small pictures in block characters. */
#include "apps/picture.h"

#include <string.h>
#include <unistd.h>

#include "apps/cells.h"
#include "apps/console.h"

bool can_show_pictures(void)
{
    return isatty(STDOUT_FILENO) && locale_is_utf8();
}

/* The brightness, 0 to 1, that a pixel had before it was normalised to x. */
static double brightness(float x, const cd_preprocess *preprocess)
{
    double grey = (double)x * preprocess->std[0] + preprocess->mean[0];
    return grey < 0 ? 0 : grey > 1 ? 1 : grey;
}

void show_picture(const float *x, const cd_preprocess *preprocess)
{
    static const char *const shades[] = { " ", "░", "▒", "▓", "█" };
    enum { SHADES = sizeof shades / sizeof *shades, LARGEST = 64, INDENT = 4 };
    int height = preprocess->crop_height, width = preprocess->crop_width;
    if (preprocess->channels != 1 || height > LARGEST || width > LARGEST) return;
    if (columns_of(stdout) < INDENT + width) return;
    /* A character is about twice as high as wide. */
    for (int h = 0; h < height; h += 2) {
        char row[INDENT + LARGEST * 3 + 1] = "    "; /* a shade has up to three bytes */
        for (int w = 0; w < width; w++) {
            double above = brightness(x[h * width + w], preprocess);
            double below = h + 1 < height ? brightness(x[(h + 1) * width + w], preprocess) : 0;
            strcat(row, shades[(int)((above + below) / 2 * (SHADES - 1) + 0.5)]);
        }
        print_line("%s", row);
    }
}
