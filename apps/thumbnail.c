/* Makes pixels of a prepared picture, and a JPEG file of the pixels.
 *
 * libjpeg reports errors through a function that must not return; ours jumps back into encode. All
 * that the encoder owns is in one struct, so the jump loses nothing. */
#include "apps/thumbnail.h"

#include <setjmp.h>
#include <stdlib.h>

#include <jpeglib.h> /* after stdio.h, which candela.h includes */

/* --- pixels ----------------------------------------------------------------------------------- */

typedef struct pixels {
    unsigned char *value; /* height x width x channels; owned */
    int width, height, channels;
} pixels;

/* The mean of the block x block values of a channel at (h, w), or of those within the picture, as
 * they were before the normalisation: 0 to 255. */
static unsigned char grey_of(const float *channel, int64_t height, int64_t width, int64_t h,
                             int64_t w, int64_t block, double mean, double std)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = h; i < h + block && i < height; i++) {
        for (int64_t k = w; k < w + block && k < width; k++, count++) {
            sum += (double)channel[i * width + k];
        }
    }
    double value = (sum / (double)count * std + mean) * 255;
    return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

static bool make_pixels(pixels *out, const float *x, cd_shape shape, const cd_preprocess *p)
{
    int64_t height = shape.dim[1], width = shape.dim[2], longer = height > width ? height : width;
    int64_t block = (longer + THUMBNAIL_SIDE - 1) / THUMBNAIL_SIDE;
    *out = (pixels){ .width = (int)((width + block - 1) / block),
                     .height = (int)((height + block - 1) / block),
                     .channels = (int)shape.dim[0] };
    unsigned char *to = malloc((size_t)out->width * (size_t)out->height * (size_t)out->channels);
    out->value = to;
    if (!to) return cd_fail(CD_ERR_MEMORY, "out of memory for a thumbnail");
    for (int64_t h = 0; h < height; h += block) {
        for (int64_t w = 0; w < width; w += block) {
            for (int c = 0; c < out->channels; c++) {
                *to++ = grey_of(x + c * height * width, height, width, h, w, block, p->mean[c],
                                p->std[c]);
            }
        }
    }
    return true;
}

/* --- JPEG ------------------------------------------------------------------------------------- */

typedef struct encoder {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jmp_buf back;
    unsigned char *file; /* `bytes` of it; owned */
    unsigned long bytes;
} encoder;

static void on_error(j_common_ptr info)
{
    encoder *e = info->client_data;
    char sentence[JMSG_LENGTH_MAX];
    (*info->err->format_message)(info, sentence);
    (void)cd_fail(CD_ERR_MEMORY, "a thumbnail cannot be made: JPEG: %s", sentence);
    longjmp(e->back, 1);
}

static void on_message(j_common_ptr info, int level)
{
    (void)info;
    (void)level;
}

/* Small pictures are shown enlarged, pixel by pixel: at quality 100 each pixel is within two or
 * three levels of 255. */
static void configure(encoder *e, const pixels *p)
{
    enum { SMALL_QUALITY = 100, QUALITY = 85 };
    bool small = p->width <= THUMBNAIL_SMALL && p->height <= THUMBNAIL_SMALL;
    e->info.image_width = (JDIMENSION)p->width;
    e->info.image_height = (JDIMENSION)p->height;
    e->info.input_components = p->channels;
    e->info.in_color_space = p->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&e->info);
    jpeg_set_quality(&e->info, small ? SMALL_QUALITY : QUALITY, TRUE);
    e->info.optimize_coding = TRUE;
    if (!small) return;
    /* No subsampling of colours. */
    e->info.comp_info[0].h_samp_factor = e->info.comp_info[0].v_samp_factor = 1;
}

static bool encode(encoder *e, const pixels *p)
{
    if (setjmp(e->back)) return false;
    jpeg_create_compress(&e->info);
    jpeg_mem_dest(&e->info, &e->file, &e->bytes);
    configure(e, p);
    jpeg_start_compress(&e->info, TRUE);
    size_t row = (size_t)p->width * (size_t)p->channels;
    while (e->info.next_scanline < e->info.image_height) {
        JSAMPROW line = p->value + e->info.next_scanline * row;
        (void)jpeg_write_scanlines(&e->info, &line, 1);
    }
    jpeg_finish_compress(&e->info);
    return true;
}

/* Takes the memory for the file, so much that libjpeg never takes more: after an error it would not
 * say where that is. The bound is TurboJPEG's for colours that are not subsampled (tjBufSize). */
static encoder *make_encoder(const pixels *p)
{
    encoder *e = calloc(1, sizeof *e);
    size_t width = ((size_t)p->width + 15) / 16 * 16, height = ((size_t)p->height + 15) / 16 * 16;
    size_t room = width * height * 6 + 2048;
    if (e) e->file = malloc(room);
    if (e && e->file) {
        e->bytes = room;
        return e;
    }
    free(e);
    (void)cd_fail(CD_ERR_MEMORY, "out of memory for a thumbnail");
    return NULL;
}

static bool encode_pixels(thumbnail *out, const pixels *p)
{
    encoder *e = make_encoder(p);
    if (!e) return false;
    e->info.err = jpeg_std_error(&e->errors);
    e->errors.error_exit = on_error;
    e->errors.emit_message = on_message;
    e->info.client_data = e;
    bool done = encode(e, p);
    jpeg_destroy_compress(&e->info);
    *out = (thumbnail){ e->file, e->bytes, p->width, p->height };
    free(e);
    if (!done) thumbnail_free(out);
    return done;
}

bool thumbnail_make(thumbnail *out, const float *x, cd_shape shape, const cd_preprocess *preprocess)
{
    *out = (thumbnail){ .bytes = 0 };
    if (shape.ndim != 3 || (shape.dim[0] != 1 && shape.dim[0] != 3) || shape.dim[1] < 1 ||
        shape.dim[2] < 1) {
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "a thumbnail is made of 1 or 3 channels x height x width, not of %s",
                       cd_shape_text(shape, text));
    }
    pixels p;
    bool done = make_pixels(&p, x, shape, preprocess) && encode_pixels(out, &p);
    free(p.value);
    return done;
}

bool thumbnail_of_sample(thumbnail *out, cd_dataset *set, int64_t index)
{
    CD_SCOPE();
    *out = (thumbnail){ .bytes = 0 };
    cd_tensor *x = NULL;
    if (!cd_dataset_batch(set, &index, 1, .x = &x)) return false;
    const float *value = cd_data(x);
    const cd_preprocess preprocess = cd_dataset_preprocess(set);
    return value && thumbnail_make(out, value, cd_dataset_sample_shape(set), &preprocess);
}

void thumbnail_free(thumbnail *t)
{
    free(t->jpeg);
    *t = (thumbnail){ .bytes = 0 };
}
