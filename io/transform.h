/* Transforms: random changes of samples and of batches while a model is trained
 * (torchvision.transforms.v2). docs/augmentation.md shows each.
 *
 *     const cd_transform augment[] = {
 *         cd_random_crop(32, .padding = 4),
 *         cd_random_horizontal_flip(),
 *     };
 *     cd_loader *l = cd_loader_new(set, .batch_size = 64, .shuffle = true,
 *                                  .transforms = augment, .transform_count = 2);
 *
 * or, for one sample, x = cd_transforms_apply(augment, 2, x, generator).
 *
 * A transform is a small value: a function and its settings. A constructor that is given a wrong
 * setting sets CD_ERR_ARGUMENT and returns a transform without a function, which cannot be applied.
 *
 * A sample of the library's own transforms is a picture: a float32 tensor of channels x height x
 * width on the CPU. Another dtype is CD_ERR_DTYPE, another shape or an empty one CD_ERR_SHAPE,
 * another device CD_ERR_DEVICE. The result is a new tensor, or x itself where nothing changes. No
 * gradient is recorded.
 *
 * Numbers. The random draws are those of torchvision 0.29's transforms of the same name, in the
 * same order: with the same seed the same crop, angle and factors. (A side of RandomResizedCrop or
 * RandomErasing comes from exp in float32, which is another library's: where it falls on the middle
 * between two whole numbers to the last bit, the side may differ by 1.) Flips, crops, erasing and
 * the nearest rotation give torchvision's numbers bit for bit (where PyTorch's matrix product
 * rounds a product and a sum once instead of twice, about one rotated pixel in a million is its
 * neighbour), resizing, colours and noise (that of erasing too) to about 1e-6, bilinear rotation to
 * about 1e-7 for each pixel of the side. Pictures that are resized to one column are right here;
 * PyTorch 2.15 copies their first row to all others, unless antialias is False.
 *
 * Levels. Samples of a data set are normalised: (level - mean) / std, with the mean and std of its
 * cd_preprocess. Transforms whose settings are levels of a picture, from 0 (black) to 1 (white),
 * take .mean and .std: they work on x std + mean, as torchvision's do where Normalize comes behind
 * them, and normalise again. Without them mean is 0 and std 1: x is what it is. The first
 * `channels` of both count.
 *
 * Several threads may apply the same transform at once. Options are left out as everywhere: a 0 is
 * the default, and CD_ZERO is 0. */
#ifndef CANDELA_IO_TRANSFORM_H
#define CANDELA_IO_TRANSFORM_H

#include "core/api.h"
#include "core/random.h"
#include "core/tensor.h"
#include "io/batch.h"
#include "io/image.h"

CD_BEGIN_DECLS

typedef struct cd_transform cd_transform;

/* Changes one sample and returns the new one, handed out, which may be x itself; NULL with an
 * error. It does not write to x. Several threads call it at once: `t` is const, and random numbers
 * come from `g` (NULL is the default generator). */
typedef cd_tensor *cd_transform_fn(const cd_transform *t, cd_tensor *x, cd_generator *g);

enum { CD_TRANSFORM_VALUES = 24, CD_BATCH_TRANSFORM_VALUES = 4 };

/* A transform of one's own has a name, a function, and perhaps a context and values. */
struct cd_transform {
    const char *name; /* what error sentences call it; borrowed */
    cd_transform_fn *apply;
    const void *context; /* borrowed */
    double value[CD_TRANSFORM_VALUES];
};

/* Applies `count` transforms to one sample, in their order. Returns the last one's result, handed
 * out; NULL with an error. g = NULL is the default generator. CD_ERR_ARGUMENT for a transform
 * without a function. */
CD_API cd_tensor *cd_transforms_apply(const cd_transform *transforms, int count, cd_tensor *x,
                                      cd_generator *g);

/* --- flips ------------------------------------------------------------------------------------ */

typedef struct cd_flip_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    double p; /* the probability of a flip; default 0.5 */
} cd_flip_options;

/* torchvision's RandomHorizontalFlip: left becomes right. */
CD_API cd_transform cd_random_horizontal_flip_with(cd_flip_options options);
#define cd_random_horizontal_flip(...)                                                             \
    cd_random_horizontal_flip_with((cd_flip_options){ .x = NULL, __VA_ARGS__ })
/* torchvision's RandomVerticalFlip: top becomes bottom. */
CD_API cd_transform cd_random_vertical_flip_with(cd_flip_options options);
#define cd_random_vertical_flip(...)                                                               \
    cd_random_vertical_flip_with((cd_flip_options){ .x = NULL, __VA_ARGS__ })

/* --- crops and sizes -------------------------------------------------------------------------- */

