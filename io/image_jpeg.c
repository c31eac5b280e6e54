/* The decoder of JPEG files: libjpeg-turbo with its defaults (integer slow DCT, fancy upsampling),
 * which are PIL's.
 *
 * libjpeg reports errors through a function that must not return; ours jumps back into read_image.
 * All that the decoder owns is in one struct of cd_jpeg_decode, so the jump loses nothing. The
 * whole file is in memory. When libjpeg asks for bytes behind its end, the source "suspends", and a
 * call of libjpeg that then cannot go on tells that the file was cut short. (libjpeg's own sources
 * would invent an end marker and fill the rest with grey.) */
#include "io/image_format_internal.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h> /* JERR_OUT_OF_MEMORY; after jpeglib.h */

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"

typedef struct reader {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    const cd_image_source *file;
    cd_pixels pixels;
    char warning[JMSG_LENGTH_MAX]; /* libjpeg's first warning; "" without one */
    size_t warning_at;             /* its offset in the file */
} reader;

static reader *reader_of(j_common_ptr info)
{
    return info->client_data;
}

/* A sentence on a sound file in a form that libjpeg does not read; NULL when libjpeg's error is
 * about damage. Sentences with a number are written to `sentence`. */
static const char *unsupported(const struct jpeg_error_mgr *errors, char *sentence, size_t size)
{
    int number = errors->msg_parm.i[0];
    switch (errors->msg_code) {
    case JERR_IMAGE_TOO_BIG:
        return "a side is longer than 65500 pixels, the most that JPEG is read with";
    case JERR_EMPTY_IMAGE:
        return "the header says 0 rows or columns; a height that comes after the pixels (DNL) is "
               "not read";
    case JERR_ARITH_NOTIMPL:
        return "arithmetic coding, which this libjpeg was built without";
    case JERR_BAD_PRECISION:
        (void)snprintf(sentence, size, "%d bits per sample; 8 are read", number);
        return sentence;
    case JERR_SOF_UNSUPPORTED:
        (void)snprintf(
            sentence, size,
            "its way of coding (marker %02x: lossless or hierarchical) is not read; save it "
            "as ordinary JPEG or PNG",
            (unsigned)number);
        return sentence;
    case JERR_UNKNOWN_MARKER:
        return number == 0xf7
                   ? "this is JPEG-LS, which is not read; save it as ordinary JPEG or PNG"
                   : NULL;
    default:
        return NULL;
    }
}

/* The offset in the file up to which libjpeg has read. */
static size_t position(const reader *r)
{
    return r->file->size - r->source.bytes_in_buffer;
}

/* libjpeg's error_exit. */
static void on_error(j_common_ptr info)
{
    reader *r = reader_of(info);
    char sentence[JMSG_LENGTH_MAX], own[JMSG_LENGTH_MAX];
    (*info->err->format_message)(info, sentence);
    const char *reason = unsupported(info->err, own, sizeof own);
    if (info->err->msg_code == JERR_OUT_OF_MEMORY) {
        cd_fail(CD_ERR_MEMORY, "%s: JPEG: %s", r->file->name, sentence);
    } else if (reason) {
        cd_fail(CD_ERR_UNSUPPORTED, "%s: JPEG: %s", r->file->name, reason);
    } else {
        cd_fail(CD_ERR_FORMAT, "%s: JPEG: damaged near byte %zu: %s", r->file->name, position(r),
                sentence);
    }
    longjmp(r->back, 1);
}

/* libjpeg's emit_message: level -1 is a warning, 0 and above are traces. */
static void on_message(j_common_ptr info, int level)
{
    if (level >= 0) return;
    reader *r = reader_of(info);
    if (info->err->num_warnings++ > 0) return;
    (*info->err->format_message)(info, r->warning);
    r->warning_at = position(r);
}

static void output_nothing(j_common_ptr info)
{
    (void)info;
}

