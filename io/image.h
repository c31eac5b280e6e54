/* Pictures as tensors: JPEG, PNG and BMP files, prepared as a model expects them. */
#ifndef CANDELA_IO_IMAGE_H
#define CANDELA_IO_IMAGE_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* A recipe that turns a picture of any size into the numbers a model reads. The steps, in this
 * order, as torchvision's Resize, CenterCrop, ToTensor and Normalize take them over a PIL image:
 *   1. with channels = 1, RGB becomes grey by PIL's formula;
 *   2. the shorter side is resized to `resize`, bilinear and antialiased, or, with resize = 0, the
 *      whole picture is stretched to the crop's size (small models, such as 28 x 28 digits);
 *   3. crop_width x crop_height from the middle; a picture that is smaller gets zeros around it;
 *   4. with invert, x becomes 255 - x, which brings dark ink on light paper to a model of light
 *      digits on dark, such as MNIST's;
 *   5. (x / 255 - mean) / std per channel. */
typedef struct cd_preprocess {
    int resize;                  /* 0 to 16384 */
    int crop_width, crop_height; /* 1 to 16384 */
    int channels;                /* 3 (RGB) or 1 (grey) */
    bool invert;
    double mean[3], std[3]; /* the first `channels` are used; finite, std above 0 */
} cd_preprocess;

/* ImageNet as torchvision's classifiers were trained on it: shorter side 256, crop 224, mean 0.485
 * 0.456 0.406, std 0.229 0.224 0.225 (ResNet18_Weights.IMAGENET1K_V1.transforms). */
CD_API extern const cd_preprocess cd_preprocess_imagenet;

/* Loads the picture in a file as channels x crop_height x crop_width, float32. The pixels before
 * step 5 are those of PIL, bit for bit. A picture may have at most 65535 pixels a side, and
 * 178,956,970 in all, PIL's limit. The logger gets a warning for damage that leaves the pixels
 * whole, and for an EXIF orientation, which is not applied (torchvision does not either). NULL with
 * CD_ERR_IO, CD_ERR_FORMAT, or CD_ERR_UNSUPPORTED for another format, which the sentence names. */
CD_API cd_tensor *cd_load_image(const char *path, const cd_preprocess *recipe);

CD_END_DECLS

#endif