/* Sides are 1 to 65536 pixels everywhere. */

typedef enum cd_picture_padding {
    CD_PICTURE_PADDING_CONSTANT = 0, /* .fill */
    CD_PICTURE_PADDING_EDGE,         /* the outermost pixel again and again */
    CD_PICTURE_PADDING_REFLECT,  /* mirrored, without the outermost pixel: padding below the side */
    CD_PICTURE_PADDING_SYMMETRIC /* mirrored with it: padding up to the side */
} cd_picture_padding;

typedef struct cd_random_crop_options {
    int height, width; /* of the result; width 0: height */
    CD_GUARD_;
    int padding;         /* pixels added on each side before the crop, 0 to 65536 */
    int padding_each[4]; /* or: left, top, right, bottom */
    bool pad_if_needed;  /* a picture that is too small gets what is missing on both sides */
    cd_picture_padding padding_mode;
    double fill;            /* level of the pixels added by CONSTANT */
    double mean[3], std[3]; /* see above */
} cd_random_crop_options;

/* torchvision's RandomCrop: cd_random_crop(32, .padding = 4), cd_random_crop(24, 32). A second
 * number is the width; in torchvision it is the padding. A picture that is smaller than the crop is
 * CD_ERR_SHAPE when it is applied. */
CD_API cd_transform cd_random_crop_with(cd_random_crop_options options);
#define cd_random_crop(...) cd_random_crop_with((cd_random_crop_options){ .height = __VA_ARGS__ })

typedef struct cd_center_crop_options {
    int height, width; /* of the result; width 0: height */
    CD_GUARD_;
    double fill; /* level around a picture that is smaller than the crop */
    double mean[3], std[3];
} cd_center_crop_options;

/* torchvision's CenterCrop, which is not random. */
CD_API cd_transform cd_center_crop_with(cd_center_crop_options options);
#define cd_center_crop(...) cd_center_crop_with((cd_center_crop_options){ .height = __VA_ARGS__ })

typedef struct cd_resize_picture_options {
    int height, width; /* of the result; width 0: the shorter side becomes `height` */
    CD_GUARD_;
    bool no_antialias; /* torchvision's antialias=False */
} cd_resize_picture_options;

/* torchvision's Resize, bilinear, which is not random. */
CD_API cd_transform cd_resize_picture_with(cd_resize_picture_options options);
#define cd_resize_picture(...)                                                                     \
    cd_resize_picture_with((cd_resize_picture_options){ .height = __VA_ARGS__ })

typedef struct cd_random_resized_crop_options {
    int height, width; /* of the result; width 0: height */
    CD_GUARD_;
    double scale[2];   /* the part of the area that is taken, above 0; default 0.08 to 1 */
    double ratio[2];   /* width / height of that part, above 0; default 3/4 to 4/3 */
    bool no_antialias; /* torchvision's antialias=False */
} cd_random_resized_crop_options;

/* torchvision's RandomResizedCrop, bilinear: a random part of the picture at the wanted size. */
CD_API cd_transform cd_random_resized_crop_with(cd_random_resized_crop_options options);
#define cd_random_resized_crop(...)                                                                \
    cd_random_resized_crop_with((cd_random_resized_crop_options){ .height = __VA_ARGS__ })

/* --- rotation --------------------------------------------------------------------------------- */

typedef struct cd_random_rotation_options {
    double degrees; /* from -degrees to degrees, anticlockwise */
    CD_GUARD_;
    double degrees_range[2]; /* or: from and to, if they are not both 0 */
    bool bilinear;           /* torchvision's default is the nearest pixel, and so is this */
    bool expand; /* not supported: pictures of different sizes could not be stacked to a batch */
    double fill; /* level of what lies outside the picture */
    double mean[3], std[3];
} cd_random_rotation_options;

/* torchvision's RandomRotation: cd_random_rotation(10), around the middle. The size stays. */
CD_API cd_transform cd_random_rotation_with(cd_random_rotation_options options);
#define cd_random_rotation(...)                                                                    \
    cd_random_rotation_with((cd_random_rotation_options){ .degrees = __VA_ARGS__ })

typedef struct cd_random_affine_options {
    double degrees; /* from -degrees to degrees, clockwise as in torchvision */
    CD_GUARD_;
    double degrees_range[2]; /* or: from and to, if they are not both 0 */
    double translate[2];     /* the largest shift, as parts of width and height, 0 to 1 */
    double scale[2];         /* a factor from and to, above 0; default: no scaling */
    double shear[4];         /* degrees: x from, x to, y from, y to; default: none */
    bool bilinear;
    double fill;
    double mean[3], std[3];
} cd_random_affine_options;