/* libjpeg's progress_monitor. A file of a few kilobytes may declare thousands of empty scans, each
 * of which takes a pass over the whole picture. */
static void limit_scans(j_common_ptr info)
{
    reader *r = reader_of(info);
    if (r->info.input_scan_number <= CD_IMAGE_MAX_SCANS) return;
    cd_fail(CD_ERR_UNSUPPORTED, "%s: JPEG: more than %d scans", r->file->name, CD_IMAGE_MAX_SCANS);
    longjmp(r->back, 1);
}

/* --- the source: a file in memory ------------------------------------------------------------- */

static void source_nothing(j_decompress_ptr info)
{
    (void)info;
}

/* Called when all bytes are used: FALSE suspends. */
static boolean source_at_end(j_decompress_ptr info)
{
    (void)info;
    return FALSE;
}

static void source_skip(j_decompress_ptr info, long count)
{
    struct jpeg_source_mgr *source = info->src;
    if (count <= 0) return;
    size_t step = (size_t)count;
    if (step > source->bytes_in_buffer) step = source->bytes_in_buffer;
    source->next_input_byte += step;
    source->bytes_in_buffer -= step;
}

/* --- the header ------------------------------------------------------------------------------- */

static bool truncated(const reader *r)
{
    return cd_fail(CD_ERR_FORMAT, "%s: JPEG: the image file is truncated: it ends after %zu bytes",
                   r->file->name, r->file->size);
}

/* Whether the file can hold the pixels that it declares: each unit of 8 x 8 samples times the
 * sampling factors takes a Huffman code, of one bit at least. Asked before memory is taken. */
static bool large_enough(const reader *r)
{
    const struct jpeg_decompress_struct *info = &r->info;
    if (info->arith_code) return true;
    size_t unit_width = 8 * (size_t)info->max_h_samp_factor;
    size_t unit_height = 8 * (size_t)info->max_v_samp_factor;
    size_t units = (info->image_width + unit_width - 1) / unit_width *
                   ((info->image_height + unit_height - 1) / unit_height);
    return units / 8 <= r->file->size;
}

/* Whether the pixels and libjpeg's coefficients fit into the memory limit. For a file of several
 * scans libjpeg holds all coefficients, 2 bytes each; it cannot take them from the library's
 * allocator. */
static bool within_limit(reader *r)
{
    struct jpeg_decompress_struct *info = &r->info;
    if (!jpeg_has_multiple_scans(info)) return true;
    size_t bytes = (size_t)info->image_width * info->image_height * 3;
    for (int i = 0; i < info->num_components; i++) {
        const jpeg_component_info *c = &info->comp_info[i];
        bytes += (size_t)c->width_in_blocks * c->height_in_blocks * DCTSIZE2 * sizeof(JCOEF);
    }
    return cd_memory_within_limit(bytes) || cd_memory_refused(bytes);
}

/* From the APP1 marker that has EXIF; 0 without one. */
static int orientation_of(const reader *r)
{
    static const char exif[6] = "Exif\0";
    for (jpeg_saved_marker_ptr m = r->info.marker_list; m; m = m->next) {
        if (m->data_length < sizeof exif || memcmp(m->data, exif, sizeof exif) != 0) continue;
        return cd_exif_orientation(m->data + sizeof exif, m->data_length - sizeof exif);
    }
    return 0;
}

static bool read_header(reader *r)
{
    if (jpeg_read_header(&r->info, TRUE) != JPEG_HEADER_OK) return truncated(r);
    if (!cd_image_size_allowed(r->file, "JPEG", r->info.image_width, r->info.image_height)) {
        return false;
    }
    int components = r->info.num_components;
    if (components != 1 && components != 3 && components != 4) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: JPEG: %d components; 1, 3 and 4 are read",
                       r->file->name, components);
    }
    return large_enough(r) ? within_limit(r) : truncated(r);
}

/* --- pixels ----------------------------------------------------------------------------------- */

