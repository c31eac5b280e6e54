/* For the files of transforms: a sample as a picture, levels and values, settings, and draws. */
#ifndef CANDELA_IO_TRANSFORMS_TRANSFORM_INTERNAL_H
#define CANDELA_IO_TRANSFORMS_TRANSFORM_INTERNAL_H

#include "core/random_internal.h"
#include "io/transform.h"

/* --- settings --------------------------------------------------------------------------------- */

/* The longest side of a result and the widest padding; and of a picture that is given. */
enum { CD_TRANSFORM_MAX_SIDE = 65536, CD_PICTURE_MAX_SIDE = 1 << 28 };

/* In cd_transform.value: mean and std come first, in the transforms that have them, and the file of
 * a transform says what is where from CD_VALUE_OWN on. */
enum { CD_VALUE_MEAN = 0, CD_VALUE_STD = 3, CD_VALUE_OWN = 6 };

/* Writes mean and std to value[0] to value[5]; a std of 0 becomes 1. */
void cd_setting_levels(double *value, const double *mean, const double *std);

/* False with CD_ERR_ARGUMENT, and a sentence that begins with `name`, unless the setting is ... */

/* ... a mean and std: finite, and std above 0. */
bool cd_check_levels(const char *name, const double *value);
/* ... from `least` to `most`. `setting` is its name, ".p". */
bool cd_check_setting(const char *name, const char *setting, double value, double least,
                      double most);
/* ... two numbers, the first not above the second, both from `least` to `most`. */
bool cd_check_range(const char *name, const char *setting, const double *range, double least,
                    double most);

/* range[0] and range[1] become the option's, or where both are 0, the standard ones. */
void cd_setting_range(double *range, const double *option, double from, double to);

/* --- samples ---------------------------------------------------------------------------------- */

/* A sample: channels x height x width floats without gaps. */
typedef struct cd_picture {
    int64_t channels, height, width;
    const float *data;
} cd_picture;

/* Reads x as a picture. False with an error that names the transform. */
bool cd_picture_open(const char *name, cd_tensor *x, cd_picture *picture);
/* As cd_picture_open, for a transform of colours: 1 or 3 channels. */
bool cd_picture_open_colors(const char *name, cd_tensor *x, cd_picture *picture);
/* A new tensor of these sizes, contents undefined, for cd_hand. *data becomes its elements. */
cd_tensor *cd_picture_new(const char *name, int64_t channels, int64_t height, int64_t width,
                          float **data);

/* How levels become values: value = (level - mean) / std. */
typedef struct cd_levels {
    bool plain; /* mean 0 and std 1 for all channels */
    float mean[3], std[3];
} cd_levels;

/* Of a transform's mean and std. False with CD_ERR_SHAPE for a picture of more than 3 channels,
 * unless they are 0 and 1. */
bool cd_levels_open(const char *name, const double *value, int64_t channels, cd_levels *levels);
/* The value of a level in a channel, for a transform that checked cd_levels_open. */
float cd_level_value(const double *value, int64_t channel, double level);

/* --- draws ------------------------------------------------------------------------------------ */

/* A transform locks its generator for all its draws. False with an error for a pointer that is no
 * generator, or while a graph is being captured. */
bool cd_draws_begin(const char *name, const cd_generator *g, cd_generator_state **state);

/* torch.empty(1).uniform_(from, to).item(), for a checked range. */
double cd_draw_uniform(cd_generator_state *state, double from, double to);
/* The sides of a random part of a picture, as torchvision draws them: its share of the picture's
 * area is uniform between scale[0] and scale[1], and the ratio of the two sides between ratio[0]
 * and ratio[1], uniform in its logarithm. Both sides are whole numbers, perhaps of no pixel or of
 * more than the picture has. sides[0] divided by sides[1] is the ratio. */
void cd_draw_sides(cd_generator_state *state, const cd_picture *picture, const double *scale,
                   const double *ratio, double sides[2]);
/* torch.randint(low, high, (1,)).item(), for low below high. */
int64_t cd_draw_integer(cd_generator_state *state, int64_t low, int64_t high);
/* Whether torch.rand(1) is below p. */
bool cd_draw_chance(cd_generator_state *state, double p);
/* torch.distributions.Beta(alpha, alpha).sample(), alpha in float32. */
double cd_draw_beta(cd_generator_state *state, double alpha);

#endif