/* torchvision's RandomAffine: a rotation, shift, scaling and shearing around the middle. A shear
 * whose y part is 0 to 0 draws no number for y, as shear=(from, to) in torchvision. */
CD_API cd_transform cd_random_affine_with(cd_random_affine_options options);
#define cd_random_affine(...)                                                                      \
    cd_random_affine_with((cd_random_affine_options){ .degrees = __VA_ARGS__ })

/* --- colours: pictures of 1 or 3 channels ----------------------------------------------------- */

typedef struct cd_color_jitter_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    /* A factor from 1 - value (not below 0) to 1 + value. Default 0: unchanged. */
    double brightness, contrast, saturation;
    double hue; /* a shift from -hue to hue, as a part of the colour circle, 0 to 0.5 */
    /* Or from and to, if they are not both 0. */
    double brightness_range[2], contrast_range[2], saturation_range[2], hue_range[2];
    double mean[3], std[3];
} cd_color_jitter_options;

/* torchvision's ColorJitter: the four changes in random order, each cut to levels from 0 to 1. One
 * channel has brightness and contrast alone. */
CD_API cd_transform cd_color_jitter_with(cd_color_jitter_options options);
#define cd_color_jitter(...)                                                                       \
    cd_color_jitter_with((cd_color_jitter_options){ .x = NULL, __VA_ARGS__ })

typedef struct cd_random_grayscale_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    double p; /* default 0.1 */
    double mean[3], std[3];
} cd_random_grayscale_options;

/* torchvision's RandomGrayscale: all channels become 0.2989 red + 0.587 green + 0.114 blue. */
CD_API cd_transform cd_random_grayscale_with(cd_random_grayscale_options options);
#define cd_random_grayscale(...)                                                                   \
    cd_random_grayscale_with((cd_random_grayscale_options){ .x = NULL, __VA_ARGS__ })

/* --- noise and erasing ------------------------------------------------------------------------ */

typedef struct cd_gaussian_noise_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    double sigma; /* standard deviation of the noise, a level; default 0.1 */
    double shift; /* mean of the noise (torchvision's mean) */
    bool no_clip; /* without it levels are cut to 0 to 1 */
    double mean[3], std[3];
} cd_gaussian_noise_options;

/* torchvision's GaussianNoise. */
CD_API cd_transform cd_gaussian_noise_with(cd_gaussian_noise_options options);
#define cd_gaussian_noise(...)                                                                     \
    cd_gaussian_noise_with((cd_gaussian_noise_options){ .x = NULL, __VA_ARGS__ })

typedef struct cd_random_erasing_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    double p;        /* default 0.5 */
    double scale[2]; /* the part of the area that is erased; default 0.02 to 0.33 */
    double ratio[2]; /* height / width of that part, above 0; default 0.3 to 3.3 */
    /* What is written, not a level but a value of x (erasing comes behind Normalize as a rule):
     * default 0, in a normalised sample the mean. */
    double value;
    bool random; /* or normal numbers (torchvision's value="random") */
} cd_random_erasing_options;

/* torchvision's RandomErasing. When ten drawn parts do not fit, the picture stays as it is. */
CD_API cd_transform cd_random_erasing_with(cd_random_erasing_options options);
#define cd_random_erasing(...)                                                                     \
    cd_random_erasing_with((cd_random_erasing_options){ .x = NULL, __VA_ARGS__ })

typedef struct cd_normalize_channels_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    double mean[3], std[3]; /* std above 0; default 1 */
} cd_normalize_channels_options;

/* torchvision's Normalize: (x - mean) / std for each of 1 to 3 channels. Not random. */
CD_API cd_transform cd_normalize_channels_with(cd_normalize_channels_options options);
#define cd_normalize_channels(...)                                                                 \
    cd_normalize_channels_with((cd_normalize_channels_options){ .x = NULL, __VA_ARGS__ })

/* --- several transforms as one ---------------------------------------------------------------- */

typedef struct cd_random_apply_options {
    const cd_transform *transforms; /* borrowed while the result is used */
    int count;                      /* 1 or more */
    CD_GUARD_;
    double p; /* default 0.5 */
} cd_random_apply_options;

/* torchvision's RandomApply: with probability p all of the transforms, else none. Lists may be in
 * each other, 16 deep. */
CD_API cd_transform cd_random_apply_with(cd_random_apply_options options);
#define cd_random_apply(transforms_, ...)                                                          \
    cd_random_apply_with(                                                                          \
        (cd_random_apply_options){ .transforms = transforms_, .count = __VA_ARGS__ })

/* --- batches ---------------------------------------------------------------------------------- */

typedef struct cd_batch_transform cd_batch_transform;