static bool read_rgb(reader *r)
{
    size_t row_bytes = (size_t)r->pixels.width * 3;
    while (r->info.output_scanline < r->info.output_height) {
        JSAMPROW row = r->pixels.data + r->info.output_scanline * row_bytes;
        if (jpeg_read_scanlines(&r->info, &row, 1) != 1) return truncated(r);
    }
    return true;
}

/* a * b / 255, rounded, as PIL computes it. */
static unsigned scale_255(unsigned a, unsigned b)
{
    unsigned product = a * b + 128;
    return ((product >> 8) + product) >> 8;
}

/* CMYK to RGB. The four components c, m, y, k are stored inverted, 255 for no ink, as Adobe's
 * programs write them; PIL assumes so for every such file. With C = 255 - c and K = 255 - k, red is
 * (255 - K) (255 - C) / 255 = k - k C / 255, and green and blue likewise. */
static bool read_cmyk(reader *r)
{
    size_t width = (size_t)r->pixels.width;
    JSAMPARRAY line = (*r->info.mem->alloc_sarray)((j_common_ptr)&r->info, JPOOL_IMAGE,
                                                   (JDIMENSION)(width * 4), 1);
    while (r->info.output_scanline < r->info.output_height) {
        unsigned char *rgb = r->pixels.data + r->info.output_scanline * width * 3;
        if (jpeg_read_scanlines(&r->info, line, 1) != 1) return truncated(r);
        const JSAMPLE *cmyk = line[0];
        for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
            for (int c = 0; c < 3; c++) {
                unsigned ink = 255u - cmyk[c], k = cmyk[3];
                rgb[c] = (unsigned char)(k - scale_255(ink, k));
            }
        }
    }
    return true;
}

/* --- the whole file --------------------------------------------------------------------------- */

static bool read_image(reader *r)
{
    r->info.err = jpeg_std_error(&r->errors);
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    r->errors.output_message = output_nothing;
    r->info.client_data = r;
    if (setjmp(r->back)) return false;
    jpeg_create_decompress(&r->info);
    r->progress.progress_monitor = limit_scans;
    r->info.progress = &r->progress;
    r->source = (struct jpeg_source_mgr){
        .next_input_byte = r->file->bytes,
        .bytes_in_buffer = r->file->size,
        .init_source = source_nothing,
        .fill_input_buffer = source_at_end,
        .skip_input_data = source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = source_nothing,
    };
    r->info.src = &r->source;
    jpeg_save_markers(&r->info, JPEG_APP0 + 1, 0xffff);
    if (!read_header(r)) return false;
    bool cmyk = r->info.num_components == 4;
    r->info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    if (!cd_pixels_new((int)r->info.image_width, (int)r->info.image_height, 3, &r->pixels)) {
        return false;
    }
    if (!jpeg_start_decompress(&r->info)) return truncated(r);
    if (cmyk ? !read_cmyk(r) : !read_rgb(r)) return false;
    r->pixels.orientation = orientation_of(r);
    /* As in PIL, a missing end marker is only a warning once all rows are there. */
    if (!jpeg_finish_decompress(&r->info) && r->errors.num_warnings++ == 0) {
        (void)snprintf(r->warning, sizeof r->warning, "no end marker (EOI) behind the pixels");
        r->warning_at = position(r);
    }
    return true;
}

bool cd_jpeg_decode(const cd_image_source *source, cd_pixels *out)
{
    reader r;
    memset(&r, 0, sizeof r);
    r.file = source;
    bool done = read_image(&r);
    if (done) {
        r.pixels.warnings = (int)r.errors.num_warnings;
        *out = r.pixels;
        if (r.warning[0]) {
            cd_log_line(CD_LOG_WARNING,
                        "%s: JPEG: damaged near byte %zu, and decoded as PIL does: %s",
                        source->name, r.warning_at, r.warning);
        }
    } else {
        cd_pixels_free(&r.pixels);
    }
    jpeg_destroy_decompress(&r.info);
    return done;
}