/* Changes a batch: sets b->x and b->y to new tensors, handed out, and does not write to the old
 * ones. False with an error. Several threads call it at once, with different batches. */
typedef bool cd_batch_transform_fn(const cd_batch_transform *t, cd_batch *b, cd_generator *g);

struct cd_batch_transform {
    const char *name;
    cd_batch_transform_fn *apply;
    const void *context; /* borrowed */
    double value[CD_BATCH_TRANSFORM_VALUES];
};

/* Applies `count` transforms to a batch, in their order. False with an error; *b is then as it
 * was. */
CD_API bool cd_batch_transforms_apply(const cd_batch_transform *transforms, int count, cd_batch *b,
                                      cd_generator *g);

typedef struct cd_mix_options {
    int64_t classes; /* 1 or more; 0 if y is probabilities already */
    CD_GUARD_;
    double alpha; /* above 0, of the distribution Beta(alpha, alpha) of lambda; default 1 */
} cd_mix_options;

/* torchvision's MixUp: cd_mixup(10, .alpha = 0.2). With one lambda for the batch, sample i becomes
 * lambda x[i] + (1 - lambda) x[i - 1], where the sample before the first is the last one. y, N
 * class numbers or N x K float32 probabilities, is mixed alike to N x K float32 (cd_cross_entropy
 * takes them). x is float32 with N samples, of any shape. */
CD_API cd_batch_transform cd_mixup_with(cd_mix_options options);
#define cd_mixup(...) cd_mixup_with((cd_mix_options){ .classes = __VA_ARGS__ })

/* torchvision's CutMix, for x of N x C x H x W: a box of x[i] is that of x[i - 1], and y is mixed
 * by the box's part of the area. */
CD_API cd_batch_transform cd_cutmix_with(cd_mix_options options);
#define cd_cutmix(...) cd_cutmix_with((cd_mix_options){ .classes = __VA_ARGS__ })

/* --- as a text -------------------------------------------------------------------------------- */

/* Transforms in the words of a command line, "crop 4, flip, jitter 0.2, mixup 0.2":
 *
 *     text     = [ item { "," item } ]                   empty, or "none": no transforms
 *     item     = word { number } { key { number } }
 *
 *     flip [P]                       left to right, with probability P
 *     vflip [P]                      top to bottom
 *     crop [PADDING] [sides LEFT TOP RIGHT BOTTOM] [edge | reflect | symmetric] [fill LEVEL]
 *     resized-crop [MIN MAX] [ratio MIN MAX]             MIN MAX: the part of the area
 *     rotate DEGREES | FROM TO  [bilinear] [fill LEVEL]
 *     affine DEGREES | FROM TO  [shift X Y] [scale MIN MAX] [shear XMIN XMAX YMIN YMAX]
 *                               [bilinear] [fill LEVEL]
 *     jitter [AMOUNT] [brightness V | MIN MAX] [contrast ...] [saturation ...] [hue ...]
 *                                    AMOUNT: of brightness, contrast and saturation
 *     gray [P]
 *     noise [SIGMA] [shift LEVEL] [no-clip]
 *     erase [P] [scale MIN MAX] [ratio MIN MAX] [value V | random]
 *     mixup [ALPHA], cutmix [ALPHA]  for batches
 *
 * What is left out has the default of the constructor above. crop and resized-crop give pictures of
 * the size they get: that of the recipe. */
enum { CD_AUGMENTATION_MAX = 16, CD_AUGMENTATION_TEXT = 8192 };

typedef struct cd_augmentation {
    cd_transform transforms[CD_AUGMENTATION_MAX];
    int transform_count;
    cd_batch_transform batch_transforms[CD_AUGMENTATION_MAX];
    int batch_transform_count;
} cd_augmentation;

/* Reads such a text. The recipe, that of the data set, says the size of samples, their channels,
 * mean and std; `classes` is for mixup and cutmix. False with CD_ERR_ARGUMENT and a sentence that
 * names the word that is wrong and what would be right; *out is then empty. */
CD_API bool cd_augmentation_from_text(const char *text, const cd_preprocess *recipe,
                                      int64_t classes, cd_augmentation *out);

/* Writes the text that cd_augmentation_from_text reads as the same transforms, to `out` of `size`
 * bytes; CD_AUGMENTATION_TEXT are enough for what that function read. Batch transforms come last.
 * False with CD_ERR_UNSUPPORTED for a transform that no text gives, such as one of one's own or a
 * crop of another size, and with CD_ERR_ARGUMENT when `size` is too small; *out is then "". */
CD_API bool cd_augmentation_to_text(const cd_augmentation *a, const cd_preprocess *recipe,
                                    int64_t classes, char *out, size_t size);

CD_END_DECLS

#endif
